"""The whole way from a submission to a judgement."""

import time
from dataclasses import replace
from typing import Any

from pgolf_check.case import Case
from pgolf_check.editions import Edition, editions
from pgolf_check.findings import Finding, Judgement
from pgolf_check.judge.run import judge
from pgolf_check.program.build import build_program
from pgolf_check.submission.facts import Submission

SCHEMA = "pgolf.audit/1"


def audit(submission: Submission, edition: Edition | None = None) -> Judgement:
    """Judge one submission by an edition of the rules, the newest if none is named."""
    started = time.perf_counter()
    case = Case(submission, build_program(submission), edition or editions()[-1])
    judgement = judge(case)
    return replace(judgement, elapsed_ms=(time.perf_counter() - started) * 1e3)


def audit_document(submission: Submission) -> dict[str, Any]:
    """A judgement as data, as `pgolf sweep` prints it."""
    return document(submission, audit(submission))


def document(submission: Submission, judgement: Judgement) -> dict[str, Any]:
    """A judgement as data; `docs/schemas/audit.schema.json` describes it."""
    target = submission.target
    return {
        "schema": SCHEMA,
        "target": {
            "folder": target.folder,
            "repo": target.repo,
            "ref": target.ref,
            "commit": target.commit,
            "base": target.base,
            "track": submission.track.value,
            "copy_of": submission.copy_of,
        },
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
        "remedy": finding.remedy,
        "evidence": [
            {
                "file": item.place.file,
                "layer": item.place.layer,
                "line": item.place.line,
                "anchor": item.place.anchor,
                "text": item.place.text,
                "role": item.role,
            }
            for item in finding.evidence
        ],
    }
