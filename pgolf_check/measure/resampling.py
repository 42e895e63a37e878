"""The same question without a bell curve: which relabellings do as well as the real labels."""

import itertools
import math
from dataclasses import dataclass

import numpy as np

_ALL = 20_000  # arrangements that are all tried; beyond that, a random draw
_DRAWS = 1_999
_SLACK = 1e-12  # sums of the same values in another order differ by this much


@dataclass(frozen=True, slots=True)
class Permutation:
    """`smallest` is the least p that so few runs could ever give."""

    p: float
    arrangements: int
    exact: bool
    smallest: float


def swap_labels(new: tuple[float, ...], old: tuple[float, ...], margin: float) -> Permutation:
    """Two samples: every way to call as many of the runs new. H0: improvement <= margin."""
    pool = [*new, *(value - margin for value in old)]
    observed = math.fsum(new)
    limit = observed + _SLACK * math.fsum(map(abs, pool))
    total = math.comb(len(pool), len(new))
    if total <= _ALL:
        chosen = itertools.combinations(pool, len(new))
        hits = sum(sum(values) <= limit for values in chosen)
        return Permutation(hits / total, total, True, 1 / total)
    rng, values = np.random.default_rng(0), np.array(pool)
    hits = sum(float(rng.permutation(values)[: len(new)].sum()) <= limit for _ in range(_DRAWS))
    return _drawn(hits)


def flip_signs(new: tuple[float, ...], constant: float, margin: float) -> Permutation:
    """One sample against a constant: every way to mirror runs at it. H0 as above."""
    gains = [constant - margin - value for value in new]
    limit = math.fsum(gains) - _SLACK * math.fsum(map(abs, (constant, margin, *new)))
    if 2 ** min(len(gains), 63) <= _ALL:
        total = 2 ** len(gains)
        flips = itertools.product((1, -1), repeat=len(gains))
        hits = sum(sum(map(float.__mul__, map(float, signs), gains)) >= limit for signs in flips)
        return Permutation(hits / total, total, True, 1 / total)
    rng, values = np.random.default_rng(0), np.array(gains)
    signs = (rng.choice((-1.0, 1.0), len(gains)) for _ in range(_DRAWS))
    return _drawn(sum(float((flip * values).sum()) >= limit for flip in signs))


def _drawn(hits: int) -> Permutation:
    """The real labels are one of the arrangements, so p is never 0."""
    return Permutation((hits + 1) / (_DRAWS + 1), _DRAWS, False, 1 / (_DRAWS + 1))
