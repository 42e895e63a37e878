"""The sizes of a submission as a page: every count beside the others, with what it rests on."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pgolf_check.report.escape import visible
from pgolf_check.submission.sizes import RULE_OF, Count, Part, RunSize, Way
from pgolf_check.submission.verify import Artifact, Standing, Verified, doubt, standing

_STYLES = {Standing.WITHIN: "green", Standing.OVER: "bold red", Standing.UNDECIDED: "yellow"}
_ROWS = 40  # of tensors; the rest is counted


def size_page(verified: Verified, cap: int, edition: str) -> RenderableType:
    """The answer, the counts of each run, what they follow, and what was not measured."""
    target = verified.target
    name = PurePosixPath(target.folder).name or target.folder or target.ref
    answer = standing(verified, cap)
    word = {"undecided": "CANNOT DECIDE"}.get(answer, answer.upper())
    head = Text(word, style=_STYLES[answer])
    head.append(f"  {_why(verified, answer, cap)}", style="default")
    parts: list[RenderableType] = [
        Text(visible(name, 78), style="bold"),
        Text(f"{verified.track} track · {cap:,} bytes allowed, decimal (rules of {edition})"),
        Text(""),
        head,
    ]
    for run in verified.runs:
        aside = run not in verified.decisive
        parts += [Text(""), _run(run, cap, aside=aside)]
    parts += [Text(""), _rules(), *_counted(verified), *_missing(verified)]
    for artifact in verified.artifacts:
        parts += [Text(""), _artifact(artifact)]
    return Group(*parts)


def disagreements(run: RunSize, cap: int) -> Iterator[str]:
    """Where the counts of one run contradict each other."""
    totals = {count.way: count.total for count in run.counts if count.total is not None}
    if len({total > cap for total in totals.values()}) == 2:
        over = ", ".join(way for way, total in totals.items() if total > cap)
        within = ", ".join(way for way, total in totals.items() if total <= cap)
        yield f"over the cap by the count {over}, within by {within}"
    logged, shipped = run.count(Way.LOGGED), run.count(Way.SHIPPED)
    for what, said, here in (
        ("code", logged.code, shipped.code),
        ("the model", logged.model, shipped.model),
    ):
        if said and here and here.measured and said.size != here.size:
            difference = here.size - said.size
            yield f"{what} is {here.size:,} bytes here, {difference:+,} against the log"
    if logged.stated and logged.code and logged.model:
        parts = logged.code.size + logged.model.size
        if parts != logged.stated.size:
            yield f"the log's parts come to {parts:,}, its total says {logged.stated.size:,}"


def resting_on(count: Count) -> str:
    """What was measured and what was only read."""
    if count.total is None:
        return "; ".join(count.missing) or "not counted"
    if count.stated or (count.code and not count.code.measured):
        return "read, not verified"
    return f"code measured, model {'measured' if count.measured else 'read'}"


def _why(verified: Verified, answer: Standing, cap: int) -> str:
    if answer is Standing.UNDECIDED:
        reason = str(doubt(verified, cap))
        return f"{reason[0].upper()}{reason[1:]}."
    totals = [c.total for run in verified.decisive for c in run.counts if c.total is not None]
    largest = max(totals)
    measured = all(run.count(Way.SHIPPED).measured for run in verified.decisive)
    basis = "counted here" if measured else "by numbers that were read, not verified"
    return f"{basis}; the largest count is {largest:,}, {cap - largest:+,} to the cap"


def _run(run: RunSize, cap: int, *, aside: bool) -> Group:
    seed = f"seed {run.seed}" if run.seed is not None else "run"
    title = f"{seed} · {visible(run.log, 60)}" if run.log else "the folder itself"
    title += " (not behind the score)" if aside else ""
    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    table.add_column("count", no_wrap=True)
    for name in ("code", "model", "total", "margin"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("rests on", overflow="fold")
    for count in run.counts:
        margin = "-" if count.total is None else f"{cap - count.total:+,}"
        table.add_row(
            count.way.value,
            _size(count.code),
            _size(count.model),
            "-" if count.total is None else f"{count.total:,}",
            Text(margin, style="red" if count.total is not None and count.total > cap else ""),
            Text(visible(resting_on(count), 160)),
        )
    told = [visible(disagreement, 200) for disagreement in disagreements(run, cap)]
    lines = [Text(f"disagreement: {text}", style="yellow") for text in told]
    return Group(Text(title, style="bold"), Padding(Group(table, *lines), (0, 0, 0, 2)))


def _rules() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for way, rule in RULE_OF.items():
        table.add_row(way.value, rule)
    return table


def _counted(verified: Verified) -> Iterator[RenderableType]:
    """The files that the measured parts were counted from."""
    parts = [part for run in verified.runs for c in run.counts for part in (c.code, c.model)]
    origins = dict.fromkeys(part.origin for part in parts if part and part.measured)
    if origins:
        yield Text(f"Measured: {', '.join(visible(origin, 80) for origin in origins)}")


def _missing(verified: Verified) -> Iterator[RenderableType]:
    notes = [
        f"{problem.place}: {problem.message}" if problem.place.file else problem.message
        for problem in verified.problems
    ]
    if verified.claimed is not None:
        notes.append(f"submission.json states {verified.claimed:,} bytes; that is a claim.")
    notes.append("The tokenizer is not counted (ART-TOKENIZER).")
    yield Text("")
    yield Text("Not measured", style="bold")
    for note in dict.fromkeys(notes):
        yield Padding(Text(visible(note, 300)), (0, 0, 0, 2))


def _artifact(artifact: Artifact) -> Group:
    weights = artifact.weights
    lines = [Text(f"{visible(artifact.path, 70)}  {artifact.size:,} bytes", style="bold")]
    lines += [Text(f"  {layer.codec} unpacks to {layer.size:,} bytes") for layer in weights.layers]
    lines += [
        Text(f"  {problem.kind}: {visible(problem.message, 200)}", style="yellow")
        for problem in weights.problems
    ]
    if weights.container:
        count = len(weights.tensors)
        noun = "tensor" if count == 1 else "tensors"
        lines.append(Text(f"  {weights.container}, {count:,} {noun}; nothing in it was run"))
    for tensor in weights.tensors[:_ROWS]:
        shape = " x ".join(map(str, tensor.shape)) or "a single number"
        lines.append(Text(f"    {visible(tensor.name, 50)}  {visible(tensor.dtype, 20)}  {shape}"))
    if len(weights.tensors) > _ROWS:
        lines.append(Text(f"    … and {len(weights.tensors) - _ROWS:,} more"))
    return Group(*lines)


def _size(part: Part | None) -> str:
    return f"{part.size:,}" if part else "-"
