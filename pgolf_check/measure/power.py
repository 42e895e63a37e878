"""How many seeds would show an improvement of the size and spread that was observed."""

import math
from dataclasses import dataclass

from scipy.special import nctdtr

from pgolf_check.measure.samples import Summary
from pgolf_check.measure.welch import TTest, critical_t, t_test

WANTED = 0.8
_MOST = 1_000  # nobody runs more


@dataclass(frozen=True, slots=True)
class Power:
    """`seeds` new runs pass with 80 % chance; None where no number up to 1,000 does, and why."""

    p_threshold: float
    now: float
    seeds: int | None
    reason: str = ""


def power(new: Summary, old: Summary, margin: float, p_threshold: float) -> Power | None:
    """Chance to pass the gate with as many new seeds as there are, and the number needed.

    Takes the observed means and spreads as true, and the old row's runs as they are.
    """
    now = _chance(new, old, margin, p_threshold, new.n)
    if now is None:
        return None
    if old.mean - new.mean <= margin:
        short = "the mean itself does not reach the margin" if margin else "the mean is no better"
        return Power(p_threshold, now, None, short)
    # Not monotone: once the old row's noise is all that is left, its few degrees of freedom count.
    for runs in range(2, _MOST + 1):
        if (_chance(new, old, margin, p_threshold, runs) or 0.0) >= WANTED:
            return Power(p_threshold, now, runs)
    return Power(p_threshold, now, None, "the old row has too few seeds for its spread")


def _chance(
    new: Summary, old: Summary, margin: float, p_threshold: float, runs: int
) -> float | None:
    """The noncentral t beyond the critical one; exact for one sample, good for Welch."""
    test = t_test(Summary(runs, new.mean, new.sd), old, margin)
    if not isinstance(test, TTest):
        return None
    chance = 1 - float(nctdtr(test.df, test.t, critical_t(test.df, p_threshold)))
    return chance if math.isfinite(chance) else float(test.t > 0)
