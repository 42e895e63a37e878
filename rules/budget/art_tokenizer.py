"""ART-TOKENIZER: the bytes of a tokenizer have never been counted."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus, Place
from pgolf_check.law import Example, Law, Rule, at, note
from rules.records import record, train_log

RULE = Rule(
    id="ART-TOKENIZER",
    title="A tokenizer that is not in the count",
    axis=Axis.BUDGET,
    law=Law(LawStatus.UNRULED, "Issue 43 asks; the baseline script has never counted it"),
    statement="A tokenizer that lies in the folder is needed for the score and stands in no size. "
    "Nobody was refused for it, so it is worth a word and no refusal.",
    remedy="State the bytes of the tokenizer beside the size of the submission.",
)

_SUFFIXES = frozenset({".model", ".vocab", ".tiktoken"})

ILLEGAL: list[Example] = []

LEGAL: list[Example] = [
    record("the published tokenizer", {"train_seed42.log": train_log()}),
    record(
        "a tokenizer of its own: worth a note",
        {"train_seed42.log": train_log(), "tokenizers/pieces.model": "th he in er an"},
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Tokenizers among the files."""
    files = case.submission.files
    own = [entry for entry in files if PurePosixPath(entry.path).suffix in _SUFFIXES]
    if own:
        total = sum(entry.size for entry in own)
        message = f"{total:,} bytes of a tokenizer stand in no size of this submission."
        yield note(RULE, message, tuple(at(Place(entry.path), "a tokenizer") for entry in own[:3]))
