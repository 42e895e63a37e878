"""Muon against PyTorch's own and against one matrix at a time; its iteration against oracles."""

import pytest
import torch

from training.optim.muon import Muon
from training.optim.newton_schulz import orthogonalise
from training.ranks import Ranks

SHAPES = ((12, 8), (8, 12), (12, 8), (10, 10), (8, 12))


def matrices(seed=0):
    random = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=random).requires_grad_() for shape in SHAPES]


def descend(optimisers, parameters, steps=4):
    random = torch.Generator().manual_seed(9)
    for _ in range(steps):
        for parameter in parameters:
            parameter.grad = torch.randn(parameter.shape, generator=random)
        for optimiser in optimisers:
            optimiser.step()


def test_a_batch_of_matrices_moves_as_each_alone_would():
    together, alone = matrices(), matrices()
    descend([Muon(together, 0.02, 0.9, 0.1, 5, Ranks(), False)], together)
    descend([Muon([matrix], 0.02, 0.9, 0.1, 5, Ranks(), False) for matrix in alone], alone)
    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


def test_it_moves_as_the_one_of_pytorch():
    mine, theirs = matrices(), matrices()
    descend([Muon(mine, 0.02, 0.9, 0.1, 5, Ranks(), bf16=True)], mine)
    # PyTorch averages the momentum, M = mu M + (1 - mu) g: the direction is the same.
    descend([torch.optim.Muon(theirs, lr=0.02, weight_decay=0.1, momentum=0.9)], theirs)
    for one, other in zip(mine, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=2e-3)  # bf16 inside both


def test_an_update_is_orthogonal_as_far_as_the_iteration_gets():
    gaussian = torch.randn(2, 64, 256, generator=torch.Generator().manual_seed(1))
    for shape in (gaussian, gaussian.mT):
        values = torch.linalg.svdvals(orthogonalise(shape, 5))
        assert 0.6 <= float(values.min()) <= float(values.max()) <= 1.25
    left, _, right = torch.linalg.svd(gaussian[0], full_matrices=False)
    aligned = left.mT @ orthogonalise(gaussian[0], 5) @ right.mT
    off = aligned - torch.diag(aligned.diagonal())
    assert float(off.abs().max()) < 1e-4  # singular vectors stay


@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_decay_shrinks_by_the_learning_rate_alone(decay):
    (matrix,) = [torch.eye(4).requires_grad_()]
    matrix.grad = torch.zeros(4, 4)
    Muon([matrix], 0.1, 0.9, decay, 5, Ranks(), False).step()
    torch.testing.assert_close(matrix, torch.eye(4) * (1 - 0.1 * decay))
