"""Causal attention with grouped key/value heads."""

import torch
from torch import Tensor, nn
from torch.nn.functional import rms_norm

from training.config import Model
from training.model.adapter import LowRank
from training.model.attend import attend
from training.model.linear import Linear
from training.model.rotary import rotate


class Attention(nn.Module):
    """Normalised queries and keys, rotary positions, a learned gain for each query head."""

    def __init__(self, model: Model, bits: int) -> None:
        super().__init__()
        d, kv = model.width, model.kv_width
        self.heads, self.kv_heads, self.channels = model.heads, model.kv_heads, model.head_width
        self.query = Linear(d, d, bits=bits)
        self.key = Linear(d, kv, bits=bits)
        self.value = Linear(d, kv, bits=bits)
        self.out = Linear(d, d, zero=True, bits=bits)
        self.q_gain = nn.Parameter(torch.full((model.heads,), model.q_gain))

    def forward(
        self,
        x: Tensor,  # (B, T, d), normalised
        angles: tuple[Tensor, Tensor],
        mask: Tensor | None,  # (B, 1, T, T), True where a query may look
        query_adapter: LowRank | None,
        value_adapter: LowRank | None,
    ) -> Tensor:
        """(B, T, d) -> (B, T, d)."""
        q, k, v = self.query(x), self.key(x), self.value(x)
        if query_adapter is not None:
            q = q + query_adapter(x)
        if value_adapter is not None:
            v = v + value_adapter(x)
        q, k, v = (
            self._split(q, self.heads),
            self._split(k, self.kv_heads),
            self._split(v, self.kv_heads),
        )
        q = rotate(rms_norm(q, (self.channels,)), *angles)
        k = rotate(rms_norm(k, (self.channels,)), *angles)
        q = q * self.q_gain.to(q.dtype)[:, None, None]
        y = attend(q, k, v, mask)  # (B, H, T, D)
        return self.out(y.transpose(1, 2).flatten(2))

    def _split(self, x: Tensor, heads: int) -> Tensor:
        return x.unflatten(2, (heads, self.channels)).transpose(1, 2)  # (B, H, T, D)
