"""Puts every rule to a case."""

import time

from pgolf_check.case import Case
from pgolf_check.findings import Finding, Judgement, Recognised, Status
from pgolf_check.judge.registry import all_rules
from pgolf_check.judge.verdict import verdicts
from pgolf_check.limits import LIMITS

_WEIGHT = {Status.VIOLATION: 0, Status.HOLD: 1, Status.NOTE: 2}


def judge(case: Case) -> Judgement:
    """What the rules say, weightiest first."""
    started = time.perf_counter()
    findings: list[Finding] = []
    recognised: list[Recognised] = []
    for entry in all_rules():
        said = 0
        for result in entry.check(case):
            if isinstance(result, Recognised):
                recognised.append(result)
            elif result not in findings:
                findings.append(result)
            said += 1
            if said >= LIMITS.findings_per_rule:
                break
    findings.sort(key=lambda finding: _WEIGHT[finding.status])
    return Judgement(
        verdicts=verdicts(findings),
        findings=tuple(findings),
        recognised=tuple(dict.fromkeys(recognised)),
        checked=tuple(entry.rule.id for entry in all_rules()),
        elapsed_ms=(time.perf_counter() - started) * 1e3,
    )
