"""One block: mix in the first embedding, attend, feed forward."""

import torch
from torch import Tensor, nn
from torch.nn.functional import rms_norm

from training.config import Model
from training.model.adapter import LowRank
from training.model.attention import Attention
from training.model.mlp import SquaredReluMlp


class Block(nn.Module):
    """u = m0 x + m1 x0;  u += a Attn(rms u);  u += b MLP(rms u), all vectors per channel."""

    def __init__(self, model: Model, bits: int) -> None:
        super().__init__()
        d = model.width
        self.attention = Attention(model, bits)
        self.mlp = SquaredReluMlp(model, bits)
        self.resid_mix = nn.Parameter(torch.stack((torch.ones(d), torch.zeros(d))))
        self.attn_scale = nn.Parameter(torch.ones(d))
        self.mlp_scale = nn.Parameter(torch.ones(d))

    def forward(
        self,
        x: Tensor,  # (B, T, d)
        first: Tensor,  # (B, T, d), the normalised embedding
        angles: tuple[Tensor, Tensor],
        mask: Tensor | None,
        query_adapter: LowRank | None,
        value_adapter: LowRank | None,
    ) -> Tensor:
        """(B, T, d) -> (B, T, d)."""
        mix = self.resid_mix.to(x.dtype)
        u = mix[0] * x + mix[1] * first
        attended = self.attention(rms(u), angles, mask, query_adapter, value_adapter)
        u = u + self.attn_scale.to(x.dtype) * attended
        return u + self.mlp_scale.to(x.dtype) * self.mlp(rms(u))


def rms(x: Tensor) -> Tensor:
    """Divide by the root mean square of the last axis; no gain."""
    return rms_norm(x, (x.size(-1),))
