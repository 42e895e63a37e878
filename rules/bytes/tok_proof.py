"""TOK-PROOF: another tokenizer needs a proof that its bytes are those of the text."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, hold
from pgolf_check.submission.facts import Track
from pgolf_check.submission.headline import logs_behind
from rules.official_text import agreed, official_text, readings, tokens_line
from rules.records import record, train_log
from rules.runs import together
from rules.scaffold import evaluation

RULE = Rule(
    id="TOK-PROOF",
    title="A tokenizer whose bytes nobody can check",
    axis=Axis.LEGALITY,
    law=Law(
        LawStatus.RULED, "README, on tokenizers; #1184 removed in #1806; #1143, #1289 withdrawn"
    ),
    statement="Whoever changes the tokenizer or the data shows that the score is still counted "
    "over the bytes of the official text. A log that states loss and score of one evaluation, and "
    "the number of tokens, is such a proof.",
    remedy="Log val_loss and val_bpb of one evaluation side by side, and the tokens it scored.",
)

ILLEGAL: list[Example] = []


def _without_loss(log: str) -> str:
    """A log that states scores and no losses."""
    return "\n".join(
        line for line in log.split("\n") if "val_loss" not in line or line.startswith("step:1/")
    )


LEGAL = [
    record("a published tokenizer", {"train_seed42.log": train_log()}),
    record(
        "another tokenizer, and the bytes come out right",
        {
            "train_seed42.log": train_log(
                val_tokens=62_200_000, bytes_factor=62_021_632 / 62_200_000
            )
        },
    ),
    evaluation(
        "the bytes of each piece are worked out from the tokenizer",
        """
        lengths = torch.tensor([len(piece) for piece in open("pieces.txt").read().split("|")])
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
        {"train.log": train_log()},
    ),
]

UNDECIDED = [
    record(
        "another number of tokens, and no loss beside the score",
        {
            "train_seed42.log": _without_loss(train_log(val_tokens=70_000_000))
            + "\\nfinal_int6_sliding_window_exact val_bpb:1.12520000"
        },
    ),
    evaluation(
        "the bytes come out of a file, and there is no log",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

_LARGE = 20_000_000  # tokens; what is smaller is no full evaluation and VAL-FULL's business


def check(case: Case) -> Iterator[Finding]:
    """Encodings that are not known and whose bytes no log gives away."""
    if case.submission.track is Track.NON_RECORD:
        return
    yield from together(_logged(case))
    if not case.submission.logs:
        for report in case.program.reports_on_given_bytes():
            message = (
                "The bytes of a token come out of a file, and no log tells what they add up to."
            )
            yield hold(RULE, message, (at(report.place, "the score"),))
            return


def _logged(case: Case) -> Iterator[Finding]:
    submission = case.submission
    for log in logs_behind(submission.headline, submission.logs):
        tokens = log.val_tokens or 0
        if tokens < _LARGE or official_text().published(tokens):
            continue
        if agreed(list(readings(log))) is None:
            message = f"{tokens:,} tokens are no known encoding of the official text, and "
            message += "the log does not tell how many bytes they are."
            yield hold(RULE, message, tokens_line(log))
