"""The evaluators by the name a preset gives them, and the label their log line carries."""

from collections.abc import Callable, Iterator

from torch import Tensor

from training.config import Evaluate
from training.evaluate.plain import isolated, sliding, standard
from training.evaluate.protocol import Event
from training.evaluate.ttt_lora import ttt_lora
from training.evaluate.ttt_sgd import ttt_sgd
from training.model.gpt import Gpt
from training.ranks import Ranks

Evaluator = Callable[[Gpt, Tensor, Evaluate, Ranks], Iterator[Event]]

EVALUATORS: dict[str, tuple[str, Evaluator]] = {
    "standard": ("final_roundtrip", standard),
    "sliding": ("final_sliding_window", sliding),
    "documents": ("final_document_isolated", isolated),
    "ttt-sgd": ("legal_ttt", ttt_sgd),
    "ttt-lora": ("final_ttt_lora", ttt_lora),
}
