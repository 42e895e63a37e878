"""The network: tied embedding, U-Net skips between mirrored blocks, soft-capped logits."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear

from training.config import Model
from training.model.adapter import Adapters
from training.model.block import Block, rms
from training.model.linear import Linear
from training.model.rotary import Rotary


class Gpt(nn.Module):
    """Token ids in, logits out. One forward pass serves training, scoring and adapting."""

    def __init__(self, model: Model, *, qat_bits: int = 0) -> None:
        super().__init__()
        self.shape = model
        self.embedding = nn.Embedding(model.vocab, model.width)
        nn.init.normal_(self.embedding.weight, std=model.embed_std)
        self.rotary = Rotary(model.head_width, model.rope_base)
        self.blocks = nn.ModuleList(Block(model, qat_bits) for _ in range(model.layers))
        self.skips = nn.Parameter(torch.ones(model.layers // 2, model.width))

    def forward(
        self,
        ids: Tensor,  # (B, T)
        mask: Tensor | None = None,  # (B, 1, T, T); None: plain causal
        adapters: Adapters | None = None,
    ) -> Tensor:
        """Logits (B, T, V) in fp32, soft-capped."""
        angles = self.rotary(ids.size(1))
        x = first = rms(self.embedding(ids))
        half, saved = len(self.blocks) // 2, []
        for i, block in enumerate(self.blocks):
            if i >= half and saved:
                x = x + self.skips[i - half].to(x.dtype) * saved.pop()
            query = adapters.query[i] if adapters else None
            value = adapters.value[i] if adapters else None
            x = block(x, first, angles, mask, query, value)
            if i < half:
                saved.append(x)
        x = rms(x)
        logits = linear(x, self.embedding.weight.to(x.dtype))
        if adapters:
            logits = logits + adapters.head(x)
        cap = self.shape.softcap
        return cap * torch.tanh(logits.float() / cap)

    def set_rounding(self, on: bool) -> None:
        """Train for the export's few bits from now on, or stop doing so."""
        for part in self.modules():
            if isinstance(part, Linear) and part.bits:
                part.rounding.fill_(float(on))


def token_losses(logits: Tensor, targets: Tensor) -> Tensor:
    """Negative log-likelihood of each target in nats: (B, T, V), (B, T) -> (B, T)."""
    return cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").view(
        targets.shape
    )
