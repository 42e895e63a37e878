"""One finding for what several runs have in common."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pgolf_check.findings import Finding


def together(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings of one status as one, in the words of the first and with the places of all."""
    by_status: dict[str, list[Finding]] = {}
    for finding in findings:
        by_status.setdefault(finding.status, []).append(finding)
    for first, *others in by_status.values():
        more = {0: "", 1: " One more run likewise."}
        message = first.message + more.get(len(others), f" {len(others)} more runs likewise.")
        evidence = tuple(item for one in (first, *others) for item in one.evidence)
        yield replace(first, message=message, evidence=tuple(dict.fromkeys(evidence)))
