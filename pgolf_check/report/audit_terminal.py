"""An audit as one page for people: 80 columns, and words, not colours, carry the verdict."""

import math
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pgolf_check.audited import Audited
from pgolf_check.findings import Evidence, Finding, Judgement, Recognised, Status, Verdict
from pgolf_check.law import Rule
from pgolf_check.report.escape import visible
from pgolf_check.report.wording import axis_reason, claim_of, clean_rules, origin_of

_STYLES: dict[str, str] = {
    Verdict.CLEAN: "green",
    Verdict.HOLD: "yellow",
    Verdict.VIOLATION: "bold red",
    Status.NOTE: "cyan",
}
_LINES = 12  # of evidence a finding shows; the others are counted
_CODE = 200  # characters of a quoted line


def page(audited: Audited, *, quiet: bool = False) -> RenderableType:
    """The verdicts, then the findings, then what was seen to be legal and what was checked."""
    rules = {rule.id: rule for rule in audited.rules}
    judgement = audited.judgement
    parts = [_head(audited), Text(""), _verdicts(judgement)]
    for finding in judgement.findings:
        parts += [Text(""), _finding(finding, rules.get(finding.rule))]
    if not quiet:
        parts += _recognised(judgement.recognised)
        parts += _clean(audited)
        parts += [Text(""), Text(_foot(audited), style="dim")]
    return Group(*parts)


def _head(audited: Audited) -> RenderableType:
    target = audited.target
    name = PurePosixPath(target.folder).name or target.folder or target.ref
    lines = [Text(visible(name, 78), style="bold"), Text(visible(origin_of(audited), 200))]
    if claim := claim_of(audited):
        lines.append(Text(visible(claim, 200)))
    if audited.copy_of:
        copied = visible(audited.copy_of.partition(":")[2] or audited.copy_of, 120)
        lines.append(Text(f"a copy of {copied}: the record, if any, is not this one's"))
    return Group(*lines)


def _verdicts(judgement: Judgement) -> Table:
    table = Table.grid(padding=(0, 3, 0, 0))
    for _ in range(3):
        table.add_column()
    for axis, verdict in judgement.verdicts.items():
        word = Text(verdict.upper(), style=_STYLES[verdict])
        table.add_row(Text(f"  {axis}"), word, axis_reason(judgement, axis))
    return table


def _finding(finding: Finding, rule: Rule | None) -> Group:
    head = Text()
    head.append(finding.status.upper(), style=_STYLES[finding.status])
    head.append(f"  {finding.rule}", style="bold")
    if rule:
        head.append(f"  {rule.title}")
    body: list[RenderableType] = [Text(visible(finding.message, 1_000))]
    body += _evidence(finding.evidence)
    if finding.status is not Status.NOTE:
        law = f"Law: {finding.law}" + (f" ({rule.law.source})" if rule else "")
        body.append(Text(law))
        if finding.remedy:
            body.append(Text(f"Remedy: {finding.remedy}"))
    return Group(head, Padding(Group(*body), (0, 0, 0, 2)))


def _evidence(evidence: tuple[Evidence, ...]) -> Iterator[RenderableType]:
    for item in evidence[:_LINES]:
        place = item.place
        if not place.file:
            continue
        where = Text(visible(str(place), 120), style="bold")
        if item.role:
            where.append(f"  {visible(item.role, 200)}", style="not bold")
        yield where
        if place.text:
            quoted = Text(f"| {visible(place.text, _CODE)}", style="cyan")
            yield Padding(quoted, (0, 0, 0, 2))
    if len(evidence) > _LINES:
        yield Text(f"… and {len(evidence) - _LINES} more places")


def _recognised(recognised: Iterable[Recognised]) -> Iterator[RenderableType]:
    shown = list(recognised)
    if not shown:
        return
    yield Text("")
    yield Text("Recognised as legal", style="bold")
    for item in shown:
        line = Text(f"{item.rule}  ", style="green")
        line.append(visible(item.message, 300), style="default")
        yield Padding(line, (0, 0, 0, 2))
        yield Padding(Group(*_evidence(item.evidence[:2])), (0, 0, 0, 4))


def _clean(audited: Audited) -> Iterator[RenderableType]:
    clean = clean_rules(audited.judgement)
    if clean:
        yield Text("")
        yield Text(f"Checked and clean ({len(clean)}): {', '.join(clean)}")


def _foot(audited: Audited) -> str:
    milliseconds = math.ceil(audited.judgement.elapsed_ms)
    return (
        f"Rules of {audited.edition}; judged from code, settings and logs in {milliseconds:,} ms. "
        "Nothing was executed."
    )
