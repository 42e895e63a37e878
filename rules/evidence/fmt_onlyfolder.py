"""FMT-ONLYFOLDER: a pull request adds one folder and touches nothing else."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Evidence, Finding, LawStatus, Place
from pgolf_check.law import Example, Law, Rule, hold, note
from rules.records import record, train_log

RULE = Rule(
    id="FMT-ONLYFOLDER",
    title="Changes outside the record folder",
    axis=Axis.EVIDENCE,
    law=Law(LawStatus.RULED, "README, Submission Process; #53, #545, #1031, #1120, #1143"),
    statement="A pull request adds exactly one folder under records/ and leaves the rest of the "
    "repository as it is. Further files inside that folder are welcome.",
    remedy="Take the other changes out of the pull request.",
)

_SHOWN = 5

ILLEGAL: list[Example] = []

LEGAL = [
    record(
        "further modules lie inside the folder",
        {"train_seed42.log": train_log(), "ngram.py": "ORDER = 3\n"},
    ),
]

UNDECIDED = [
    record(
        "the baseline script is edited as well",
        {"train_seed42.log": train_log()},
        outside=("train_gpt.py", ".gitignore"),
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """What the pull request touches elsewhere."""
    outside, siblings = case.submission.outside, case.submission.siblings
    if outside:
        some = tuple(Evidence(Place(path), "touched") for path in outside[:_SHOWN])
        files = "1 file" if len(outside) == 1 else f"{len(outside):,} files"
        yield hold(RULE, f"The pull request touches {files} outside its folder.", some)
    if siblings:
        also = tuple(Evidence(Place(path), "added as well") for path in siblings[:_SHOWN])
        folders = "1 more folder" if len(siblings) == 1 else f"{len(siblings):,} more folders"
        yield note(RULE, f"The pull request hands in {folders}.", also)
