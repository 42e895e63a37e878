"""From live weights to the counted file, and back to a model that evaluators accept."""

import dataclasses
from pathlib import Path

from training.config import Model, Preset
from training.errors import TrainingError
from training.model.gpt import Gpt
from training.pack.container import Packed, pack, unpack
from training.quantise.plan import Stored, restore
from training.ranks import Ranks

MODEL_FILE = "model.pglf"


def packed(stored: dict[str, Stored], preset: Preset) -> Packed:
    """The model file's bytes."""
    return pack(stored, dataclasses.asdict(preset.model), preset.pack.codecs)


def load_model(path: Path, ranks: Ranks) -> Gpt:
    """The model in a file, ready to be scored."""
    stored, config = unpack(path)
    try:
        model = Gpt(Model(**config))
        model.load_state_dict(restore(stored))
    except (TypeError, RuntimeError, ZeroDivisionError) as error:
        raise TrainingError(f"{path}: its tensors do not make the model it names") from error
    return model.to(ranks.device).eval()
