"""What a reader should know before believing the figures."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from pgolf_check.measure.gates import Answer, Gate
from pgolf_check.measure.samples import Sample, Summary
from pgolf_check.measure.welch import TTest, t_test


class Doubt(StrEnum):
    """The kinds of warning, by names that scripts can rely on."""

    DUPLICATE_SEED = "duplicate-seed"
    COPIED_LOG = "copied-log"
    EQUAL_SCORES = "equal-scores"
    MIXED_SETTINGS = "mixed-settings"
    MIXED_SCRIPTS = "mixed-scripts"
    SEED_WITHOUT_LOG = "seed-without-log"
    SEED_NOT_CLAIMED = "seed-not-claimed"
    SEED_RENAMED = "seed-renamed"
    VALUE_DIFFERS = "value-differs"
    BEST_SEED = "best-seed"
    FEW_SEEDS = "few-seeds"
    ROUNDED = "rounded"
    ONE_SAMPLE = "one-sample"
    TOKENIZERS_DIFFER = "tokenizers-differ"
    TOKENIZER_ASSUMED = "tokenizer-assumed"
    WAIVER_CLAIMED = "waiver-claimed"
    POPULATION_SD = "population-sd"
    AGAINST_CONSTANT = "against-constant"
    NO_MARGIN = "no-margin"
    Z_FOR_FEW = "z-for-few"
    WRONG_DF = "wrong-df"
    WRONG_UNIT = "wrong-unit"
    TWO_SIDED = "two-sided"
    NOT_REPRODUCED = "not-reproduced"


@dataclass(frozen=True, slots=True)
class Warned:
    """One doubt, in a sentence."""

    doubt: Doubt
    message: str


def doubts_about(new: Sample, old: Sample, gates: tuple[Gate, ...]) -> Iterator[Warned]:
    """What the two samples alone give away."""
    for sample in (new, old):
        yield from _repeated(sample)
    expected = gates[-1].edition.seeds_expected
    if 1 < new.summary.n < expected:
        yield Warned(Doubt.FEW_SEEDS, f"{new.summary.n} seeds; {expected} are customary")
    if new.summary.n > 1 and old.summary.sd is None:
        message = f"{old.name}: one figure only, taken as free of noise (one-sample t-test)"
        yield Warned(Doubt.ONE_SAMPLE, message)
    if any(len(gate.hypotheses) > 1 for gate in gates):
        message = "the tokenizers differ: 0.005 nats per token is another margin in BPB for each"
        yield Warned(Doubt.TOKENIZERS_DIFFER, message)
    yield from _rounded(new, old, gates)


def _repeated(sample: Sample) -> Iterator[Warned]:
    counts = Counter(seed.seed for seed in sample.seeds if seed.seed is not None)
    twice = sorted(seed for seed, count in counts.items() if count > 1)
    if twice:
        seeds = ", ".join(map(str, twice[:5]))
        message = f"{sample.name}: seed {seeds} counts more than once; runs of one seed are not"
        yield Warned(Doubt.DUPLICATE_SEED, f"{message} independent")
    values = Counter(sample.values)
    equal = [value for value, count in values.items() if count > 1]
    if equal and sample.rounding < 1e-6:  # in four digits, two seeds may well agree
        message = f"{sample.name}: {equal[0]:.8g} appears {values[equal[0]]} times; a copied run?"
        yield Warned(Doubt.EQUAL_SCORES, message)


def _rounded(new: Sample, old: Sample, gates: tuple[Gate, ...]) -> Iterator[Warned]:
    """Whether unrounded values could turn an answer round."""
    for gate in gates:
        if gate.answer is Answer.UNKNOWN:
            continue
        for low, high in filter(None, (reach(new, old, each.margin) for each in gate.hypotheses)):
            if low < gate.edition.p_threshold <= high:
                message = (
                    f"the values are rounded: p for {gate.edition.name} may lie anywhere in"
                    f" {low:.2g} ... {high:.2g}"
                )
                yield Warned(Doubt.ROUNDED, message)


def reach(new: Sample, old: Sample, margin: float) -> tuple[float, float] | None:
    """The least and greatest p that values within their rounding can have, a little widened."""
    found = [
        t_test(a, b, margin)
        for way in (-1, 1)
        for a, b in product(_unrounded(new, way), _unrounded(old, -way))
    ]
    chances = [test.p for test in found if isinstance(test, TTest)]
    return (min(chances), max(chances)) if chances else None


def _unrounded(sample: Sample, shift: int) -> list[Summary]:
    """The sample moved by its rounding, with the least and the greatest spread."""
    known, half = sample.summary, sample.rounding
    mean = known.mean + shift * half
    if known.sd is None:
        return [Summary(known.n, mean, None)]
    change = half * math.sqrt(known.n / (known.n - 1))  # the spread is a norm of the deviations
    return [Summary(known.n, mean, max(known.sd + way * change, 0.0)) for way in (-1, 1)]
