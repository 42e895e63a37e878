"""Test-time training by document: low-rank adapters learn from scored chunks, then are reset."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from training.config import Evaluate
from training.evaluate.plain import spans
from training.evaluate.protocol import Event, Used
from training.evaluate.windows import Window, cover, scored, stack
from training.model.adapter import Adapters
from training.model.gpt import Gpt, token_losses
from training.ranks import Ranks

SEED = 0  # of the adapters' first matrices


def ttt_lora(model: Gpt, tokens: Tensor, settings: Evaluate, ranks: Ranks) -> Iterator[Event]:
    """Documents of like length share a batch; nothing passes from one document to another."""
    chunk = settings.lora_chunk
    queue = [
        list(cover(begin, end, settings.sequence, chunk, opening=chunk))
        for begin, end in spans(tokens)
    ]
    queue.sort(key=len)
    model.requires_grad_(False)
    for number, at in enumerate(range(0, len(queue), settings.batch)):
        if number % ranks.size == ranks.rank:
            yield from _batch(model, tokens, queue[at : at + settings.batch], settings, ranks)
    model.requires_grad_(True)


def _batch(
    model: Gpt, tokens: Tensor, queue: list[list[Window]], settings: Evaluate, ranks: Ranks
) -> Iterator[Event]:
    """Chunk after chunk of several documents at once, each with its own fresh adapters."""
    adapters = Adapters(model.shape, len(queue), settings.lora_rank, SEED, ranks.device)
    optimiser = torch.optim.Adam(
        list(adapters.parameters()), lr=settings.lora_lr, betas=(0.9, 0.95), eps=1e-10
    )
    for step in range(max(map(len, queue))):
        # A document that has ended keeps its row, so that adapters stay aligned; it is masked.
        rows = [windows[min(step, len(windows) - 1)] for windows in queue]
        live = [row for row, windows in enumerate(queue) if step < len(windows)]
        going = [row for row, windows in enumerate(queue) if step + 1 < len(windows)]
        inputs, targets = stack(tokens, rows, ranks.device)
        losses = token_losses(model(inputs, adapters=adapters), targets)  # (B, T)
        yield scored([rows[row] for row in live], losses[live])
        if not going:
            return
        share = torch.zeros_like(losses)
        for row in going:
            window = rows[row]
            span = slice(window.first - window.start, window.end - window.start)
            share[row, span] = 1 / (window.end - window.first)
        optimiser.zero_grad()
        (losses * share).sum().backward()
        optimiser.step()
        yield Used(np.concatenate([np.arange(rows[r].first, rows[r].end) for r in going]))
