"""Audits in SARIF 2.1.0, as code scanning on GitHub reads it.

Code scanning can point only at lines that lie in the repository. A place in an unpacked layer is
therefore shown at the line it was decoded from, and the message says where it stands inside.
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import pgolf_check
from pgolf_check.audited import Audited
from pgolf_check.findings import Evidence, Finding, Place, Status
from pgolf_check.law import Rule
from pgolf_check.report.escape import visible

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME = "https://github.com/openai/parameter-golf"
_LEVEL = {Status.VIOLATION: "error", Status.HOLD: "warning", Status.NOTE: "note"}
_SEVERITY = {Status.VIOLATION: "error", Status.HOLD: "warning", Status.NOTE: "recommendation"}
_SPECIAL = re.compile(r"[\\\[\]{}]")  # link and placeholder syntax of SARIF messages
_STEPS = 100
_TEXT = 1_000


def sarif(audits: Sequence[Audited]) -> dict[str, Any]:
    """One run that holds the findings of all audits."""
    rules = {rule.id: rule for audited in audits for rule in audited.rules}
    spoke = sorted({finding.rule for one in audits for finding in one.judgement.findings})
    order = {name: index for index, name in enumerate(spoke)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "pgolf",
                "version": pgolf_check.__version__,
                "informationUri": _HOME,
                "rules": [_rule(rules[name]) for name in spoke],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, audited, order)
            for audited in audits
            for finding in audited.judgement.findings
        ],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    standing = f"Law: {rule.law.status}. Source: {rule.law.source}"
    remedy = f"{rule.remedy}" if rule.remedy else ""
    parts = [part for part in (rule.statement, remedy, standing) if part]
    settled = rule.law.status in ("ruled", "norm")
    status = Status.VIOLATION if settled else Status.HOLD
    return {
        "id": rule.id,
        "name": rule.id,
        "shortDescription": {"text": rule.title[:1_024]},
        "fullDescription": {"text": rule.statement[:1_024]},
        "help": {"text": "\n\n".join(parts), "markdown": "\n\n".join(parts)},
        "defaultConfiguration": {"level": _LEVEL[status]},
        "properties": {
            "tags": [rule.axis.value, rule.law.status.value],
            "problem.severity": _SEVERITY[status],
        },
    }


def _result(finding: Finding, audited: Audited, order: dict[str, int]) -> dict[str, Any]:
    places = [item.place for item in finding.evidence if item.place.file]
    first = places[0] if places else _whole(audited)
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": order[finding.rule],
        "level": _LEVEL[finding.status],
        "message": {"text": _message(finding, first)},
        "locations": [_location(first, audited)],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(finding, first)},
    }
    if len(places) > 1:
        steps = [_step(item, audited) for item in finding.evidence if item.place.file]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps[:_STEPS]}]}]
    return result


def _whole(audited: Audited) -> Place:
    """Where a finding is shown that has no place of its own: the entry script."""
    entry = next((source for source in audited.code if source.role == "entry"), None)
    return Place(entry.path if entry else "train_gpt.py")


def _message(finding: Finding, first: Place) -> str:
    text = f"{finding.status}: {finding.message}"
    if first.layer:
        text += f" Unpacked layer {first.layer}, line {first.line}: {first.text}"
    return _safe(text)


def _step(item: Evidence, audited: Audited) -> dict[str, Any]:
    inside = f" (layer {item.place.layer}, line {item.place.line})" if item.place.layer else ""
    text = f"{item.role or 'here'}{inside}: {item.place.text}".rstrip(": ")
    return {"location": {**_location(item.place, audited), "message": {"text": _safe(text)}}}


def _location(place: Place, audited: Audited) -> dict[str, Any]:
    line = place.anchor if place.layer else place.line
    width = 0 if place.layer else len(place.text)  # the line a layer came from is not at hand
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(place.file, audited)},
            "region": {
                "startLine": max(line, 1),
                "startColumn": 1,
                "endLine": max(line, 1),
                "endColumn": 1 + max(width, 1),
            },
        }
    }


def _uri(file: str, audited: Audited) -> str:
    """Relative to the root of the repository, or to where a folder on disk was named from."""
    folder = PurePosixPath(audited.target.folder)
    path = PurePosixPath(file) if folder.is_absolute() else folder / file
    return quote(path.as_posix())


def _fingerprint(finding: Finding, first: Place) -> str:
    """The same for the same statement, wherever it stands and however it is packed."""
    statement = " ".join(first.text.split())
    words = (finding.rule, first.file, statement or finding.message)
    return hashlib.sha256("\0".join(words).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _safe(text: str) -> str:
    """Text that no reader takes for a link or a placeholder."""
    return _SPECIAL.sub(_replaced, visible(text, _TEXT))


def _replaced(match: re.Match[str]) -> str:
    brackets = {"[": "(", "]": ")", "{": "(", "}": ")", "\\": "/"}
    return brackets[match[0]]
