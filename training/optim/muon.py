"""Muon: momentum, orthogonalised, with decoupled weight decay. Ranks share the matrices."""

import torch
from torch import Tensor
from torch.optim import Optimizer

from training.optim.newton_schulz import orthogonalise
from training.ranks import Ranks


class Muon(Optimizer):
    """Rank r orthogonalises every r-th matrix; one sum gives all updates to all ranks."""

    def __init__(
        self,
        matrices: list[Tensor],
        lr: float,
        momentum: float,
        decay: float,
        steps: int,
        ranks: Ranks,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "decay": decay, "steps": steps}
        super().__init__(matrices, defaults)
        self.ranks = ranks

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        """M = mu M + g;  W = (1 - lr wd) W - lr sqrt(max(1, m/n)) NS(g + mu M)."""
        for group in self.param_groups:
            matrices = group["params"]
            updates = [torch.zeros_like(matrix) for matrix in matrices]
            for i, matrix in enumerate(matrices):
                if i % self.ranks.size != self.ranks.rank:
                    continue
                state = self.state[matrix]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(matrix)
                momentum = state["momentum"].mul_(group["momentum"]).add_(matrix.grad)
                direction = matrix.grad + group["momentum"] * momentum
                rows, columns = matrix.shape
                stretch = max(1, rows / columns) ** 0.5
                updates[i] = orthogonalise(direction, group["steps"]).to(matrix.dtype) * stretch
            self.ranks.sum_in_place(updates)
            for matrix, update in zip(matrices, updates, strict=True):
                matrix.mul_(1 - group["lr"] * group["decay"]).sub_(update, alpha=group["lr"])
