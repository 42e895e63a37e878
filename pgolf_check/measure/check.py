"""One quoted figure, recomputed: whether it holds, and if not how it came about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy.special import ndtr

from pgolf_check.measure.quotes import Figure, Quote
from pgolf_check.measure.readings import (
    MARGIN,
    Constant,
    Reading,
    constants_in,
    margin_in,
    readings,
)
from pgolf_check.measure.samples import Sample
from pgolf_check.measure.units import NATS_PER_BYTE, Unit, factor
from pgolf_check.measure.warnings import Doubt
from pgolf_check.measure.welch import upper_tail

_FEW = 30  # below this, a normal distribution is no stand-in for t


class Holding(StrEnum):
    """What became of a quoted figure."""

    HOLDS = "holds"
    NEARLY = "nearly"  # within what rounding on the way can do
    DOUBTFUL = "doubtful"  # reproduced, but only by a wrong or weaker way
    FAILS = "fails"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A quoted figure, what it should be, and why."""

    quote: Quote
    holding: Holding
    explanation: str
    doubts: tuple[Doubt, ...] = ()
    value: float | None = None


class Check:
    """One quote with all that it may be compared with."""

    def __init__(
        self,
        quote: Quote,
        quotes: Sequence[Quote],
        new: Sample,
        old: Sample,
        others: Sequence[Sample],
    ) -> None:
        self.quote, self.quotes, self.new, self.old = quote, quotes, new, old
        wide = quote.figure is Figure.T and quote.digits > 2
        self.near = constants_in(quote.around if wide else quote.near, new)
        self.readings = list(readings(new, old, self.near))
        self.distant = [Constant(other.summary.mean, other.name) for other in others]

    def answer(self) -> Recomputed | None:
        """None for figures that belong elsewhere, say to another column of a table."""
        match self.quote.figure:
            case Figure.T:
                return self._t()
            case Figure.DF:
                return self._df()
            case Figure.P:
                return self._p_below() if self.quote.below else self._p()
            case Figure.SD:
                return self._sd()
            case Figure.SIGMA:
                return self._sigmas()
            case _:
                return self._difference()

    def _t(self) -> Recomputed:
        every = (*self.readings, *readings(self.new, self.old, self.distant))
        if shown := [r for r in every if self.quote.shows(r.test.t) and self._is_proof(r)]:
            best = min(shown, key=lambda reading: len(reading.doubts))
            return self._reproduced(best, best.test.t)
        proper = self.readings[0].test.t
        if self.quote.nearly_shows(proper):
            return self._nearly(proper)
        for reading in readings(self.new, self.old, constants_in(self.quote.text, self.new)):
            if Doubt.POPULATION_SD in reading.doubts or not self._is_proof(reading):
                continue
            if self.quote.nearly_shows(reading.test.t):
                how = f"nearly ({reading.test.t:.4g}) as {reading.how}"
                how += self._margin_missing(reading)
                return Recomputed(self.quote, Holding.DOUBTFUL, how, reading.doubts, reading.test.t)
        error = self.new.summary.standard_error or 0.0
        constant = self.new.summary.mean + abs(self.quote.value) * error
        how = f"t = {proper:.4g} against {self.old.name}; a one-sample t would need the constant"
        how += f" {constant:.6f}"
        return self._fails(how, proper)

    def _is_proof(self, reading: Reading) -> bool:
        """Nobody quotes a t against himself, but for the comparison that was asked for."""
        return reading.test.t > 0 or reading is self.readings[0]

    def _margin_missing(self, reading: Reading) -> str:
        """Where the text speaks of the margin, a t that ignores it does not show the rule met."""
        margin, test = margin_in(self.new), reading.test
        if test.margin or margin is None or "0.005" not in self.quote.around:
            return ""
        t = (test.improvement - margin) / test.standard_error
        p = upper_tail(t, test.df)
        return f"; that tests for any improvement: with the margin t = {t:.3g}, p = {p:.2g}"

    def _margin_inside(self, reading: Reading) -> str:
        """A constant that is somebody's score less 0.005 BPB has taken the rule's nats for BPB."""
        compared = reading.test.improvement + self.new.summary.mean
        in_bpb = self.new.unit is Unit.BPB
        scale = 1.0 if in_bpb else factor(Unit.BPB, Unit.NATS, self.new.bytes_per_token or 1.0)
        for score in (*self.near, *self.distant, Constant(self.old.summary.mean, self.old.name)):
            if abs(score.value - MARGIN * scale - compared) < 6e-5 * scale:
                return f", which is {score.name} less 0.005 BPB; the rule says nats"
        return ""

    def _df(self) -> Recomputed:
        proper = self.readings[0].test.df
        if abs(proper - self.quote.value) <= self.quote.half_unit * 1.001:
            return self._holds(f"Welch-Satterthwaite, against {self.old.name}", proper)
        if self.quote.value == self.new.summary.n - 1 and self._one_sample_t_is_near():
            return self._holds("right for one sample against a constant", self.quote.value)
        if self.quote.nearly_shows(proper):
            return self._nearly(proper)
        pooled = self.new.summary.n + self.old.summary.n - 2
        hint = "; that is df of equal variances" if self.quote.value == pooled else ""
        how = f"Welch-Satterthwaite gives {proper:.2f} against {self.old.name}{hint}"
        return Recomputed(self.quote, Holding.FAILS, how, (Doubt.WRONG_DF,), proper)

    def _one_sample_t_is_near(self) -> bool:
        """Whether the t quoted beside is one against a constant, whose df is n - 1."""
        beside = [
            q for q in self.quotes if q.figure is Figure.T and abs(q.line - self.quote.line) < 3
        ]
        return not any(q.shows(self.readings[0].test.t) for q in beside)

    def _p(self) -> Recomputed:
        if shown := [each for each in self.readings if self.quote.shows(each.test.p)]:
            best = min(shown, key=lambda reading: len(reading.doubts))
            return self._reproduced(best, best.test.p)
        for reading in self.readings:
            yes = {
                Doubt.TWO_SIDED: (2 * reading.test.p, "two-sided"),
                Doubt.Z_FOR_FEW: (float(ndtr(-reading.test.t)), "from a normal distribution"),
            }
            for doubt, (value, words) in yes.items():
                if self.quote.shows(value):
                    how = f"{reading.how}, {words}; one-sided by t it is {reading.test.p:.3g}"
                    doubts = (doubt, *reading.doubts)
                    return Recomputed(
                        self.quote, Holding.DOUBTFUL, how, doubts, self.readings[0].test.p
                    )
        proper = self.readings[0].test.p
        if source := self._quoted_t_and_df():
            how = f"follows from the quoted {source}; recomputed it is {proper:.3g}"
            return Recomputed(self.quote, Holding.DOUBTFUL, how, (Doubt.NOT_REPRODUCED,), proper)
        if self.quote.nearly_shows(proper):
            return self._nearly(proper)
        for reading in readings(self.new, self.old, ()):
            if self.quote.nearly_shows(reading.test.p):
                how = f"nearly ({reading.test.p:.4g}) as {reading.how}"
                return Recomputed(self.quote, Holding.DOUBTFUL, how, reading.doubts, proper)
        return self._fails(f"p = {proper:.3g} against {self.old.name}", proper)

    def _quoted_t_and_df(self) -> str:
        beside = [q for q in self.quotes if abs(q.line - self.quote.line) < 4]
        frees = [q.value for q in beside if q.figure is Figure.DF] or [self.new.summary.n - 1.0]
        for t in (q.value for q in beside if q.figure is Figure.T):
            for df in frees:
                if df > 0 and self.quote.shows(upper_tail(abs(t), df)):
                    return f"t = {t:g} with df = {df:g}"
        return ""

    def _p_below(self) -> Recomputed:
        proper = self.readings[0].test.p
        if proper < self.quote.value:
            return self._holds(f"p = {proper:.3g} against {self.old.name}", proper)
        for reading in self.readings:
            if reading.test.p < self.quote.value and not reading.test.margin:
                how = f"only {reading.how}: p = {reading.test.p:.2g}; against {self.old.name}"
                how += f" it is {proper:.3g}"
                return Recomputed(self.quote, Holding.DOUBTFUL, how, reading.doubts, proper)
        return self._fails(f"p = {proper:.3g} against {self.old.name}", proper)

    def _sd(self) -> Recomputed | None:
        for sample, whose in ((self.new, "these seeds"), (self.old, self.old.name)):
            sd, n = sample.summary.sd or 0.0, sample.summary.n
            if self.quote.shows(sd):
                return self._holds(f"sample standard deviation of {whose}", sd)
            if n > 1 and self.quote.digits > 1 and self.quote.shows(sd * ((n - 1) / n) ** 0.5):
                how = f"population deviation (ddof = 0) of {whose}; ddof = 1 gives {sd:.3g}"
                doubts = (Doubt.POPULATION_SD,)
                return Recomputed(self.quote, Holding.DOUBTFUL, how, doubts, sd)
        return None

    def _sigmas(self) -> Recomputed:
        n = self.new.summary.n
        for reading in filter(self._is_proof, self.readings):
            of_runs = reading.test.t / n**0.5
            for value, words in ((reading.test.t, "standard errors"), (of_runs, "deviations")):
                if self.quote.shows(value):
                    how = f"{value:.3g} {words}, {reading.how}; n = {n}, so by t"
                    how += f" p = {reading.test.p:.2g}"
                    doubts = ((Doubt.Z_FOR_FEW,) if n < _FEW else ()) + reading.doubts
                    holding = Holding.DOUBTFUL if doubts else Holding.HOLDS
                    return Recomputed(self.quote, holding, how, doubts, reading.test.t)
        return Recomputed(self.quote, Holding.UNEXPLAINED, "not from these runs")

    def _difference(self) -> Recomputed | None:
        """A difference in the wrong unit; those of ablations and other rows match none."""
        for constant in (Constant(self.old.summary.mean, self.old.name), *self.near):
            units = dict(self._deltas(constant.value - self.new.summary.mean))
            claimed = units.pop(self.quote.figure, None)
            if claimed is None:
                continue
            if self.quote.shows(claimed):
                return self._holds(f"against {constant.name}", claimed)
            for figure, value in units.items():
                if self.quote.shows(value):
                    unit = self.quote.figure.value
                    how = f"that is {figure.value}; in {unit} it is {claimed:.4f}"
                    how += f", against {constant.name}"
                    doubts = (Doubt.WRONG_UNIT,)
                    return Recomputed(self.quote, Holding.FAILS, how, doubts, claimed)
        return None

    def _deltas(self, difference: float) -> Iterator[tuple[Figure, float]]:
        for value, unit in self._in_units(difference):
            yield (Figure.BPB if unit is Unit.BPB else Figure.NATS), value
            if unit is Unit.BPB:
                yield Figure.NATS_PER_BYTE, value * NATS_PER_BYTE

    def _in_units(self, value: float) -> Iterator[tuple[float, Unit]]:
        yield value, self.new.unit
        if self.new.bytes_per_token:
            other = Unit.NATS if self.new.unit is Unit.BPB else Unit.BPB
            yield value * factor(self.new.unit, other, self.new.bytes_per_token), other

    def _reproduced(self, reading: Reading, value: float) -> Recomputed:
        """One figure is all there is of some rows; then a one-sample test is what can be done."""
        doubts, more = reading.doubts, ""
        if more := self._margin_inside(reading):
            doubts = (*doubts, Doubt.WRONG_UNIT)
        elif more := self._margin_missing(reading):
            doubts = (*doubts, Doubt.NO_MARGIN)
        proper = reading is self.readings[0] and not more
        holding = Holding.HOLDS if proper or not doubts else Holding.DOUBTFUL
        return Recomputed(self.quote, holding, reading.how + more, doubts, value)

    def _holds(self, how: str, value: float) -> Recomputed:
        return Recomputed(self.quote, Holding.HOLDS, how, (), value)

    def _nearly(self, value: float) -> Recomputed:
        how = f"{value:.4g} against {self.old.name}; rounded inputs can explain the difference"
        return Recomputed(self.quote, Holding.NEARLY, how, (), value)

    def _fails(self, how: str, value: float) -> Recomputed:
        return Recomputed(self.quote, Holding.FAILS, how, (Doubt.NOT_REPRODUCED,), value)
