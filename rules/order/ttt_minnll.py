"""TTT-MINNLL: the better of several scores may not be kept by looking at them."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from rules.scaffold import evaluation

RULE = Rule(
    id="TTT-MINNLL",
    title="Scores chosen by their own outcome",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PRs 573, 611, 659, 685"),
    statement="Choosing per token, document or pass by the realised loss uses the answer to pick "
    "the predictor.",
    remedy="Choose or weigh predictors by what is known before the token: entropy, counts, "
    "earlier losses.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "the minimum over two predictors",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                one = token_losses(model, window)
                other = token_losses(second_model, window)
                total += torch.minimum(one, other).sum()  # <-
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "what earlier chunks cost decides whether to adapt on this one",
        """
        usual = None
        for window in windows(val_tokens):
            with torch.no_grad():
                loss = token_losses(model, window).sum()
            total += loss
            if usual is None or loss > usual:
                token_losses(model, window).mean().backward()
                optimizer.step()
            usual = loss if usual is None else 0.9 * usual + 0.1 * loss
        """,
    ),
    evaluation(
        "a fixed mixture of two predictors",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                one = torch.exp(-token_losses(model, window))
                other = torch.exp(-token_losses(second_model, window))
                total += -torch.log(0.5 * one + 0.5 * other).sum()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Choices between the scores of the same tokens that reach a report."""
    for choice, report in case.program.choices(elementwise=True):
        yield found(
            RULE,
            "Of several scores of the same tokens the lower one is kept.",
            (
                at(choice.place, "scores are compared, one is kept"),
                at(report.place, "and the choice is reported"),
            ),
        )
