"""A bias-free linear map that casts its master weight at use and can train for few bits."""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear


def fake_quantise(weight: Tensor, bits: int) -> Tensor:
    """The weight rounded per row to `bits`; gradients see the identity."""
    top = 2 ** (bits - 1) - 1
    with torch.no_grad():
        scale = (weight.abs().amax(dim=1, keepdim=True) / top).clamp_min(1e-12)
        error = (weight / scale).round().clamp(-top, top) * scale - weight
    return weight + error


class Linear(nn.Linear):
    """y = x W^T. `rounding` is a tensor, so switching it on costs no recompilation."""

    rounding: Tensor

    def __init__(self, inputs: int, outputs: int, *, zero: bool = False, bits: int = 0) -> None:
        super().__init__(inputs, outputs, bias=False)
        self.bits = bits  # 0: never rounded
        if bits:
            self.register_buffer("rounding", torch.zeros(()), persistent=False)
        if zero:
            nn.init.zeros_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) -> (..., out)."""
        weight = self.weight
        if self.bits:
            weight = torch.lerp(weight, fake_quantise(weight, self.bits), self.rounding)
        return linear(x, weight.to(x.dtype))
