"""What each edition of the rulebook says of an improvement: yes, no, or cannot tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pgolf_check.editions import Edition
from pgolf_check.measure.power import Power, power
from pgolf_check.measure.resampling import Permutation, flip_signs, swap_labels
from pgolf_check.measure.samples import Sample
from pgolf_check.measure.units import Unit, nats_per_token
from pgolf_check.measure.welch import NoTest, TTest, t_test


class Answer(StrEnum):
    """Of a gate."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One margin, tested: by t, and by relabelling where single values are known."""

    margin: float  # in the unit of the samples
    margin_nats_per_token: float
    bytes_per_token: float | None  # which made one margin of the other; None where they are equal
    test: TTest | NoTest
    permutation: Permutation | None


@dataclass(frozen=True, slots=True)
class Gate:
    """One edition's demand, the hypotheses it rests on, and what it would take to pass."""

    edition: Edition
    hypotheses: tuple[Hypothesis, ...]
    answer: Answer
    reason: str
    power: Power | None


def hypotheses(new: Sample, old: Sample, margin_nats_per_token: float) -> tuple[Hypothesis, ...]:
    """One for each tokenizer, for a margin per token is another one in BPB for each."""
    if margin_nats_per_token == 0.0 or new.unit is Unit.NATS:
        return (_hypothesis(new, old, margin_nats_per_token, margin_nats_per_token, None),)
    margin = margin_nats_per_token
    return tuple(
        _hypothesis(new, old, margin / nats_per_token(each), margin, each)
        for each in _tokenizers(new, old)
    )


def gate(edition: Edition, new: Sample, old: Sample) -> Gate:
    """Both samples in one unit."""
    found = hypotheses(new, old, edition.margin_nats_per_token)
    answer, reason = _answer(edition, found)
    if not new.logged:
        answer, reason = Answer.UNKNOWN, "no log shows the new values"
    widest = max((each.margin for each in found), default=0.0)
    chances = power(new.summary, old.summary, widest, edition.p_threshold) if found else None
    return Gate(edition, found, answer, reason, chances)


def _answer(edition: Edition, found: Sequence[Hypothesis]) -> tuple[Answer, str]:
    if not found:
        return Answer.UNKNOWN, "the margin is in nats per token, and the tokenizer is unknown"
    tests = [each.test for each in found if isinstance(each.test, TTest)]
    if len(tests) < len(found):
        reasons = [each.test.reason for each in found if isinstance(each.test, NoTest)]
        return Answer.UNKNOWN, reasons[0]
    shown = " and ".join(f"{test.p:.3g}" for test in tests)
    holds = {test.p < edition.p_threshold for test in tests}
    if len(holds) > 1:
        return Answer.UNKNOWN, f"p = {shown}: it depends on whose tokens the margin counts"
    sign = "<" if holds == {True} else ">="
    answer = Answer.YES if holds == {True} else Answer.NO
    return answer, f"p = {shown} {sign} {edition.p_threshold:g}"


def _tokenizers(new: Sample, old: Sample) -> list[float]:
    """The distinct bytes per token; logs of one tokenizer differ in the fourth digit."""
    known = [each for each in (new.bytes_per_token, old.bytes_per_token) if each]
    return known[:1] if len(known) == 2 and abs(known[0] / known[1] - 1) < 2e-3 else known


def _hypothesis(
    new: Sample, old: Sample, margin: float, nats: float, bytes_each: float | None
) -> Hypothesis:
    test = t_test(new.summary, old.summary, margin)
    return Hypothesis(margin, nats, bytes_each, test, _relabelled(new, old, margin, test))


def _relabelled(
    new: Sample, old: Sample, margin: float, test: TTest | NoTest
) -> Permutation | None:
    if isinstance(test, NoTest) or len(new.values) < 2:
        return None
    if old.summary.sd is None:
        return flip_signs(new.values, old.summary.mean, margin)
    return swap_labels(new.values, old.values, margin) if old.values else None
