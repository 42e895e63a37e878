"""Test-time training on chunks: score a chunk, then take SGD steps on it, then go on."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from training.config import Evaluate
from training.evaluate.protocol import Event, Used
from training.evaluate.windows import Window, batches, cover, score, stack
from training.model.gpt import Gpt, token_losses
from training.ranks import Ranks


def ttt_sgd(model: Gpt, tokens: Tensor, settings: Evaluate, ranks: Ranks) -> Iterator[Event]:
    """Every window is scored by weights that have seen only chunks before its own."""
    count, size = len(tokens) - 1, settings.ttt_chunk
    chunks: list[list[Window]] = [[] for _ in range(math.ceil(count / size))]
    for window in cover(0, count, settings.sequence, settings.stride):
        chunks[window.first // size].append(window)
    optimiser = torch.optim.SGD(
        model.parameters(), lr=settings.ttt_lr, momentum=settings.ttt_momentum
    )
    for index, windows in enumerate(chunks):
        for number, batch in enumerate(batches(windows, settings.batch)):
            if number % ranks.size == ranks.rank:
                yield score(model, tokens, batch, ranks.device)
        begin, end = index * size, min((index + 1) * size, count)
        if index == len(chunks) - 1:
            return  # nothing is left to score, so nothing may be learned
        decay = 0.5 * (1 + math.cos(math.pi * index / (len(chunks) - 1)))
        for group in optimiser.param_groups:
            group["lr"] = settings.ttt_lr * decay
        _learn(model, tokens, begin, end, optimiser, settings, ranks)
        yield Used(np.arange(begin, end))


def _learn(
    model: Gpt,
    tokens: Tensor,
    begin: int,
    end: int,
    optimiser: torch.optim.SGD,
    settings: Evaluate,
    ranks: Ranks,
) -> None:
    """Epochs over the chunk as whole sequences; ranks split each batch and sum gradients."""
    length = settings.sequence
    rows = [Window(at, at, min(at + length, end)) for at in range(begin, end, length)]
    for _ in range(settings.ttt_epochs):
        for batch in batches(rows, settings.batch):
            total = sum(window.end - window.start for window in batch)
            optimiser.zero_grad(set_to_none=False)
            mine = batch[ranks.rank :: ranks.size]
            if mine:
                inputs, targets = stack(tokens, mine, ranks.device)
                lengths = torch.tensor([w.end - w.start for w in mine], device=ranks.device)
                real = torch.arange(inputs.size(1), device=ranks.device) < lengths[:, None]
                loss = (token_losses(model(inputs), targets) * real).sum() / total
                loss.backward()
            gradients = []
            for parameter in model.parameters():
                if parameter.grad is None:  # this rank had no row
                    parameter.grad = torch.zeros_like(parameter)
                gradients.append(parameter.grad)
            ranks.sum_in_place(gradients)
            torch.nn.utils.clip_grad_norm_(model.parameters(), settings.ttt_clip)
            optimiser.step()
