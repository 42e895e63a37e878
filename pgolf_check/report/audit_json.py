"""An audit as data, for programs; docs/schemas/audit.schema.json describes it."""

from dataclasses import asdict
from typing import Any

from pgolf_check.audited import Audited
from pgolf_check.findings import Evidence, Finding

SCHEMA = "pgolf.audit/1"


def document(audited: Audited) -> dict[str, Any]:
    """One audit; escaping is the reader's business, so texts stand here as they were found."""
    judgement = audited.judgement
    return {
        "schema": SCHEMA,
        "target": {
            **asdict(audited.target),
            "track": audited.track.value,
            "copy_of": audited.copy_of,
        },
        "edition": audited.edition,
        "verdicts": {axis.value: verdict.value for axis, verdict in judgement.verdicts.items()},
        "findings": [_finding(finding) for finding in judgement.findings],
        "recognised": list(dict.fromkeys(item.rule for item in judgement.recognised)),
        "checked": list(judgement.checked),
        "elapsed_ms": round(judgement.elapsed_ms, 1),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "axis": finding.axis.value,
        "status": finding.status.value,
        "law": finding.law.value,
        "message": finding.message,
        "evidence": [_evidence(item) for item in finding.evidence],
        "remedy": finding.remedy,
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "file": item.place.file,
        "layer": item.place.layer,
        "line": item.place.line,
        "text": item.place.text,
        "anchor": item.place.anchor,
        "role": item.role,
    }
