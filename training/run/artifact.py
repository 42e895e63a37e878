"""From live weights to the counted file, and back to a model that evaluators accept."""

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
    return pack(stored, preset.pack.codecs)


def load_model(path: Path, shape: Model, ranks: Ranks) -> Gpt:
    """The model in a file, ready to be scored."""
    model = Gpt(shape)
    try:
        model.load_state_dict(restore(unpack(path)))
    except RuntimeError as error:
        raise TrainingError(f"{path}: its tensors do not make this preset's model") from error
    return model.to(ranks.device).eval()
