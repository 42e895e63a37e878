"""Orthogonalisation by a quintic Newton-Schulz iteration."""

import torch
from torch import Tensor

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalise(gradient: Tensor, steps: int) -> Tensor:
    """Move the singular values of (..., m, n) towards one, keeping the singular vectors."""
    a, b, c = COEFFICIENTS
    tall = gradient.size(-2) > gradient.size(-1)
    x = gradient.mT if tall else gradient
    x = (x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)).reshape(-1, *x.shape[-2:])
    for _ in range(steps):
        gram = x @ x.mT
        polynomial = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        x = torch.baddbmm(x, polynomial, x, beta=a)
    x = x.mT if tall else x
    return x.reshape(gradient.shape)
