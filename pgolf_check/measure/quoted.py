"""Recomputes the statistics that a text quotes; says which hold and how others came about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pgolf_check.measure.check import Check, Holding, Recomputed
from pgolf_check.measure.quotes import Quote, quotes_in
from pgolf_check.measure.samples import Sample
from pgolf_check.measure.units import Unit
from pgolf_check.measure.warnings import Doubt

_TELLING = 4  # significant digits from which a match with a far-off constant is no accident
_NAMED = 6  # records tried for one quote
_ORDER = list(Holding)


def recompute(
    text: str, new: Sample, old: Sample, others: Sequence[Sample] = ()
) -> list[Recomputed]:
    """All quotes of a text against two samples in one unit, the best reading of each.

    `others` are records that the text may compare with instead; those named near a quote are
    tried like the old one, and the score of any of them as a constant.
    """
    if new.summary.sd is None:
        return []
    quotes = list(quotes_in(text))
    sides = [_Side.of(new, old, others)]
    if new.bytes_per_token:
        sides.append(sides[0].in_other_unit())
    found = []
    for quote in quotes:
        tried = [
            Check(quote, quotes, one.new, one.old, one.others)
            for side in sides
            for one in side.around(quote)
        ]
        if known := [answer for check in tried if (answer := check.answer())]:
            found.append(min(known, key=_worth))
    return found


def _worth(found: Recomputed) -> tuple[int, bool, int]:
    """The plainest explanation is the likeliest."""
    unfounded = Doubt.NOT_REPRODUCED in found.doubts
    return _ORDER.index(found.holding), unfounded, len(found.doubts)


@dataclass(frozen=True, slots=True)
class _Side:
    """Both samples and all other scores in one unit."""

    new: Sample
    old: Sample
    others: tuple[Sample, ...]

    @classmethod
    def of(cls, new: Sample, old: Sample, others: Sequence[Sample]) -> "_Side":
        """Other records' scores count in the bytes of the new one's tokenizer, as people do."""
        mine = new.bytes_per_token
        known = tuple(other.measured_in(new.unit) for other in others if other.bytes_per_token)
        return cls(new, replace(old, bytes_per_token=mine or old.bytes_per_token), known)

    def in_other_unit(self) -> "_Side":
        """The same in nats per token, or in BPB."""
        unit = Unit.NATS if self.new.unit is Unit.BPB else Unit.BPB
        others = tuple(other.measured_in(unit) for other in self.others)
        return _Side(self.new.measured_in(unit), self.old.measured_in(unit), others)

    def around(self, quote: Quote) -> list["_Side"]:
        """The records to try, those that are named near the quote first.

        A score nobody names explains only a figure of many digits; else it would by accident.
        """
        usual = self if quote.digits >= _TELLING else replace(self, others=())
        named = [
            replace(self, old=other, others=())
            for other in self.others
            if other.name != self.old.name and _is_named(other, quote.around)
        ][:_NAMED]
        return [usual, *named] if _is_named(self.old, quote.around) else [*named, usual]


def _is_named(other: Sample, text: str) -> bool:
    number = re.search(rf"{re.escape(other.name)}(?!\d)", text) if other.name[0] == "#" else None
    return number is not None or f"{other.summary.mean:.4f}" in text
