"""Windows: a stretch of context, and the targets at its end that are scored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.evaluate.protocol import Scored
from training.model.gpt import Gpt, token_losses


@dataclass(frozen=True)
class Window:
    """Predictions start..end-1 are made; those from `first` on are scored."""

    start: int
    first: int
    end: int


def cover(begin: int, end: int, length: int, stride: int, opening: int = 0) -> Iterator[Window]:
    """Windows that score each target of [begin, end) once, `length` long, `stride` apart.

    The first scores `opening` targets (by default a whole length); every later one the next
    `stride`, with as much context before them as fits. The last takes the tail, and begins where
    it would have begun had the text gone on: where a text ends must not be visible before it ends.
    """
    first, stop = begin, begin + (opening or length)
    while first < end:
        yield Window(max(begin, stop - length), first, min(stop, end))
        first, stop = stop, stop + stride


def stack(tokens: Tensor, windows: Sequence[Window], device: torch.device) -> tuple[Tensor, Tensor]:
    """Inputs and targets (B, T), padded on the right, where no prediction can see it."""
    longest = max(window.end - window.start for window in windows)
    inputs = torch.zeros(len(windows), longest, dtype=torch.int64)
    targets = torch.zeros_like(inputs)
    for row, window in enumerate(windows):
        length = window.end - window.start
        inputs[row, :length] = tokens[window.start : window.end]
        targets[row, :length] = tokens[window.start + 1 : window.end + 1]
    return inputs.to(device), targets.to(device)


def scored(windows: Sequence[Window], losses: Tensor) -> Scored:
    """The part of (B, T) losses that counts."""
    host = losses.detach().double().cpu().numpy()
    parts = [
        host[row, window.first - window.start : window.end - window.start]
        for row, window in enumerate(windows)
    ]
    targets = [np.arange(window.first, window.end) for window in windows]
    return Scored(np.concatenate(targets), np.concatenate(parts))


@torch.no_grad()
def score(model: Gpt, tokens: Tensor, windows: Sequence[Window], device: torch.device) -> Scored:
    """Score windows with the model as it stands."""
    inputs, targets = stack(tokens, windows, device)
    return scored(windows, token_losses(model(inputs), targets))


def batches(windows: Sequence[Window], size: int) -> Iterator[Sequence[Window]]:
    """Up to `size` windows at once."""
    for at in range(0, len(windows), size):
        yield windows[at : at + size]
