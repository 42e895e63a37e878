"""TOK-LOSSY: the text must survive its tokenizer."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found
from pgolf_check.submission.facts import Track
from pgolf_check.submission.headline import logs_behind
from rules.official_text import agreed, official_text, readings, tokens_line
from rules.records import record, train_log
from rules.runs import together

RULE = Rule(
    id="TOK-LOSSY",
    title="A tokenizer that may lose a part of the text",
    axis=Axis.LEGALITY,
    law=Law(
        LawStatus.CONTESTED,
        "Issue 1604 asks, no ruling; #1578, #1670, #1693 and #1707 fold case and were not merged; "
        "#1729 and #1736 keep the text and were",
    ),
    statement="A tokenizer that folds case or forms of letters makes the text easier than it is, "
    "with as many bytes as before. Only an encoding from which the original text comes back "
    "scores that text.",
    remedy="Show the round trip: the original bytes, encoded and decoded again.",
)


def _encoded(title: str, tokens: int) -> Example:
    bytes_factor = 62_021_632 / tokens
    log = train_log(val_tokens=tokens, bytes_factor=bytes_factor, mark="val_loader")
    return record(title, {"train_seed42.log": log})


ILLEGAL: list[Example] = [
    _encoded("an encoding of its own, shorter than any that is known", 36_286_464),
]

LEGAL: list[Example] = [
    _encoded("a published encoding", 40_540_160),
    _encoded("the reversible case operations", 47_851_520),
    _encoded("every byte is a token", 151_080_000),
]

UNDECIDED: list[Example] = []

_LARGE = 20_000_000  # tokens; what is smaller is no full evaluation and VAL-FULL's business
_BYTES = 1.01  # bytes per token of a model of bytes


def check(case: Case) -> Iterator[Finding]:
    """Unknown encodings of as many bytes as the official text has."""
    if case.submission.track is not Track.NON_RECORD:
        yield from together(_each(case))


def _each(case: Case) -> Iterator[Finding]:
    submission, official = case.submission, official_text()
    for log in logs_behind(submission.headline, submission.logs):
        tokens, ratio = log.val_tokens or 0, agreed(list(readings(log)))
        if tokens < _LARGE or ratio is None or ratio < _BYTES or official.published(tokens):
            continue
        if abs(ratio * tokens / official.bytes - 1) <= official.tolerance:
            message = f"{tokens:,} tokens hold all bytes and are no known encoding: whether the "
            message += "text comes back from them cannot be seen."
            yield found(RULE, message, tokens_line(log))
