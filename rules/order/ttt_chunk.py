"""TTT-CHUNK: score first, then adapt: the legal order."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, LawStatus, Recognised
from pgolf_check.law import Example, Law, Rule, at, recognised
from rules.scaffold import evaluation

RULE = Rule(
    id="TTT-CHUNK",
    title="Adaptation on tokens already scored",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "README; PR 549 merged"),
    statement="State may be built from tokens that have been scored. Each token is scored before "
    "any update that depends on it, once, from left to right.",
    remedy="Nothing to mend.",
)

ILLEGAL: list[Example] = []

LEGAL: list[Example] = [
    evaluation(
        "each chunk is scored, then learnt",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
            optimizer.zero_grad()
            token_losses(model, window).mean().backward()
            optimizer.step()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Recognised]:
    """Updates that a final score depends on and that learnt from other tokens only."""
    for update, loss in case.program.legal_updates():
        yield recognised(
            RULE,
            f"Score-first adaptation ({update.kind}): what is learnt was scored before.",
            (at(loss.place, "scored here"), at(update.place, "learnt here, afterwards")),
        )
        return
