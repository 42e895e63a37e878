"""EVI-HWTIME: ten minutes on eight H100, run and not projected."""

import re
from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus, Place
from pgolf_check.law import Law, Rule, at, found, hold
from pgolf_check.submission.facts import RunLog, Track
from pgolf_check.submission.headline import logs_behind
from rules.records import record, train_log
from rules.runs import together

RULE = Rule(
    id="EVI-HWTIME",
    title="Hardware of the record track",
    axis=Axis.EVIDENCE,
    law=Law(LawStatus.RULED, "README, Submission Process; #1959, #2103"),
    statement="A record was run on eight H100 with SXM, as its own logs show. A run on fewer "
    "devices, or on others, is no measurement of ten minutes there, whatever is projected from it.",
    remedy="Run it on 8xH100 SXM, or hand it in to the non-record track.",
)

_DEVICES = 8
_SXM = re.compile(r"H100 80GB HBM3|H100 SXM", re.IGNORECASE)
_WORLD = re.compile(r"world_size|nproc", re.IGNORECASE)

ILLEGAL = [
    record(
        "four devices, and the time for eight worked out",
        {"train_seed42.log": train_log(world_size=4, mark="world_size")},
    ),
]

LEGAL = [
    record(
        "eight devices",
        {"train_seed42.log": train_log(gpu="NVIDIA H100 80GB HBM3")},
    ),
]

UNDECIDED = [
    record(
        "eight devices of another kind",
        {"train_seed42.log": train_log(gpu="NVIDIA H200", mark="gpu")},
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """The devices of each run behind the headline."""
    yield from together(_each(case))


def _each(case: Case) -> Iterator[Finding]:
    submission = case.submission
    if submission.track is Track.NON_RECORD:
        return
    logs = logs_behind(submission.headline, submission.logs)
    some_on_eight = any(log.world_size == _DEVICES for log in logs)
    for log in logs:
        if log.world_size is not None and log.world_size != _DEVICES:
            shown = (at(_line(log, _WORLD), "the devices of this run"),)
            message = f"The run used {log.world_size} devices instead of 8."
            yield (hold if some_on_eight else found)(RULE, message, shown)
        elif log.gpu and not _SXM.search(log.gpu):
            shown = (at(_line(log, re.compile(re.escape(log.gpu))), "the device of this run"),)
            yield hold(RULE, f"The run used {log.gpu}; a record needs 8xH100 SXM.", shown)


def _line(log: RunLog, pattern: re.Pattern[str]) -> Place:
    """The line that states it, if the log was kept so far."""
    for line in (*log.lines, *log.notable):
        if pattern.search(line.text):
            return Place(log.path, line.number, line.text)
    return Place(log.path)
