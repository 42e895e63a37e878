"""Rotary positions, half-split layout."""

import torch
from torch import Tensor, nn


class Rotary(nn.Module):
    """Rotates pairs (j, j + D/2) of every head by angles that grow with the position."""

    frequencies: Tensor

    def __init__(self, channels: int, base: float) -> None:
        super().__init__()
        exponents = torch.arange(0, channels, 2, dtype=torch.float32) / channels
        self.register_buffer("frequencies", base**-exponents, persistent=False)  # (D/2,)

    def forward(self, length: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines for positions 0..length-1, each (T, D/2)."""
        positions = torch.arange(length, device=self.frequencies.device, dtype=torch.float32)
        angles = torch.outer(positions, self.frequencies)
        return angles.cos(), angles.sin()


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Apply the angles to (B, H, T, D)."""
    cosines, sines = cosines.to(x.dtype), sines.to(x.dtype)
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cosines + second * sines, second * cosines - first * sines), dim=-1)
