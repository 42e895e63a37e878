"""Where the seeds lie: points, mean and 95 % interval of both records, and the line to beat."""

import math
from collections.abc import Iterator, Sequence

from pgolf_check.measure.comparison import Comparison
from pgolf_check.measure.samples import Sample
from pgolf_check.measure.units import Unit
from pgolf_check.measure.welch import TTest, interval
from pgolf_check.report.drawing import Anchor, Diamond, Dot, Drawing, Ink, Line, Shape, Text

_WIDTH, _HEIGHT = 780, 320
_EDGE, _LEFT, _RIGHT = 28.0, 172.0, 752.0
_TOP, _FLOOR = 104.0, 256.0
_LANES = {Ink.NEW: 136.0, Ink.OLD: 212.0}
_SHOWN = 200  # points of one record; more would be a smear


def plot(comparison: Comparison) -> Drawing:
    """The picture of one comparison."""
    scale = _Scale(comparison)
    shapes = [
        *_heading(comparison),
        *_axis(scale, comparison.unit),
        *_lines(comparison, scale),
        *_lane(comparison.new, Ink.NEW, scale),
        *_lane(comparison.old, Ink.OLD, scale),
    ]
    title = f"{comparison.new.name} against {comparison.old.name}"
    return Drawing(_WIDTH, _HEIGHT, title, _summary(comparison), tuple(shapes))


class _Scale:
    """From scores to places on the paper. Wide intervals of few seeds may leave it."""

    def __init__(self, comparison: Comparison) -> None:
        samples = (comparison.new, comparison.old)
        marks = [value for sample in samples for value in (*sample.values, sample.summary.mean)]
        marks += [line for line, _ in margins(comparison)]
        span = (max(marks) - min(marks)) or max(abs(marks[0]) * 1e-4, 1e-9)
        ends = [end for sample in samples for end in interval(sample.summary) or ()]
        room = 0.9 * span
        low = min(marks) - min(max(min(marks) - min(ends, default=min(marks)), 0.0), room)
        high = max(marks) + min(max(max(ends, default=max(marks)) - max(marks), 0.0), room)
        self.low, self.high = low - 0.05 * span, high + 0.05 * span

    def x(self, value: float) -> float:
        """Held within the paper's borders."""
        share = (value - self.low) / (self.high - self.low)
        return _LEFT + (_RIGHT - _LEFT) * min(max(share, 0.0), 1.0)

    def leaves(self, value: float) -> bool:
        """Whether a value lies beyond the borders."""
        return not self.low <= value <= self.high

    def ticks(self) -> tuple[list[float], int]:
        """Round values, and the decimals they need."""
        step = 10 ** math.floor(math.log10((self.high - self.low) / 4))
        step *= next(
            times for times in (1, 2, 5, 10) if (self.high - self.low) / (step * times) <= 7
        )
        first = math.ceil(self.low / step)
        count = math.floor(self.high / step) - first + 1
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        return [(first + at) * step for at in range(count)], decimals


def margins(comparison: Comparison) -> list[tuple[float, str]]:
    """Where the new mean would have to lie, for each tokenizer's margin."""
    mean, name = comparison.old.summary.mean, comparison.old.name
    return [
        (mean - each.margin, f"{each.margin_nats_per_token:g} nats/token below {name}")
        for each in comparison.hypotheses
        if each.margin
    ]


def _heading(comparison: Comparison) -> Iterator[Shape]:
    yield Text(_EDGE, 34, _short(comparison.new.name, 44), Ink.NEW, 16, bold=True)
    against = f"against {_short(comparison.old.name, 24)}"
    yield Text(_RIGHT, 34, against, Ink.OLD, 16, Anchor.END, bold=True)
    edition, gate = comparison.chosen.edition, comparison.chosen
    verdict = f"Rules of {edition.name}: {gate.answer}, {gate.reason}"
    yield Text(_EDGE, 57, _short(verdict, 100), Ink.FAINT, 13)


