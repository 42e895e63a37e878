"""VAL-FULL: the score is about all of the official validation text."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Evidence, Finding, LawStatus, Place
from pgolf_check.law import Law, Rule, at, found, hold, note
from pgolf_check.submission.facts import EvalLine, RunLog, Track
from pgolf_check.submission.headline import logs_behind
from rules.official_text import (
    agreed,
    headline_line,
    official_text,
    readings,
    stated_bytes,
    tokens_line,
)
from rules.records import TOKENS, record, train_log
from rules.runs import together
from rules.scaffold import evaluation

RULE = Rule(
    id="VAL-FULL",
    title="Scored on a part of the validation text",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "#50, #1835, #2009, #2109"),
    statement="Bits per byte are taken over the whole official validation text, the first 50,000 "
    "documents. A score over some of its documents, shards or tokens is another measurement.",
    remedy="Evaluate every token of the validation shards and report that score.",
)

ILLEGAL = [
    record(
        "the first ten thousand documents",
        {"train_seed42.log": train_log(val_tokens=12_400_000, mark="final_")},
    ),
    record(
        "the mixture is taken over three million tokens of the stream",
        {
            "train_seed42.log": train_log(bpb=1.1300)
            + "\nppm_mix bytes=10982035 mix_bpb=1.12520000 ppm_only=2.2  # <-"
        },
    ),
]

ILLEGAL.append(
    evaluation(
        "windows from random places",
        """
        for trial in range(64):
            start = torch.randint(val_tokens.numel() - 1025, (1,)).item()
            window = val_tokens[start : start + 1025]
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
)

LEGAL = [
    evaluation(
        "a diagnostic on random places, and a score of everything",
        """
        start = torch.randint(val_tokens.numel() - 1025, (1,)).item()
        with torch.no_grad():
            print(token_losses(model, val_tokens[start : start + 1025]).mean() / math.log(2.0))
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
    record("all of it", {"train_seed42.log": train_log()}),
    record(
        "all of it in fewer, longer tokens",
        {"train_seed42.log": train_log(val_tokens=40_540_160, bytes_factor=TOKENS / 40_540_160)},
    ),
]

UNDECIDED = [
    record(
        "some three per cent are missing",
        {"train_seed42.log": train_log(val_tokens=60_160_000, mark="final_")},
    ),
]

_PART = 0.9  # of the official bytes; beyond, a tail or an unknown encoding may explain the rest


def check(case: Case) -> Iterator[Finding]:
    """How much of the official text each run behind the headline scored."""
    yield from together(_each(case))
    for loss, report in case.program.drawn_scores():
        yield found(
            RULE,
            "The tokens that are scored are picked at random.",
            (at(loss.place, "a loss over random places"), at(report.place, "the score")),
        )
        return


def _each(case: Case) -> Iterator[Finding]:
    submission = case.submission
    for log in logs_behind(submission.headline, submission.logs):
        line = headline_line(log, submission.headline)
        if line is None:
            continue
        scored, how = _scored(log, line)
        official = official_text()
        share = scored / official.bytes if scored else 1.0
        if share >= 1 - official.tolerance:
            continue
        message = f"{how}: {scored:,.0f} of {official.bytes:,} bytes, {share:.1%} of the text."
        shown = _evidence(log, line)
        if submission.track is Track.NON_RECORD and _is_other_text(log):
            yield note(RULE, f"{message} The log names another corpus than the contest's.", shown)
            continue
        claimed = submission.headline.supported and submission.track is not Track.NON_RECORD
        certain = claimed and share < _PART
        yield (found if certain else hold)(RULE, message, shown)


def _is_other_text(log: RunLog) -> bool:
    """Whether the run itself says that it was scored on a corpus of its own."""
    return bool(log.val_path) and "fineweb" not in str(PurePosixPath(log.val_path or "").parent)


def _scored(log: RunLog, line: EvalLine) -> tuple[float, str]:
    """The bytes behind the headline, as its line states them or as tokens and ratio imply."""
    if stated := stated_bytes(line, log):
        return float(stated), "The line of the headline states its bytes"
    common = agreed(list(readings(log)))
    if common is None or log.val_tokens is None or official_text().split(log.val_tokens):
        return 0.0, ""
    return common * log.val_tokens, f"{log.val_tokens:,} validation tokens were loaded"


def _evidence(log: RunLog, line: EvalLine) -> tuple[Evidence, ...]:
    return (*tokens_line(log), at(Place(log.path, line.line, line.text), "the headline"))
