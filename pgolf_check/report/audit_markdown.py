"""An audit as a review that a person can post as it is."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from pgolf_check.audited import Audited
from pgolf_check.findings import Axis, Evidence, Finding, Judgement, Status, Verdict
from pgolf_check.law import Rule
from pgolf_check.report.escape import markdown_code, markdown_text, visible
from pgolf_check.report.wording import axis_reason, claim_of, clean_rules, counted, origin_of

_LINES = 12  # of evidence a finding shows; the others are counted
_BACKTICKS = re.compile(r"`{3,}")
_ADVICE = {
    Verdict.VIOLATION: "Not to be accepted as it stands. Each violation below names what would "
    "make it clean; a corrected run can be judged anew.",
    Verdict.HOLD: "Not decided. A reviewer should look at the points held below, or the author "
    "can settle them as each one says.",
    Verdict.CLEAN: "Nothing stands against accepting it on these three questions.",
}


def review(audited: Audited, *, quiet: bool = False) -> str:
    """What was found, check by check, with verdict, recommendation and caveats."""
    judgement = audited.judgement
    parts = [_head(audited), _verdicts(judgement)]
    parts += [f"**Recommendation.** {_ADVICE[_worst(judgement)]}"]
    parts += _findings(audited)
    if not quiet:
        parts += _recognised(judgement)
        parts += _clean(judgement)
        parts += [_caveats(audited)]
    return "\n\n".join(parts) + "\n"


def _head(audited: Audited) -> str:
    target = audited.target
    name = PurePosixPath(target.folder).name or target.folder or target.ref
    lines = [f"## Review of {markdown_code(name, 120)}", "", markdown_text(origin_of(audited), 400)]
    if claim := claim_of(audited):
        lines[-1] += "  "
        lines.append(markdown_text(claim, 400))
    if audited.copy_of:
        copied = markdown_code(audited.copy_of, 200)
        lines += ["", f"Every file of this folder is already part of {copied}."]
    return "\n".join(lines)


def _verdicts(judgement: Judgement) -> str:
    rows = ["| question | verdict | decided by |", "| --- | --- | --- |"]
    for axis, verdict in judgement.verdicts.items():
        rows.append(f"| {axis} | {_word(verdict)} | {axis_reason(judgement, axis)} |")
    return "\n".join(rows)


def _word(verdict: Verdict) -> str:
    return f"**{verdict.upper()}**" if verdict is not Verdict.CLEAN else verdict.value


def _worst(judgement: Judgement) -> Verdict:
    given = set(judgement.verdicts.values())
    order = (Verdict.VIOLATION, Verdict.HOLD, Verdict.CLEAN)
    return next(verdict for verdict in order if verdict in given)


def _findings(audited: Audited) -> Iterator[str]:
    rules = {rule.id: rule for rule in audited.rules}
    findings = audited.judgement.findings
    if not findings:
        return
    yield "### What was found"
    for number, finding in enumerate(findings, 1):
        yield _finding(number, finding, rules.get(finding.rule))


def _finding(number: int, finding: Finding, rule: Rule | None) -> str:
    title = f" {rule.title}" if rule else ""
    parts = [
        f"#### {number}. {finding.status.upper()} `{finding.rule}`{title}",
        markdown_text(finding.message, 1_000),
    ]
    if shown := [item for item in finding.evidence if item.place.file]:
        parts.append(_quoted(shown))
    if finding.status is not Status.NOTE:
        source = f": {markdown_text(rule.law.source, 500)}" if rule else ""
        parts.append(f"*Law* ({finding.law}){source}")
        if finding.remedy:
            parts.append(f"*What would make it clean:* {finding.remedy}")
    return "\n\n".join(parts)


def _quoted(evidence: list[Evidence]) -> str:
    """Places and lines in one block, which nothing inside can close."""
    lines = []
    for item in evidence[:_LINES]:
        role = f"  {visible(item.role, 200)}" if item.role else ""
        lines.append(f"{visible(str(item.place), 160)}{role}")
        if item.place.text:
            lines.append(f"    {visible(item.place.text, 200)}")
    if len(evidence) > _LINES:
        lines.append(f"… and {counted(len(evidence) - _LINES, 'more place')}")
    text = "\n".join(lines)
    fence = "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(text)), default=2))
    return f"{fence}text\n{text}\n{fence}"


def _recognised(judgement: Judgement) -> Iterator[str]:
    if not judgement.recognised:
        return
    yield "### Recognised as legal"
    lines = []
    for item in judgement.recognised:
        places = ", ".join(markdown_code(str(e.place), 120) for e in item.evidence[:2])
        lines.append(
            f"- `{item.rule}` {markdown_text(item.message, 400)}" + (f": {places}" * bool(places))
        )
    yield "\n".join(lines)


def _clean(judgement: Judgement) -> Iterator[str]:
    if clean := clean_rules(judgement):
        names = ", ".join(f"`{name}`" for name in clean)
        yield f"### Checked and clean\n\n{names}"


def _caveats(audited: Audited) -> str:
    judgement = audited.judgement
    caveats = [
        "Code, settings and logs were read; nothing was executed, and no number was measured anew.",
        "A log says what its author's machine printed. Numbers taken from logs are read, not "
        "verified.",
        f"The limits are those of the edition {audited.edition}.",
    ]
    if judgement.verdicts[Axis.LEGALITY] is Verdict.CLEAN:
        caveats.append("*Clean* means that every mechanism that reaches the score was understood.")
    commit = audited.target.commit
    if commit:
        caveats.append(
            f"This holds for commit `{commit}` and for no later one. To repeat it: "
            f"`pgolf audit --repo GITDIR --ref {commit}`"
        )
    return "### Caveats\n\n" + "\n".join(f"- {caveat}" for caveat in caveats)
