"""Every way to arrive at a t from two samples that people have been seen to go."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pgolf_check.measure.samples import Sample, Summary
from pgolf_check.measure.units import Unit, factor
from pgolf_check.measure.warnings import Doubt
from pgolf_check.measure.welch import Method, TTest, t_test

MARGIN = 0.005  # of the README; read per token by the organizers, as BPB by others
_DECIMAL = re.compile(r"(?<![\d.])\d\.\d{3,10}(?!\d)")
_CONSTANTS = 80  # near one quote; long tables hold more
_PLAUSIBLE = 0.3  # a score that somebody compares with lies within this share of the new one


@dataclass(frozen=True, slots=True)
class Constant:
    """A single score taken as free of noise, in the unit of the samples."""

    value: float
    name: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A t-test with what is to be said of having made it that way."""

    test: TTest
    how: str
    doubts: tuple[Doubt, ...] = ()


def readings(new: Sample, old: Sample, constants: Sequence[Constant]) -> Iterator[Reading]:
    """The proper test first, then what a quoted figure may stem from instead."""
    for margin, words, doubt in _margins(new):
        yield from _two_sample(new.summary, old, margin, words, doubt)
    alone = [Constant(old.summary.mean, f"the mean of {old.name}")] if old.summary.sd else []
    for constant in (*alone, *constants):
        for margin, words, doubt in _margins(new):
            yield from _one_sample(new.summary, constant, margin, words, doubt)


def constants_in(text: str, new: Sample) -> list[Constant]:
    """Numbers near a quote that could be the score it was compared with."""
    own = {round(value, 4) for value in (*new.values, new.summary.mean)}
    found: dict[float, Constant] = {}
    for word in _DECIMAL.findall(text):
        for value, name in _in_unit(float(word), word, new):
            distant = abs(value / new.summary.mean - 1)
            if distant < _PLAUSIBLE and round(value, 4) not in own:
                found.setdefault(value, Constant(value, name))
    return list(found.values())[:_CONSTANTS]


def _in_unit(value: float, word: str, new: Sample) -> Iterator[tuple[float, str]]:
    yield value, word
    if new.bytes_per_token:
        other = Unit.NATS if new.unit is Unit.BPB else Unit.BPB
        yield value * factor(other, new.unit, new.bytes_per_token), f"{word} {other}"


def margin_in(new: Sample) -> float | None:
    """The README's margin in the unit of the sample."""
    if new.unit is Unit.NATS:
        return MARGIN
    return (
        MARGIN * factor(Unit.NATS, new.unit, new.bytes_per_token) if new.bytes_per_token else None
    )


def _margins(new: Sample) -> Iterator[tuple[float, str, tuple[Doubt, ...]]]:
    yield 0.0, "", ()
    if margin := margin_in(new):
        yield margin, " with the 0.005-nat margin", ()
    if new.unit is Unit.BPB:
        yield (
            MARGIN,
            " with a margin of 0.005 BPB, which the rule states in nats",
            (Doubt.WRONG_UNIT,),
        )


def _two_sample(
    new: Summary, old: Sample, margin: float, words: str, doubts: tuple[Doubt, ...]
) -> Iterator[Reading]:
    test = t_test(new, old.summary, margin)
    if isinstance(test, TTest):
        alone = (Doubt.AGAINST_CONSTANT,) if test.method is Method.ONE_SAMPLE else ()
        yield Reading(test, f"{test.method} against {old.name}{words}", (*alone, *doubts))
    test = t_test(_population(new), _population(old.summary), margin)
    if isinstance(test, TTest):
        how = f"{test.method} against {old.name}{words}, but with population deviations (ddof = 0)"
        yield Reading(test, how, (Doubt.POPULATION_SD, *doubts))


def _one_sample(
    new: Summary, constant: Constant, margin: float, words: str, doubts: tuple[Doubt, ...]
) -> Iterator[Reading]:
    old = Summary(1, constant.value, None)
    test = t_test(new, old, margin)
    how = f"one-sample against {constant.name}{words}"
    if isinstance(test, TTest):
        yield Reading(test, how, (Doubt.AGAINST_CONSTANT, *doubts))
    test = t_test(_population(new), old, margin)
    if isinstance(test, TTest):
        marks = (Doubt.POPULATION_SD, Doubt.AGAINST_CONSTANT, *doubts)
        yield Reading(test, f"{how}, but with the population deviation (ddof = 0)", marks)


def _population(summary: Summary) -> Summary:
    """The same runs with the deviation divided by n, as `numpy.std` does unless told."""
    if summary.sd is None:
        return summary
    return replace(summary, sd=summary.sd * math.sqrt((summary.n - 1) / summary.n))
