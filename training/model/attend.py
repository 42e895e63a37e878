"""Attention over the past: by PyTorch's kernel, or by two products where those are faster."""

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

SHORT = 512  # positions; up to here the CPU kernel's backward pass takes several times as long


def attend(
    q: Tensor,  # (B, H, T, D)
    k: Tensor,  # (B, K, T, D), where K divides H
    v: Tensor,  # (B, K, T, D)
    mask: Tensor | None,  # (B, 1, T, T), True where a query may look; None: all of the past
) -> Tensor:
    """(B, H, T, D): for each query the mean of values, weighted by softmax(q k / sqrt(D))."""
    if q.device.type == "cpu" and q.size(2) <= SHORT:
        return _by_products(q, k, v, mask)
    return scaled_dot_product_attention(
        q, k, v, attn_mask=mask, is_causal=mask is None, enable_gqa=True
    )


def _by_products(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    heads, length, channels = q.shape[1:]
    if mask is None:
        mask = torch.ones(length, length, dtype=torch.bool, device=q.device).tril()
    else:
        mask = mask.unsqueeze(2)
    shared = (k.size(1), heads // k.size(1))  # queries of a group look at one key head
    grouped = (q * channels**-0.5).unflatten(1, shared).flatten(2, 3)  # (B, K, G T, D)
    scores = (grouped @ k.mT).float().unflatten(2, (shared[1], length))  # (B, K, G, T, T)
    weights = scores.masked_fill(~mask, -torch.inf).softmax(-1).to(v.dtype)
    return (weights.flatten(2, 3) @ v).unflatten(2, (shared[1], length)).flatten(1, 2)
