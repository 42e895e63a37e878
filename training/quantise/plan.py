"""Which tensor is stored how: ordered rules, and no tensor without one."""

from collections.abc import Mapping
from fnmatch import fnmatch

import torch
from torch import Tensor

from training.config import Quantise, Rule
from training.errors import TrainingError
from training.quantise.rowwise import Codes, quantise_rows

Stored = Codes | Tensor  # a float tensor is stored as it is


def quantise(state: Mapping[str, Tensor], settings: Quantise) -> dict[str, Stored]:
    """Apply the rules to every tensor of a model."""
    return {name: _store(name, tensor, settings) for name, tensor in state.items()}


def restore(stored: Mapping[str, Stored]) -> dict[str, Tensor]:
    """The fp32 weights a stored model stands for."""
    return {
        name: item.floats() if isinstance(item, Codes) else item.float()
        for name, item in stored.items()
    }


def _store(name: str, tensor: Tensor, settings: Quantise) -> Stored:
    tensor = tensor.detach().cpu()
    if not torch.isfinite(tensor).all():
        raise TrainingError(f"{name} holds values that are not finite; nothing is exported")
    if tensor.ndim < 2 or not name.endswith(".weight"):
        return tensor.float()  # control vectors: few, and every digit counts
    rule = _rule(name, settings)
    if rule.bits == 32:
        return tensor.float()
    if rule.bits == 16 or tensor.numel() <= settings.small:
        return tensor.half()
    return quantise_rows(tensor, rule.bits, search=rule.search, step=rule.step)


def _rule(name: str, settings: Quantise) -> Rule:
    for rule in settings.rules:
        if fnmatch(name, rule.match):
            return rule
    raise TrainingError(f'no quantise rule matches {name}. End the rules with match = "*"')
