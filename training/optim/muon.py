"""Muon: momentum, orthogonalised, with decoupled weight decay. Ranks share the matrices."""

import torch
from torch import Tensor
from torch.optim import Optimizer

from training.optim.newton_schulz import orthogonalise
from training.ranks import Ranks


class Muon(Optimizer):
    """Of matrices of one shape, rank r orthogonalises every r-th, all in one batch."""

    def __init__(
        self,
        matrices: list[Tensor],
        lr: float,
        momentum: float,
        decay: float,
        steps: int,
        ranks: Ranks,
        bf16: bool,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "decay": decay, "steps": steps}
        super().__init__(matrices, defaults)
        self.ranks = ranks
        self.precision = torch.bfloat16 if bf16 else torch.float32  # of the iteration

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        """M = mu M + g;  W = (1 - lr wd) W - lr sqrt(max(1, m/n)) NS(g + mu M)."""
        for group in self.param_groups:
            matrices = group["params"]
            updates = [torch.zeros_like(matrix, dtype=self.precision) for matrix in matrices]
            for mine in self._shares(matrices):
                directions = self._directions([matrices[i] for i in mine], group["momentum"])
                rows, columns = directions.shape[1:]
                orthogonal = orthogonalise(directions.to(self.precision), group["steps"])
                orthogonal *= max(1, rows / columns) ** 0.5
                torch._foreach_copy_([updates[i] for i in mine], list(orthogonal.unbind()))
            self.ranks.sum_in_place(updates)  # one sum gives all updates to all ranks
            if group["decay"]:
                torch._foreach_mul_(matrices, 1 - group["lr"] * group["decay"])
            torch._foreach_add_(matrices, updates, alpha=-group["lr"])

    def _shares(self, matrices: list[Tensor]) -> list[list[int]]:
        """Places of the matrices that are this rank's work, by shape."""
        shapes: dict[torch.Size, list[int]] = {}
        for i, matrix in enumerate(matrices):
            shapes.setdefault(matrix.shape, []).append(i)
        shares = [places[self.ranks.rank :: self.ranks.size] for places in shapes.values()]
        return [share for share in shares if share]

    def _directions(self, matrices: list[Tensor], mu: float) -> Tensor:
        """Nesterov's look ahead for matrices of one shape: (k, m, n)."""
        gradients = [matrix.grad for matrix in matrices]
        for matrix in matrices:
            if "momentum" not in self.state[matrix]:
                self.state[matrix]["momentum"] = torch.zeros_like(matrix)
        momenta = [self.state[matrix]["momentum"] for matrix in matrices]
        torch._foreach_mul_(momenta, mu)
        torch._foreach_add_(momenta, gradients)
        return torch.stack(torch._foreach_add(gradients, momenta, alpha=mu))