def _axis(scale: _Scale, unit: Unit) -> Iterator[Shape]:
    ticks, decimals = scale.ticks()
    for tick in ticks:
        x = scale.x(tick)
        yield Line(x, _TOP, x, _FLOOR, Ink.GRID)
        yield Text(x, _FLOOR + 20, f"{tick:.{decimals}f}", Ink.FAINT, 12, Anchor.MIDDLE)
    y = _FLOOR + 46
    yield Line(_LEFT, y - 4, _LEFT + 26, y - 4, Ink.FAINT)
    for way in (-3.5, 3.5):
        yield Line(_LEFT, y - 4, _LEFT + 5, y - 4 + way, Ink.FAINT)
    yield Text(_LEFT + 34, y, "better", Ink.FAINT, 12)
    key = "dots: seeds,  diamond: mean,  bar: its 95 % interval"
    yield Text((_LEFT + _RIGHT) / 2, y, key, Ink.FAINT, 12, Anchor.MIDDLE)
    words = {Unit.BPB: "bits per byte", Unit.NATS: "nats per token"}[unit]
    yield Text(_RIGHT, y, words, Ink.FAINT, 12, Anchor.END)


def _lines(comparison: Comparison, scale: _Scale) -> Iterator[Shape]:
    """The old mean, and the margin below it; their labels stand on the side with room."""
    mean = comparison.old.summary.mean
    rows = [(mean, f"mean of {comparison.old.name}", Ink.OLD)]
    rows += [(line, words, Ink.MARGIN) for line, words in margins(comparison)[:1]]
    for at, (value, words, ink) in enumerate(rows):
        x, y = scale.x(value), _TOP - 22 + 17 * (at % 2)
        yield Line(x, y - 10, x, _FLOOR, ink, 1.5 if ink is Ink.MARGIN else 1.0, dashed=True)
        left = x > (_LEFT + _RIGHT) / 2
        place = x - 6 if left else x + 6
        yield Text(place, y, words, ink, 12, Anchor.END if left else Anchor.START)
    for value, _ in margins(comparison)[1:]:
        x = scale.x(value)
        yield Line(x, _TOP, x, _FLOOR, Ink.MARGIN, 1.0, dashed=True)


def _lane(sample: Sample, ink: Ink, scale: _Scale) -> Iterator[Shape]:
    y, summary = _LANES[ink], sample.summary
    shown = _evenly(sorted(sample.values))
    radius = 5.0 if len(shown) < 40 else 3.0
    for x, lift in _stacked([scale.x(value) for value in shown], radius):
        yield Dot(x, y - lift, radius, ink)
    below = y + 24
    if ends := interval(summary):
        yield Line(scale.x(ends[0]), below, scale.x(ends[1]), below, ink, 2)
        for end, way in zip(ends, (1, -1), strict=True):
            yield from _end(scale.x(end), below, ink, way if scale.leaves(end) else 0)
    yield Diamond(scale.x(summary.mean), below, 7, ink)
    shown_of = f" ({len(shown)} shown)" if len(shown) < len(sample.values) else ""
    words = [f"mean {summary.mean:.5f}", f"n = {summary.n}{shown_of}"]
    words += [] if summary.sd is None else [f"sd {summary.sd:.5f}"]
    yield Text(_EDGE, y - 4, "new" if ink is Ink.NEW else "old", ink, 13, bold=True)
    for at, line in enumerate(words):
        yield Text(_EDGE, y + 12 + 15 * at, line, ink, 12)


def _end(x: float, y: float, ink: Ink, way: int) -> Iterator[Shape]:
    """A cap, or an arrow where the interval goes on beyond the paper."""
    if not way:
        yield Line(x, y - 5, x, y + 5, ink, 2)
        return
    for side in (-5, 5):
        yield Line(x, y, x + 6 * way, y + side, ink, 2)


def _stacked(places: Sequence[float], radius: float) -> Iterator[tuple[float, float]]:
    """Points that would hide one another move up, at most three high."""
    last: list[float] = [-math.inf] * 3
    for x in places:
        level = next((at for at, taken in enumerate(last) if x - taken >= 1.8 * radius), 0)
        last[level] = x
        yield x, level * radius


def _evenly(values: list[float]) -> list[float]:
    """At most so many, in even steps through the order."""
    if len(values) <= _SHOWN:
        return values
    return [values[at * (len(values) - 1) // (_SHOWN - 1)] for at in range(_SHOWN)]


def _summary(comparison: Comparison) -> str:
    test = comparison.hypotheses[0].test
    p = f"p = {test.p:.3g}" if isinstance(test, TTest) else test.reason
    new, old = comparison.new.summary, comparison.old.summary
    return f"New mean {new.mean:.6f} (n = {new.n}), old mean {old.mean:.6f} (n = {old.n}); {p}."


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
