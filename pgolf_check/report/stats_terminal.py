"""A comparison for the eye: seeds, a small plot, tests, gates, and what to doubt."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pgolf_check.measure.check import Holding, Recomputed
from pgolf_check.measure.comparison import Comparison
from pgolf_check.measure.gates import Answer, Gate, Hypothesis
from pgolf_check.measure.power import WANTED, Power
from pgolf_check.measure.samples import Sample
from pgolf_check.measure.welch import NoTest, interval, interval_of
from pgolf_check.report.escape import visible

_WIDTH = 64  # of the plot, in characters
_LISTED = 12  # seeds; a table of ten thousand helps nobody
_STYLES = {Answer.YES: "green", Answer.NO: "red", Answer.UNKNOWN: "yellow"}
_HELD = {
    Holding.HOLDS: "green",
    Holding.NEARLY: "green",
    Holding.DOUBTFUL: "yellow",
    Holding.FAILS: "red",
    Holding.UNEXPLAINED: "dim",
}


def page(comparison: Comparison) -> Group:
    """One comparison."""
    return Group(*(Padding(part, (0, 0, 1, 0)) for part in _parts(comparison)))


def _parts(comparison: Comparison) -> Iterator[RenderableType]:
    new, old = comparison.new, comparison.old
    about = f" ({visible(old.about)})" if old.about else ""
    yield Text.assemble(
        (visible(new.name), "bold blue"), " against ", (visible(old.name), "bold yellow"), about
    )
    yield _seeds(new, old)
    yield Text(text_plot(comparison), no_wrap=True, overflow="crop")
    yield _tests(comparison)
    yield _gates(comparison.gates, comparison.chosen, new.summary.n)
    if comparison.quoted:
        yield _quotes(comparison.quoted)
    if comparison.warnings:
        lines = [
            Text.assemble((f"{each.doubt}: ", "yellow"), visible(each.message, 400))
            for each in comparison.warnings
        ]
        yield Group(*lines)


def _table(*columns: str, right: Sequence[int] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for at, column in enumerate(columns):
        table.add_column(column, justify="right" if at in right else "left", overflow="fold")
    return table


def _seeds(new: Sample, old: Sample) -> Table:
    table = _table("", "seed", new.unit, "log", right=(1, 2))
    for sample, side, style in ((new, "new", "blue"), (old, "old", "yellow")):
        for seed in sample.seeds[:_LISTED]:
            number = "" if seed.seed is None else str(seed.seed)
            value = _digits(seed.value, sample.rounding)
            table.add_row(Text(side, style), number, value, Text(visible(seed.log, 60)))
        if (more := len(sample.seeds) - _LISTED) > 0:
            table.add_row("", "", "...", f"and {more} more")
        summary = sample.summary
        ends = interval(summary)
        words = f"n = {summary.n}"
        if summary.sd is not None and ends:
            words += f", sd {summary.sd:.6f}, standard error {summary.standard_error:.6f}"
            words += f", 95 %: {ends[0]:.5f} ... {ends[1]:.5f}"
        table.add_row(Text(side, style), "mean", Text(f"{summary.mean:.6f}", "bold"), words)
    return table


def _digits(value: float, rounding: float) -> str:
    """As many decimals as were printed, at most eight."""
    for decimals in range(3, 8):
        if 0.5 * 10.0**-decimals <= rounding * 1.001:
            return f"{value:.{decimals}f}"
    return f"{value:.8f}"


def text_plot(comparison: Comparison) -> str:
    """Seeds (o), mean (#) and its 95 % interval of both; `|` marks what is to be beaten."""
    samples = (comparison.new, comparison.old)
    means = [sample.summary.mean for sample in samples]
    bar = comparison.old.summary.mean - max(each.margin for each in comparison.hypotheses)
    marks = [value for sample in samples for value in sample.values] + [*means, bar]
    low, high = min(marks), max(marks)
    room = 0.35 * (high - low) or abs(low) * 1e-6
    ends = [end for sample in samples for end in interval(sample.summary) or ()] or [low, high]
    low, high = max(min(*ends, low), low - room), min(max(*ends, high), high + room)

    def column(value: float) -> int:
        return round(min(max((value - low) / (high - low), 0.0), 1.0) * (_WIDTH - 1))

    lines = []
    for name, sample in zip(("new", "old"), samples, strict=True):
        line = [" "] * _WIDTH
        for end in [interval(sample.summary) or (sample.summary.mean, sample.summary.mean)]:
            line[column(end[0]) : column(end[1]) + 1] = "-" * (column(end[1]) - column(end[0]) + 1)
        line[column(bar)] = "|"
        for value in sample.values:
            line[column(value)] = "o"
        line[column(sample.summary.mean)] = "#"
        lines.append(f"{name}  {''.join(line)}")
    left, right = f"{low:.5f}", f"{high:.5f}"
    lines.append(f"     {left}{right:>{_WIDTH - len(left)}}")
    lines.append("     o seed, # mean, - its 95 % interval, | mean to reach; left is better")
    return "\n".join(lines)


def _tests(comparison: Comparison) -> Group:
    gained = comparison.improvement
    parts = [
        f"{value:.6f} {unit}"
        for value, unit in (
            (gained.bpb, "BPB"),
            (gained.nats_per_token, "nats/token"),
            (gained.nats_per_byte, "nats/byte"),
        )
        if value is not None
    ]
    table = _table("improvement", "test", "t", "df", "p", "relabelled p", right=(2, 3, 4))
    for each in comparison.hypotheses:
        table.add_row(*_test(each, comparison.unit))
    test = comparison.hypotheses[0].test
    reach = ""
    if not isinstance(test, NoTest):
        low, high = interval_of(test)
        reach = f"\nits 95 % interval: {low:.6f} ... {high:.6f} {comparison.unit}"
    return Group(Text(f"{' = '.join(parts)}{reach}"), table)


def _test(hypothesis: Hypothesis, unit: str) -> list[str | Text]:
    margin = "any"
    if hypothesis.margin:
        margin = f"> {hypothesis.margin_nats_per_token:g} nats/token"
        if hypothesis.bytes_per_token:
            margin += f" = {hypothesis.margin:.5f} {unit} at {hypothesis.bytes_per_token:.3f} B"
    test = hypothesis.test
    if isinstance(test, NoTest):
        return [margin, Text(f"none: {test.reason}", "yellow"), "", "", "", ""]
    relabelled = ""
    if hypothesis.permutation:
        found = hypothesis.permutation
        kind = "all" if found.exact else "drawn"
        relabelled = f"{found.p:.3g} ({found.arrangements} {kind}, least {found.smallest:.2g})"
    return [margin, test.method, f"{test.t:.3f}", f"{test.df:.2f}", f"{test.p:.4g}", relabelled]


def _needed(power: Power, runs: int) -> str:
    now = f"(now {power.now:.0%})"
    if power.seeds is None:
        return f"no number: {power.reason} {now}"
    more = power.seeds - runs
    return f"{power.seeds}, {more} more {now}" if more > 0 else f"{power.seeds} {now}"


def _gates(gates: Sequence[Gate], chosen: Gate, runs: int) -> Table:
    table = _table("rules of", "demand", "met?", "why", f"seeds for {WANTED:.0%} chance")
    for gate in gates:
        edition = gate.edition
        margin = edition.margin_nats_per_token
        demand = f"p < {edition.p_threshold:g}" + (f", {margin:g} nats/token" if margin else "")
        needed = _needed(gate.power, runs) if gate.power else ""
        name = Text(edition.name, "bold" if gate is chosen else "")
        answer = Text(gate.answer, _STYLES[gate.answer])
        table.add_row(name, demand, answer, gate.reason, needed)
    return table


def _quotes(quoted: Sequence[Recomputed]) -> Table:
    table = _table("line", "quoted", "holds?", "recomputed", right=(0,))
    for found in quoted:
        sign = "<" if found.quote.below else "="
        words = f"{found.quote.figure} {sign} {found.quote.value:g}"
        doubts = f" [{', '.join(found.doubts)}]" if found.doubts else ""
        answer = Text(found.holding, _HELD[found.holding])
        explanation = Text(visible(found.explanation, 400) + doubts)
        table.add_row(str(found.quote.line), words, answer, explanation)
    return table
