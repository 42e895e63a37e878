"""Every parameter in exactly one optimiser."""

import torch
from torch import nn
from torch.optim import Optimizer

from training.config import Optimiser
from training.optim.muon import Muon
from training.ranks import Ranks


def make_optimisers(
    model: nn.Module, settings: Optimiser, ranks: Ranks, bf16: bool
) -> list[Optimizer]:
    """Muon for block matrices; AdamW for the embedding and for vectors and scalars."""
    matrices, tables, vectors = [], [], []
    for name, parameter in model.named_parameters():
        if name.startswith("embedding."):
            tables.append(parameter)
        elif parameter.ndim == 2 and name.endswith(".weight"):
            matrices.append(parameter)
        else:
            vectors.append(parameter)
    muon = Muon(
        matrices,
        settings.matrix_lr,
        settings.momentum,
        settings.matrix_decay,
        settings.newton_schulz_steps,
        ranks,
        bf16,
    )
    adam = torch.optim.AdamW(
        [
            {"params": tables, "lr": settings.embed_lr},
            {"params": vectors, "lr": settings.scalar_lr},
        ],
        betas=(settings.beta1, settings.beta2),
        eps=settings.eps,
        weight_decay=settings.adam_decay,
        fused=True,
    )
    for optimiser in (muon, adam):
        for group in optimiser.param_groups:
            group["base_lr"] = group["lr"]
    return [muon, adam]
