"""Orthogonalisation by a quintic Newton-Schulz iteration."""

import torch
from torch import Tensor

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalise(gradient: Tensor, steps: int) -> Tensor:
    """Move the singular values of (..., m, n) towards one, keeping the singular vectors."""
    a, b, c = COEFFICIENTS
    x = gradient.to(torch.bfloat16 if gradient.is_cuda else torch.float32)
    tall = x.size(-2) > x.size(-1)
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x
