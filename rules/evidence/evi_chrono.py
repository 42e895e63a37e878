"""EVI-CHRONO: records are judged in the order in which they were opened."""

from collections.abc import Iterator
from datetime import date

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus, Place
from pgolf_check.law import Example, Law, Rule, at, hold
from pgolf_check.submission.facts import Track
from rules.records import manifest, record, train_log

RULE = Rule(
    id="EVI-CHRONO",
    title="Opened before the contest closed",
    axis=Axis.EVIDENCE,
    law=Law(LawStatus.RULED, "README; #48, #63, #569, #1902, #2146"),
    statement="A record is compared with the frontier at the time its pull request was opened, and "
    "code and idea must predate the closing time of the edition. Logs that only support them, and "
    "narrow fixes for compliance, may follow.",
    remedy="Show the commit, before the closing time, that holds the code and the score.",
)

ILLEGAL: list[Example] = []

LEGAL = [
    record("dated within the contest", {"train_seed42.log": train_log()}),
]

UNDECIDED = [
    record(
        "dated after it closed: the history must tell what came before",
        {"train_seed42.log": train_log(), "submission.json": manifest(date="2026-05-04")},
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """The date that submission.json gives, against the closing time."""
    claimed, cutoff = case.submission.manifest, case.edition.cutoff
    said = claimed.date.value if claimed and claimed.date else None
    if cutoff is None or not isinstance(said, str) or case.submission.track is Track.NON_RECORD:
        return
    try:
        day = date.fromisoformat(said[:10])
    except ValueError:
        return
    if day > cutoff.date():
        message = f"It is dated {day}; the contest closed at {cutoff:%Y-%m-%d %H:%M} UTC."
        yield hold(RULE, message, (at(Place(claimed.path if claimed else "")),))
