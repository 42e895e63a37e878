"""BPB-CONST: bytes are counted, not assumed."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from rules.scaffold import reported

RULE = Rule(
    id="BPB-CONST",
    title="A constant for the bytes of a token",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PR 2009, refused 2026-05-01"),
    statement="Bits are divided by the bytes of the very tokens that were scored. An average from "
    "elsewhere, written into the code, is another denominator.",
    remedy="Look up the bytes of each scored token and divide by their sum.",
)

_MEAN = """
        tokens = 0
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
            tokens += window.numel() - 1
        mean_loss = (total / tokens).item()
"""

ILLEGAL: list[Example] = [
    reported(
        "a number taken from elsewhere",
        f"""{_MEAN}
        print(f"final val_bpb:{{mean_loss / math.log(2.0) / 2.7523:.8f}}")  # <-
        """,
    ),
    reported(
        "the same number, folded into the conversion to bits",
        f"""
        NATS_PER_BYTE = math.log(2.0) * 2.7523
{_MEAN}
        print(f"final val_bpb:{{mean_loss / NATS_PER_BYTE:.8f}}")  # <-
        """,
    ),
]

LEGAL: list[Example] = [
    reported(
        "the bytes of the tokens that were scored",
        f"""{_MEAN}
        bytes_per_token = (byte_lengths[val_tokens[1:]].sum() / tokens).item()
        print(f"final val_bpb:{{mean_loss / math.log(2.0) / bytes_per_token:.8f}}")
        """,
    ),
    reported(
        "a model of single bytes",
        f"""{_MEAN}
        print(f"final val_bpb:{{mean_loss / math.log(2.0) / 1.0:.8f}}")
        """,
    ),
    reported(
        "an estimate while training, and a count in the end",
        f"""{_MEAN}
        print(f"estimate val_bpb:{{mean_loss / math.log(2.0) / 2.7523:.4f}}")
        bytes_per_token = (byte_lengths[val_tokens[1:]].sum() / tokens).item()
        print(f"final val_bpb:{{mean_loss / math.log(2.0) / bytes_per_token:.8f}}")
        """,
    ),
]

UNDECIDED: list[Example] = []

_FEWEST, _MOST = 1.2, 8.0  # bytes per token of any tokenizer in use; others divide by other things


def check(case: Case) -> Iterator[Finding]:
    """Plain numbers that stand where a count of bytes should."""
    for divisor, report in case.program.fixed_divisors():
        if _FEWEST < divisor.value < _MOST and not divisor.value.is_integer():
            yield found(
                RULE,
                f"The score takes every token for {divisor.value:.4g} bytes; none are counted.",
                (at(divisor.place, "divided by a plain number"), at(report.place, "the score")),
            )
