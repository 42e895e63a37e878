"""BPB-SIDECAR: a text that was transformed is divided by its original bytes."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found, hold
from pgolf_check.submission.headline import logs_behind
from rules.official_text import agreed, official_text, readings, tokens_line
from rules.records import train_log
from rules.runs import together
from rules.scaffold import evaluation, reported

RULE = Rule(
    id="BPB-SIDECAR",
    title="Markers of a transformed text counted as its bytes",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "#1729 and #1736 merged with it; #2039, #2071 and #2138 refused"),
    statement="Reversible case operations add markers to the text. Bits are divided by the bytes "
    "of the original text, which a file beside the shards holds for every token; a table over the "
    "vocabulary counts the markers as well.",
    remedy="Read fineweb_val_bytes_*.bin beside the tokens and sum the bytes of what was scored.",
)

_TOKENS = 47_851_520
_SCORE = """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
"""


def _log(factor: float) -> dict[str, str]:
    log = train_log(val_tokens=_TOKENS, bytes_factor=factor * 62_021_632 / _TOKENS)
    return {"train_seed42.log": log}


ILLEGAL: list[Example] = [
    evaluation("a table over the vocabulary", _SCORE, _log(1.0895)),
]

LEGAL: list[Example] = [
    evaluation("a table that leaves out the markers", _SCORE, _log(1.0)),
    reported(
        "the bytes of each token, from the file beside the shards",
        f"""
        val_bytes = load("data/fineweb_val_bytes_*.bin")
{_SCORE}
        bits = total / math.log(2.0) / val_bytes[1:].sum()
        print(f"final val_bpb:{{bits.item():.8f}}")
        """,
    ),
]

UNDECIDED: list[Example] = []

_SPLIT = "sp8192 with lossless case operations"


def check(case: Case) -> Iterator[Finding]:
    """Runs on the transformed text whose scores look up bytes by token."""
    if case.program.scores and not case.program.reads_sidecar():
        yield from together(_each(case))


def _each(case: Case) -> Iterator[Finding]:
    submission, official = case.submission, official_text()
    for log in logs_behind(submission.headline, submission.logs):
        split, ratio = official.split(log.val_tokens), agreed(list(readings(log)))
        if split is None or split.name != _SPLIT:
            continue
        message = "The text has case operations, and its bytes are looked up by token"
        if ratio is None:
            yield hold(RULE, f"{message}; the log does not tell how many.", tokens_line(log))
        elif ratio * split.tokens > official.bytes * (1 + official.tolerance):
            total = ratio * split.tokens
            message = f"{message}: {total:,.0f} instead of {official.bytes:,}."
            yield found(RULE, message, tokens_line(log))
