"""TIME-EVAL600: evaluation takes at most ten minutes of its own."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus, Place
from pgolf_check.law import Example, Law, Rule, at, found
from pgolf_check.submission.facts import Track
from pgolf_check.submission.headline import logs_behind
from rules.official_text import headline_line
from rules.records import record, train_log
from rules.runs import together

RULE = Rule(
    id="TIME-EVAL600",
    title="Evaluation beyond 600 seconds",
    axis=Axis.BUDGET,
    law=Law(LawStatus.RULED, "README: evaluation within ten minutes, in addition; #529, #1972"),
    statement="All evaluation that the score needs takes at most 600 seconds, in addition to the "
    "training. Evaluations that only inform the author do not count.",
    remedy="Make the evaluation faster: a longer stride, fewer adaptation steps, larger batches.",
)

ILLEGAL = [
    record(
        "the evaluation behind the score takes sixteen seconds too long",
        {"train_seed42.log": train_log(eval_ms=616_000, mark="final_")},
    ),
]

LEGAL = [
    record("two minutes", {"train_seed42.log": train_log(eval_ms=120_000)}),
    record("just within", {"train_seed42.log": train_log(eval_ms=599_900)}),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """The evaluation clock of each run behind the headline."""
    yield from together(_each(case))


def _each(case: Case) -> Iterator[Finding]:
    submission, limit = case.submission, case.edition.eval_seconds
    if submission.track is Track.NON_RECORD:
        return
    for log in logs_behind(submission.headline, submission.logs):
        line = headline_line(log, submission.headline)
        place = Place(log.path, line.line, line.text) if line else Place(log.path)
        own = line.seconds if line and line.seconds else 0.0
        seconds = max(own, log.eval_seconds_total or 0.0)
        if seconds > limit:
            message = f"Evaluation took {seconds:.1f} s, {seconds - limit:.1f} s more than allowed."
            yield found(RULE, message, (at(place, "the evaluation behind the score"),))
