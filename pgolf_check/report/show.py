"""A submission as one page for people: 80 columns, and no meaning in colour alone."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pgolf_check.report.escape import visible
from pgolf_check.submission.facts import Claimed, Manifest, RunLog, Source, Submission
from pgolf_check.submission.settings import changed_settings, default_of
from pgolf_check.submission.timeline import after_training, evaluation_seconds

BUDGET = 600.0  # seconds; training and evaluation have as much each
_BAR = 30  # characters that stand for the budget
_ROWS = 40  # of a table; what is left out is counted
_SIZE_LIMIT = 16_000_000


def page(submission: Submission) -> Group:
    """What is submitted, where it came from, how it ran, and what reading could not settle."""
    sections: list[tuple[str, RenderableType | None]] = [
        ("Claim and logs", _claims(submission)),
        ("Code", _code(submission)),
        ("Seeds", _seeds(submission)),
        (f"Time, a full bar is {BUDGET:.0f} s", _times(submission)),
        ("Settings that differ from the code's defaults", _settings(submission)),
        ("Problems", _problems(submission)),
    ]
    parts: list[RenderableType] = [_head(submission)]
    for title, body in sections:
        if body is not None:
            parts += [Text(""), Text(title, style="bold"), Padding(body, (0, 0, 0, 2))]
    return Group(*parts)


def _head(submission: Submission) -> Group:
    target = submission.target
    lines = [Text(_shown(PurePosixPath(target.folder).name or target.folder, 78), style="bold")]
    origin = [f"{submission.track} track"]
    if target.commit:
        origin += [_shown(target.ref, 40), f"commit {target.commit[:12]}"]
    size = sum(entry.size for entry in submission.files)
    origin.append(f"{_count(len(submission.files), 'file')}, {size:,} bytes")
    lines.append(Text(" · ".join(origin)))
    if submission.copy_of:
        commit, _, folder = submission.copy_of.partition(":")
        name = _shown(PurePosixPath(folder).name, 50)
        lines.append(Text(f"a copy of {name} in {_shown(commit[:12])}", style="yellow"))
    if submission.outside:
        first = ", ".join(_shown(path, 40) for path in submission.outside[:3])
        lines.append(Text(f"touches {_count(len(submission.outside), 'file')} elsewhere: {first}"))
    if submission.siblings:
        lines.append(Text(f"comes with {_count(len(submission.siblings), 'other folder')}"))
    return Group(*lines)


def _claims(submission: Submission) -> Table:
    headline, manifest = submission.headline, submission.manifest
    table = _grid(2)
    if manifest:
        claims = list(_claimed(manifest))
        table.add_row("submission.json", Text("\n".join(claims) or "states nothing that is read"))
    else:
        table.add_row("submission.json", Text("none that can be read", style="yellow"))
    score = "no score" if headline.val_bpb is None else f"{headline.val_bpb:.5f} bits per byte"
    table.add_row("headline", Text(score, style="bold"))
    standing = "supported" if headline.supported else "NOT supported"
    style = "green" if headline.supported else "yellow"
    reason = Text(f"{standing}: {_shown(headline.reason, 160)}", style=style)
    if headline.nearest is not None and not headline.supported:
        reason.append(f"; nearest logged value {headline.nearest:.5f}")
    table.add_row("", reason)
    return table


def _claimed(manifest: Manifest) -> Iterator[str]:
    rows: tuple[tuple[str, Claimed | None, str], ...] = (
        ("val_bpb", manifest.val_bpb, ""),
        ("total size", manifest.bytes_total, " bytes"),
        ("training", manifest.train_seconds, " s"),
        ("evaluation", manifest.eval_seconds, " s"),
        ("hardware", manifest.hardware, ""),
        ("author", manifest.author, ""),
        ("date", manifest.date, ""),
    )
    for name, claimed, unit in rows:
        if claimed is None:
            continue
        if claimed.value is None:
            yield f"{name}: no value ({_shown(claimed.key, 30)} holds {_shown(claimed.raw, 30)})"
        elif isinstance(claimed.value, int):
            yield f"{name} {claimed.value:,}{unit}"
        else:
            yield f"{name} {_shown(str(claimed.value), 50)}{unit}"
    if manifest.seed_count:
        yield _count(manifest.seed_count, "seed")


def _code(submission: Submission) -> RenderableType:
    entry = submission.entry
    if entry is None:
        return Text("no entry script was found", style="yellow")
    table = _grid(3)
    for wrapper in submission.wrappers:
        table.add_row(_path(wrapper), "wrapper", _extent(wrapper))
    table.add_row(_path(entry), "entry", _extent(entry))
    for source in (*submission.modules, *submission.natives)[:_ROWS]:
        table.add_row(_path(source), source.role.value, _extent(source))
    logged = [log for log in submission.logs if log.source]
    if logged:
        table.add_row(_count(len(logged), "log"), "logged", "the script as a log recorded it")
    return table


def _seeds(submission: Submission) -> RenderableType | None:
    if not submission.logs:
        return Text("no train log", style="yellow")
    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for name in ("seed", "steps", "ms/step", "train s", "eval s", "bytes", "val_bpb"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("log", no_wrap=True, overflow="ellipsis", max_width=24)
    for log in submission.logs[:_ROWS]:
        seconds = evaluation_seconds(log, submission.headline.label)
        over = log.total_bytes is not None and log.total_bytes > _SIZE_LIMIT
        table.add_row(
            _number(log.seed, "d"),
            _number(log.steps, ","),
            _number(log.step_ms, ".1f"),
            _number(log.train_ms / 1000 if log.train_ms is not None else None, ".1f"),
            _number(seconds, ".1f"),
            Text(
                _number(log.total_bytes, ",") + ("!" if over else ""), style="red" if over else ""
            ),
            _number(_score(log, submission), ".5f"),
            Text(_shown(log.path, 40)),
        )
    return _with_rest(table, len(submission.logs))


def _times(submission: Submission) -> RenderableType | None:
    timed = [log for log in submission.logs if log.train_ms is not None]
    if not timed:
        return None
    table = _grid(4)
    for log in timed[:_ROWS]:
        name = (
            f"seed {log.seed}" if log.seed is not None else _shown(PurePosixPath(log.path).name, 12)
        )
        assert log.train_ms is not None
        rows = [("train", log.train_ms / 1000, "█")]
        if (quantising := after_training(log)) > 0:
            rows.append(("+ quantise", quantising, "▒"))
        if (seconds := evaluation_seconds(log, submission.headline.label)) is not None:
            rows.append(("evaluate", seconds, "░"))
        for stage, amount, mark in rows:
            over = amount > BUDGET
            bar = mark * max(1, min(_BAR, round(_BAR * amount / BUDGET))) + (">" if over else "")
            text = f"{amount:.2f} s" + (f", {amount - BUDGET:.2f} s over" if over else "")
            table.add_row(
                name, stage, Text(bar.ljust(_BAR + 1)), Text(text, style="red" if over else "")
            )
            name = ""
    return _with_rest(table, len(timed))


def _settings(submission: Submission) -> RenderableType | None:
    changed = changed_settings(submission.settings)
    if not changed:
        return None
    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("name", no_wrap=True, overflow="ellipsis", max_width=30)
    table.add_column("default", no_wrap=True, overflow="ellipsis", max_width=12)
    table.add_column("in the run", no_wrap=True, overflow="ellipsis", max_width=16)
    table.add_column("said by", no_wrap=True, overflow="ellipsis", max_width=28)
    for setting in changed[:_ROWS]:
        place = setting.values[0].place
        table.add_row(
            Text(_shown(setting.name, 40)),
            Text(_shown(default_of(setting) or '""', 20)),
            Text(_shown(" or ".join(setting.effective) or '""', 24)),
            Text(f"{setting.values[0].source} {_shown(str(place), 40)}"),
        )
    return _with_rest(table, len(changed))


def _problems(submission: Submission) -> RenderableType | None:
    if not submission.problems:
        return None
    table = _grid(2)
    for problem in submission.problems[:_ROWS]:
        place = _shown(str(problem.place), 60)
        table.add_row(problem.kind.value, Text(f"{place}: {_shown(problem.message, 200)}"))
    return _with_rest(table, len(submission.problems))


def _score(log: RunLog, submission: Submission) -> float | None:
    """What this log reports under the headline's label."""
    label = submission.headline.label
    values = [score.val_bpb for score in log.evals if score.label == label]
    return values[-1] if label and values else None


def _path(source: Source) -> Text:
    indent = "  " * source.layer
    packed = f" layer {source.layer}" if source.layer else ""
    return Text(f"{indent}{_shown(source.path, 40)}{packed}")


def _extent(source: Source) -> str:
    packed = f", unpacked from {_shown(source.codec, 30)}" if source.codec else ""
    return f"{len(source.text):,} characters in {source.text.count(chr(10)) + 1:,} lines{packed}"


def _with_rest(table: Table, total: int) -> RenderableType:
    if total <= _ROWS:
        return table
    return Group(table, Text(f"… and {total - _ROWS:,} more"))


def _grid(columns: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(columns):
        table.add_column()
    return table


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _count(amount: int, noun: str) -> str:
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def _shown(text: str, limit: int = 60) -> str:
    return visible(text, limit)
