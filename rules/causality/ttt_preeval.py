"""TTT-PREEVAL: no weight may learn a token before that token is scored."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="TTT-PREEVAL",
    title="Adapted on validation tokens before scoring them",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "Issue 402; PRs 152, 442, 462, 518, 595"),
    statement="Adapting on validation tokens and then scoring those tokens is training on the "
    "validation set. A token may be learnt only after its loss has entered the reported "
    "sum.",
    remedy="Score each chunk first, then adapt on it; report the sum of those first scores.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "several epochs over the stream, then the evaluation",
        """
        for epoch in range(3):
            for window in windows(val_tokens):
                loss = token_losses(model, window).mean()
                loss.backward()
                optimizer.step()  # <-

        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "each chunk is scored, then learnt",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
            for epoch in range(3):
                optimizer.zero_grad()
                token_losses(model, window).mean().backward()
                optimizer.step()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Every proof that a reported score leaks in this way."""
    for path in case.program.paths(Leak.BEFORE_EVALUATION):
        yield found(
            RULE,
            "The model is adapted on validation tokens before they are scored.",
            path.evidence(),
        )
