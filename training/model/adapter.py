"""Low-rank adapters, one for each document of a batch, added inside the one forward pass."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from training.config import Model


class LowRank:
    """y += (x A^T) B^T with its own A and B for every row of the batch; B starts at zero."""

    def __init__(
        self,
        batch: int,
        rank: int,
        inputs: int,
        outputs: int,
        random: torch.Generator,
        device: torch.device,
    ) -> None:
        bound = 1 / math.sqrt(inputs)
        a = torch.empty(1, rank, inputs).uniform_(-bound, bound, generator=random)
        self.a = a.repeat(batch, 1, 1).to(device)  # no document depends on its place in the batch
        self.b = torch.zeros(batch, outputs, rank, device=device)
        self.a.requires_grad_()
        self.b.requires_grad_()

    def __call__(self, x: Tensor) -> Tensor:
        """(B, T, in) -> (B, T, out)."""
        down = x @ self.a.to(x.dtype).transpose(1, 2)  # (B, T, r)
        return down @ self.b.to(x.dtype).transpose(1, 2)


class Adapters:
    """Adapters for queries and values of every block, and for the head."""

    def __init__(
        self, model: Model, batch: int, rank: int, seed: int, device: torch.device
    ) -> None:
        random = torch.Generator().manual_seed(seed)

        def part(outputs: int) -> LowRank:
            return LowRank(batch, rank, model.width, outputs, random, device)

        self.query = [part(model.width) for _ in range(model.layers)]
        self.value = [part(model.kv_width) for _ in range(model.layers)]
        self.head = part(model.vocab)

    def parameters(self) -> Iterator[Tensor]:
        """Everything that learns."""
        for part in (*self.query, *self.value, self.head):
            yield part.a
            yield part.b
