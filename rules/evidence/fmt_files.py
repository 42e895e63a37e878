"""FMT-FILES: a record folder tells its whole story."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, hold
from pgolf_check.submission.facts import ProblemKind, Track
from rules.records import record, train_log

RULE = Rule(
    id="FMT-FILES",
    title="Files that a record folder must hold",
    axis=Axis.EVIDENCE,
    law=Law(LawStatus.RULED, "README, Submission Process; #529, #639, #656, #505"),
    statement="A record folder holds README.md, submission.json, the train logs and train_gpt.py "
    "with all it depends on. What lacks one of them is not graded; that is no verdict on its "
    "method.",
    remedy="Add the missing file to the folder.",
)

ILLEGAL: list[Example] = []

LEGAL = [
    record("everything is there", {"train_seed42.log": train_log()}),
]

UNDECIDED = [
    record("no log and no submission.json", {"submission.json": ""}),
    record(
        "submission.json breaks off",
        {"train_seed42.log": train_log(), "submission.json": '{"val_bpb": 1.1252,'},
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """Each kind of file that is missing or cannot be read."""
    submission = case.submission
    missing = []
    if submission.readme is None:
        missing.append("README.md")
    if submission.manifest is None:
        missing.append("a submission.json that can be read")
    if not submission.logs:
        missing.append("a train log")
    if submission.entry is None:
        missing.append("a training script")
    if missing and submission.track is not Track.NON_RECORD:
        yield hold(RULE, f"The folder lacks {', '.join(missing)}.")
    for problem in submission.problems:
        if problem.kind is ProblemKind.MALFORMED and problem.place.file.endswith(".json"):
            yield hold(RULE, problem.message, (at(problem.place),))
