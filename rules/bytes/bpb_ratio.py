"""BPB-RATIO: loss and bits per byte imply the bytes per token of the official text."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus, Place
from pgolf_check.law import Law, Rule, at, found, hold, note
from pgolf_check.submission.facts import Headline, RunLog
from pgolf_check.submission.headline import logs_behind
from rules.official_text import (
    Reading,
    agreed,
    headline_line,
    official_text,
    readings,
    stated_bytes,
)
from rules.records import TOKENS, record, train_log
from rules.runs import together

RULE = Rule(
    id="BPB-RATIO",
    title="More bytes than the official text has",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "README, on tokenizers; #1184 removed in #1806; #2039, #2071, #2138"),
    statement="val_loss / (val_bpb * ln 2) is the number of bytes per token. Times the number of "
    "tokens it must come to the bytes of the official validation text, whatever the tokenizer. A "
    "larger product means that bits were divided by bytes that are not there.",
    remedy="Count the bytes of the original text: one leading space a piece at most, none after a "
    "boundary, and the sidecar's bytes where the text was transformed.",
)

ILLEGAL = [
    record(
        "every leading space is counted twice",
        {"train_seed42.log": train_log(bytes_factor=1.167, mark="final_")},
    ),
]

LEGAL = [
    record("the constant of this tokenizer", {"train_seed42.log": train_log()}),
    record(
        "another tokenizer, the same text",
        {"train_seed42.log": train_log(val_tokens=50_000_000, bytes_factor=TOKENS / 50_000_000)},
    ),
]

UNDECIDED = [
    record(
        "too many bytes for an encoding that is not known",
        {"train_seed42.log": train_log(val_tokens=70_000_000, mark="final_")},
    ),
]

_LARGE = 20_000_000  # tokens; what is smaller is no full evaluation and VAL-FULL's business


def check(case: Case) -> Iterator[Finding]:
    """The bytes that each run behind the headline implies."""
    yield from together(_each(case))


def _each(case: Case) -> Iterator[Finding]:
    submission = case.submission
    for log in logs_behind(submission.headline, submission.logs):
        if log.val_tokens and log.val_tokens > _LARGE:
            yield from _log(log, log.val_tokens, submission.headline)


def _log(log: RunLog, tokens: int, headline: Headline) -> Iterator[Finding]:
    official = official_text()
    found_here = list(readings(log))
    common = agreed(found_here)
    if common is None:
        yield from _headline_alone(log, tokens, headline, found_here)
        return
    factor = common * tokens / official.bytes
    last = found_here[-1].line
    shown = (at(Place(log.path, last.line, last.text), f"{common:.4f} bytes per token"),)
    told = f"{tokens:,} tokens of {common:.4f} bytes are {common * tokens:,.0f} bytes"
    message = f"{told}; the official text has {official.bytes:,} ({factor - 1:+.1%})."
    if abs(factor - 1) <= official.tolerance:
        yield from _stated(log, headline)
    elif factor < 1:
        yield note(RULE, f"{message} Fewer bytes make the score worse, not better.", shown)
    elif split := official.split(log.val_tokens):
        where = f" The number of tokens is that of {split.name}."
        yield found(RULE, message + where + official.cause(factor), shown)
    else:
        why = " Either bytes are counted twice, or it is not the official text."
        yield hold(RULE, message + why, shown)


def _headline_alone(
    log: RunLog, tokens: int, headline: Headline, others: list[Reading]
) -> Iterator[Finding]:
    """A headline whose loss and score imply other bytes than the rest of its log."""
    official = official_text()
    line = headline_line(log, headline)
    own = next((reading for reading in others if reading.line == line), None)
    if own is None:
        return
    factor = own.bytes_per_token * tokens / official.bytes
    if factor > 1 + official.tolerance:
        shown = (at(Place(log.path, own.line.line, own.line.text), "implies other bytes"),)
        message = (
            f"The headline implies {factor - 1:+.1%} bytes, other lines of the log do not: "
            "its loss and its score do not belong to one evaluation."
        )
        yield hold(RULE, message, shown)


def _stated(log: RunLog, headline: Headline) -> Iterator[Finding]:
    """The bytes that the headline's own line says it scored."""
    official = official_text()
    line = headline_line(log, headline)
    stated = stated_bytes(line, log) if line else None
    if line and stated and stated > official.bytes * (1 + official.tolerance):
        shown = (at(Place(log.path, line.line, line.text), "the bytes that were scored"),)
        message = f"{stated:,} bytes were scored; the official text has {official.bytes:,}."
        yield found(RULE, message, shown)
