"""SentencePiece with the settings of the official variants."""

from collections.abc import Sequence
from pathlib import Path

import sentencepiece

from training.errors import TrainingError

TOKENIZER_FILE = "tokenizer.model"
SPACE = "\u2581"


class Tokenizer:
    """A SentencePiece model, checked for what exact byte counting needs."""

    def __init__(self, path: Path) -> None:
        try:
            self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
        except (OSError, RuntimeError) as error:
            raise TrainingError(f"{path}: not a SentencePiece model") from error
        if self.pieces.piece_to_id(SPACE) == self.pieces.unk_id():
            raise TrainingError(f"{path}: has no piece for a lone space; bytes cannot be counted")
        self.vocab: int = self.pieces.vocab_size()

    def encode(self, text: str) -> list[int]:
        """Token ids of one document, without BOS."""
        return list(self.pieces.encode(text.replace("\0", " ")))

    def decode(self, ids: Sequence[int]) -> str:
        """The text of token ids."""
        return str(self.pieces.decode(list(ids)))

    def normalise(self, text: str) -> str:
        """The text that the tokens spell: what bytes are counted on."""
        return str(self.pieces.normalize(text.replace("\0", " "))).replace(SPACE, " ")


def train_tokenizer(
    texts: Sequence[str], vocab: int, path: Path, marks: Sequence[str] = ()
) -> None:
    """Train BPE pieces on texts and write the model to `path`; each mark is a piece."""
    try:
        with path.open("wb") as file:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(
                    line.replace("\0", " ").strip()
                    for text in texts
                    for line in text.splitlines()
                    if line.strip()
                ),
                model_writer=file,
                model_type="bpe",
                vocab_size=vocab,
                character_coverage=0.999,
                byte_fallback=True,
                split_digits=True,
                normalization_rule_name="nmt_nfkc",
                add_dummy_prefix=False,
                pad_id=0,
                bos_id=1,
                eos_id=2,
                unk_id=3,
                hard_vocab_limit=False,
                user_defined_symbols=list(marks),
                minloglevel=2,
                num_threads=1,
            )
    except RuntimeError as error:
        raise TrainingError(f"no tokenizer of {vocab} pieces can be trained: {error}") from error
