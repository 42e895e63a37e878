"""Is one mean below another? Student's t with unequal variances, one-sided.

`scipy.special` holds the functions behind `scipy.stats.ttest_ind`; importing the latter takes
three times as long as everything else a report needs. Tests hold both to the same answer.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from scipy.special import stdtr, stdtrit

from pgolf_check.measure.samples import Summary


class Method(StrEnum):
    """Which t-test the published figures allow."""

    WELCH = "Welch"
    ONE_SAMPLE = "one-sample"  # the old row is one number, taken as free of noise


@dataclass(frozen=True, slots=True)
class TTest:
    """H0: the improvement is at most the margin. Positive t speaks against it."""

    method: Method
    margin: float
    improvement: float
    standard_error: float
    t: float
    df: float
    p: float


@dataclass(frozen=True, slots=True)
class NoTest:
    """Why there is no t-test to make."""

    margin: float
    improvement: float
    reason: str


def t_test(new: Summary, old: Summary, margin: float = 0.0) -> TTest | NoTest:
    """Lower scores are better: the improvement is the old mean less the new one."""
    improvement = old.mean - new.mean
    if new.sd is None:
        return NoTest(margin, improvement, "one seed has no spread; at least two are needed")
    noise_new = new.sd**2 / new.n
    noise_old = 0.0 if old.sd is None else old.sd**2 / old.n
    noise = noise_new + noise_old
    if noise == 0.0:
        reason = "the seeds do not differ at all, so a t-test has no spread to go by"
        return NoTest(margin, improvement, reason)
    method = Method.ONE_SAMPLE if old.sd is None else Method.WELCH
    df = float(new.n - 1)
    if method is Method.WELCH:
        share = noise_new / noise
        df = 1 / (share**2 / (new.n - 1) + (1 - share) ** 2 / (old.n - 1))
    error = math.sqrt(noise)
    t = (improvement - margin) / error
    return TTest(method, margin, improvement, error, t, df, upper_tail(t, df))


def upper_tail(t: float, df: float) -> float:
    """The chance of a t at least this large."""
    return float(stdtr(df, -t))


def critical_t(df: float, p: float) -> float:
    """The t whose upper tail is p."""
    return -float(stdtrit(df, p))


def interval(summary: Summary, confidence: float = 0.95) -> tuple[float, float] | None:
    """Where the true mean lies with that confidence; None for a single run."""
    error = summary.standard_error
    if error is None:
        return None
    reach = critical_t(summary.n - 1, (1 - confidence) / 2) * error
    return summary.mean - reach, summary.mean + reach


def interval_of(test: TTest, confidence: float = 0.95) -> tuple[float, float]:
    """Where the true improvement lies with that confidence."""
    reach = critical_t(test.df, (1 - confidence) / 2) * test.standard_error
    return test.improvement - reach, test.improvement + reach
