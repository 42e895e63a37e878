"""What the audit says of a submission, as the line that a sweep prints."""

from typing import Any

from pgolf_check.editions import editions
from pgolf_check.judge.pipeline import audited_by
from pgolf_check.report.audit_json import document
from pgolf_check.submission.facts import Submission


def audit_document(submission: Submission) -> dict[str, Any]:
    """A judgement by the newest rules, as data."""
    return document(audited_by(submission, editions()[-1]))
