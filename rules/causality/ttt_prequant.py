"""TTT-PREQUANT: the same before the model is packed is still training on validation."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="TTT-PREQUANT",
    title="Adapted on validation tokens before packing",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "README leaderboard audit 1902; PR 1972"),
    statement="Adapting on validation tokens before quantisation puts them into the artifact: what "
    "is scored afterwards was learnt before.",
    remedy="Calibrate and adapt on training data inside the training clock, or adapt score-first "
    "during the evaluation.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "epochs over the stream, then packing, then the evaluation",
        """
        for epoch in range(3):
            for window in windows(val_tokens):
                loss = token_losses(model, window).mean()
                loss.backward()
                optimizer.step()  # <-
        torch.save(model.state_dict(), "model.pt")
        model.load_state_dict(torch.load("model.pt"))

        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "packed first, adapted score-first",
        """
        torch.save(model.state_dict(), "model.pt")
        model.load_state_dict(torch.load("model.pt"))

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
    for path in case.program.paths(Leak.BEFORE_QUANTISATION):
        yield found(
            RULE,
            "The model is adapted on validation tokens before it is packed, then scored on them.",
            path.evidence(),
        )
