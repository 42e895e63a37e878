"""Means of the weights over training: exponential (EMA) and of snapshots (SWA)."""

from typing import Any

import torch
from torch import Tensor, nn

from training.config import Average


class Averages:
    """Shadows of the parameters in fp32; `load` puts the chosen mean into the model."""

    def __init__(self, settings: Average, model: nn.Module) -> None:
        self.settings = settings
        self.live = [parameter.detach() for parameter in model.parameters()]
        self.ema = self._copies() if settings.ema else []
        self.swa = [torch.zeros_like(p, dtype=torch.float32) for p in self.live]
        self.snapshots = 0

    @torch.no_grad()
    def update(self, step: int, multiplier: float) -> None:
        """Take in the weights after `step` steps."""
        if self.ema:
            torch._foreach_lerp_(self.ema, self.live, 1 - self.settings.ema)
        every = self.settings.swa_every
        if every and step % every == 0 and multiplier < self.settings.swa_below:
            self.snapshots += 1
            torch._foreach_lerp_(self.swa, self.live, 1 / self.snapshots)

    @torch.no_grad()
    def load(self) -> str:
        """Replace the live weights by their mean; its name, or "" where none is kept."""
        if self.snapshots:
            torch._foreach_copy_(self.live, self.swa)
            return f"swa:{self.snapshots}"
        if self.ema:
            torch._foreach_copy_(self.live, self.ema)
            return f"ema:{self.settings.ema}"
        return ""

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"ema": self.ema, "swa": self.swa, "snapshots": self.snapshots}

    @torch.no_grad()
    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a checkpoint."""
        for mine, saved in ((self.ema, state["ema"]), (self.swa, state["swa"])):
            for target, source in zip(mine, saved, strict=True):
                target.copy_(source)
        self.snapshots = int(state["snapshots"])

    def _copies(self) -> list[Tensor]:
        return [p.float().clone() for p in self.live]
