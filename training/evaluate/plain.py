"""Evaluators that learn nothing: whole sequences, sliding windows, isolated documents."""

from collections.abc import Iterator

import torch
from torch import Tensor

from training.config import Evaluate
from training.data.shards import documents
from training.evaluate.protocol import Event
from training.evaluate.windows import Window, batches, cover, score
from training.model.gpt import Gpt
from training.ranks import Ranks


def standard(model: Gpt, tokens: Tensor, settings: Evaluate, ranks: Ranks) -> Iterator[Event]:
    """Sequences side by side: the first target of each has no context at all."""
    count, length = len(tokens) - 1, settings.sequence
    windows = [Window(at, at, min(at + length, count)) for at in range(0, count, length)]
    yield from _run(model, tokens, windows, settings, ranks)


def sliding(model: Gpt, tokens: Tensor, settings: Evaluate, ranks: Ranks) -> Iterator[Event]:
    """Windows `stride` apart: each target sees at least sequence - stride tokens before it."""
    windows = list(cover(0, len(tokens) - 1, settings.sequence, settings.stride))
    yield from _run(model, tokens, windows, settings, ranks)


def isolated(model: Gpt, tokens: Tensor, settings: Evaluate, ranks: Ranks) -> Iterator[Event]:
    """Sliding windows that never look across the beginning of a document."""
    windows = [
        window
        for begin, end in spans(tokens)
        for window in cover(begin, end, settings.sequence, settings.stride)
    ]
    yield from _run(model, tokens, windows, settings, ranks)


def spans(tokens: Tensor) -> list[tuple[int, int]]:
    """The targets of each document; the next BOS is the last target of the one before it."""
    starts = [int(start) for start in documents(tokens.numpy()) if start < len(tokens) - 1]
    return list(zip(starts, [*starts[1:], len(tokens) - 1], strict=True))


def _run(
    model: Gpt, tokens: Tensor, windows: list[Window], settings: Evaluate, ranks: Ranks
) -> Iterator[Event]:
    for index, batch in enumerate(batches(windows, settings.batch)):
        if index % ranks.size == ranks.rank:
            with torch.no_grad():
                yield score(model, tokens, batch, ranks.device)
