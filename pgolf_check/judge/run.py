"""Puts every rule to a case."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from pgolf_check.case import Case
from pgolf_check.findings import Finding, Judgement, Recognised, Status
from pgolf_check.judge.registry import Entry, all_rules
from pgolf_check.judge.verdict import verdicts
from pgolf_check.law import hold, note
from pgolf_check.limits import LIMITS

_WEIGHT = {Status.VIOLATION: 0, Status.HOLD: 1, Status.NOTE: 2}


def judge(case: Case) -> Judgement:
    """What the rules say, weightiest first."""
    findings: list[Finding] = []
    recognised: list[Recognised] = []
    for entry in all_rules():
        for said in dict.fromkeys(_answers(entry, case)):
            if isinstance(said, Recognised):
                recognised.append(said)
            else:
                findings.append(said)
    told = sorted(_once(findings), key=lambda finding: _WEIGHT[finding.status])
    return Judgement(
        verdicts=verdicts(told),
        findings=tuple(told),
        recognised=tuple(recognised),
        checked=tuple(entry.rule.id for entry in all_rules()),
    )


def _answers(entry: Entry, case: Case) -> Iterator[Finding | Recognised]:
    """What one rule says. A rule that fails leaves its own question open and no other."""
    rule = entry.rule
    try:
        said = entry.check(case)
        yield from islice(said, LIMITS.findings_per_rule)
        if next(said, None) is not None:
            yield note(rule, f"only the first {LIMITS.findings_per_rule} findings are listed")
    except Exception as error:
        yield hold(rule, f"the rule could not be applied: {type(error).__name__}: {error}")


def _once(findings: list[Finding]) -> Iterator[Finding]:
    """What a rule says several times in the same words is one finding with all its places."""
    alike: dict[tuple[str, Status, str], list[Finding]] = {}
    for finding in findings:
        alike.setdefault((finding.rule, finding.status, finding.message), []).append(finding)
    for same in alike.values():
        evidence = dict.fromkeys(item for finding in same for item in finding.evidence)
        yield replace(same[0], evidence=tuple(evidence))
