"""EVAL-TUNE: a constant picked by the validation score is fitted to it."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from rules.scaffold import evaluation

RULE = Rule(
    id="EVAL-TUNE",
    title="A setting chosen by the validation score",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.CONTESTED, "PR 1991 for gates; norm elsewhere (PR 991)"),
    statement="Running the evaluation under several settings and reporting the best one fits the "
    "settings to the validation tokens.",
    remedy="Fix the constants before the evaluation, or choose them on training data.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "the best of three temperatures",
        """
        best = None
        for temperature in (0.9, 1.0, 1.1):
            score = torch.zeros(())
            for window in windows(val_tokens):
                with torch.no_grad():
                    logits = model.forward_logits(window[None, :-1]) / temperature
                    score += F.cross_entropy(logits.flatten(0, 1), window[1:], reduction="sum")
            if best is None or score < best:  # <-
                best = score
        total = best
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "one temperature, fixed in advance",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Whole-run scores that are compared, the better one reported."""
    for choice, report in case.program.choices(elementwise=False):
        yield found(
            RULE,
            "The scores of whole evaluations are compared and the best one is reported.",
            (
                at(choice.place, "evaluations are compared"),
                at(report.place, "and the best is reported"),
            ),
        )
