"""TIME-TRAIN600: training stops after ten minutes."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus, Place
from pgolf_check.law import Law, Rule, at, found, hold, note
from pgolf_check.submission.facts import Track
from pgolf_check.submission.headline import logs_behind
from rules.records import record, train_log
from rules.runs import together

RULE = Rule(
    id="TIME-TRAIN600",
    title="Training beyond 600 seconds",
    axis=Axis.BUDGET,
    law=Law(
        LawStatus.RULED, "README: ten minutes on 8xH100; #1908, #2121; #1019 merged at 600.1 s"
    ),
    statement="Training takes at most 600 seconds from the first step. A loop that looks at its "
    "clock between steps passes the limit by a fraction of a second, and that has been accepted.",
    remedy="Stop a step earlier: compare the clock with the limit less the time of one step.",
)

ILLEGAL = [
    record(
        "twelve seconds too long",
        {"train_seed42.log": train_log(train_ms=612_000, mark="stopping_early")},
    ),
]

LEGAL = [
    record("stopped in time", {"train_seed42.log": train_log(train_ms=599_950)}),
    record("the last step crossed the line", {"train_seed42.log": train_log(train_ms=600_137)}),
]

UNDECIDED = [record("no clock in the log", {"train_seed42.log": "seed:42\n"})]


def check(case: Case) -> Iterator[Finding]:
    """The training clock of each run behind the headline."""
    yield from together(_each(case))


def _each(case: Case) -> Iterator[Finding]:
    submission, edition = case.submission, case.edition
    if submission.track is Track.NON_RECORD:
        return
    if submission.track is Track.RECORD and not any(log.train_ms for log in submission.logs):
        yield hold(RULE, "No log tells how long training took.")
    for log in logs_behind(submission.headline, submission.logs):
        if log.world_size not in (None, 8):
            continue  # another clock; EVI-HWTIME speaks of it
        seconds = (log.train_ms or 0.0) / 1000
        over = seconds - edition.train_seconds
        if over <= 0:
            continue
        place = log.place(log.stop_line) if log.stop_line else Place(log.path)
        message = f"Training took {seconds:.3f} s, {over:.3f} s more than allowed"
        if over > edition.train_tolerance_seconds:
            yield found(RULE, f"{message}.", (at(place, "the training clock"),))
        else:
            message += f"; up to {edition.train_tolerance_seconds:g} s is tolerated."
            yield note(RULE, message, (at(place, "the training clock"),))
