"""Round the rows of a matrix to few bits, each with its own scale."""

from dataclasses import dataclass

import torch
from torch import Tensor

PERCENTILE = 0.9999984  # of a row's magnitudes: what the baseline clips at
GRID = (0.999, 0.9995, 0.9999, 0.99999, 1.0)
SMALLEST_SCALE = 2.0**-24  # of fp16; a row of zeros still needs a divisor


@dataclass(frozen=True)
class Codes:
    """Integer codes (m, n) in int8 and one fp16 scale a row (m,)."""

    codes: Tensor
    scales: Tensor
    bits: int

    def floats(self) -> Tensor:
        """The weights these codes stand for, in fp32."""
        return self.codes.float() * self.scales.float()[:, None]


def quantise_rows(weight: Tensor, bits: int, *, search: bool = False, step: int = 1) -> Codes:
    """Clip each row, at one percentile or at the best of several by squared error, and round."""
    weight = weight.detach().float().cpu()
    top = 2 ** (bits - 1) - 1
    best: Codes | None = None
    error = torch.full((weight.size(0),), torch.inf)
    for share in GRID if search else (PERCENTILE,):
        clip = torch.quantile(weight.abs(), share, dim=1)
        scales = (clip / top).clamp_min(SMALLEST_SCALE).half()
        codes = (weight / scales.float()[:, None]).round().clamp(-top, top)
        if step > 1:
            codes = ((codes / step).round() * step).clamp(-top, top)
        trial = Codes(codes.to(torch.int8), scales, bits)
        loss = (trial.floats() - weight).square().sum(dim=1)
        if best is None:
            best, error = trial, loss
            continue
        wins = loss < error
        best.codes[wins], best.scales[wins] = trial.codes[wins], trial.scales[wins]
        error = torch.minimum(error, loss)
    assert best is not None
    return best
