"""MIX-BYTEPPM: a byte mixture over a token loss spread on its bytes is no distribution."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from rules.scaffold import evaluation

RULE = Rule(
    id="MIX-BYTEPPM",
    title="Token losses spread over bytes and mixed there",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PRs 1835, 1991, 2083, 2103; audit 1902"),
    statement="Giving every byte of a token the n-th root of its probability and mixing that with "
    "a byte model does not define a distribution over the next token.",
    remedy="Marginalise the token distribution over bytes exactly, or mix over the token alphabet.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "the n-th root of the token probability beside a byte model",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                share = token_losses(model, window) / byte_lengths[window[1:]]
            network = torch.exp(-share)
            byte_model = torch.full_like(network, 1 / 256)
            total += -torch.log(0.8 * network + 0.2 * byte_model).sum()  # <-
        """,
    ),
    evaluation(
        "the same root taken as a power",
        """
        pieces = torch.load("pieces.pt")
        for window in windows(val_tokens):
            with torch.no_grad():
                probabilities = F.softmax(model.forward_logits(window[None, :-1])[0], dim=-1)
            likely = probabilities.gather(1, window[1:, None])[:, 0].tolist()
            for p, token in zip(likely, window[1:].tolist()):
                network = p ** (1.0 / max(len(pieces[token]), 1))
                for _ in pieces[token]:
                    total += -math.log(0.8 * network + 0.2 / 256)  # <-
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "the loss divided by all bytes at the end",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Losses made from per-byte shares of token losses."""
    for loss, report in case.program.byte_mixes():
        yield found(
            RULE,
            "A token's loss is spread over its bytes and mixed with a byte model there.",
            (
                at(loss.place, "per-byte shares are mixed"),
                at(report.place, "and the mixture is reported"),
            ),
        )
