"""TIME-NOLIMBO: every second belongs to training or to evaluation."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus, Place
from pgolf_check.law import Example, Law, Rule, at, note
from pgolf_check.submission.facts import Track
from pgolf_check.submission.headline import logs_behind
from pgolf_check.submission.timeline import after_training
from rules.records import record, train_log
from rules.runs import together

RULE = Rule(
    id="TIME-NOLIMBO",
    title="Seconds that are on nobody's clock",
    axis=Axis.BUDGET,
    law=Law(
        LawStatus.CONTESTED,
        "PR 609: no untimed making of the artifact; PR 1019 merged with calibration after 600 s",
    ),
    statement="Calibration and quantisation take time that belongs to the training or to the "
    "evaluation. Rows were refused and accepted with such seconds between the two clocks, so they "
    "are worth a word and no refusal.",
    remedy="Stop training early enough that calibration and quantisation end within ten minutes.",
)

_CALIBRATES = "\ngptq:collected hessians for 68 layers in {seconds}s"

ILLEGAL: list[Example] = []

LEGAL: list[Example] = [
    record(
        "calibrated within the ten minutes",
        {"train_seed42.log": train_log(train_ms=586_000) + _CALIBRATES.format(seconds=4.2)},
    ),
    record(
        "calibrated for half a minute after ten minutes of training: worth a note",
        {"train_seed42.log": train_log(train_ms=599_900) + _CALIBRATES.format(seconds=34.2)},
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """What follows training and does not fit into its clock any more."""
    if case.submission.track is not Track.NON_RECORD:
        yield from together(_each(case))


def _each(case: Case) -> Iterator[Finding]:
    submission, edition = case.submission, case.edition
    for log in logs_behind(submission.headline, submission.logs):
        trained, after = (log.train_ms or 0.0) / 1000, after_training(log)
        limit = edition.train_seconds + edition.train_tolerance_seconds
        if after and trained + after > limit:
            place = log.place(log.stop_line) if log.stop_line else Place(log.path)
            message = f"{after:.1f} s of calibration and quantisation follow {trained:.1f} s of "
            yield note(RULE, f"{message}training.", (at(place, "the training clock"),))
