"""From findings to the three answers."""

from collections.abc import Iterable

from pgolf_check.findings import Axis, Finding, Status, Verdict


def verdicts(findings: Iterable[Finding]) -> dict[Axis, Verdict]:
    """Any violation decides an axis; else any hold leaves it open; else it is clean."""
    out = dict.fromkeys(Axis, Verdict.CLEAN)
    for finding in findings:
        if finding.status is Status.VIOLATION:
            out[finding.axis] = Verdict.VIOLATION
        elif finding.status is Status.HOLD and out[finding.axis] is Verdict.CLEAN:
            out[finding.axis] = Verdict.HOLD
    return out
