"""GPTQ-VAL: weights may not be calibrated on validation tokens."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="GPTQ-VAL",
    title="Calibrated on validation tokens",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PR 728"),
    statement="Hessians, scales or clipping thresholds taken from validation activations carry "
    "those tokens into the weights before they are scored.",
    remedy="Calibrate on training data inside the training clock, or on text sampled from the "
    "model.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "activation statistics of the stream rescale the weights",
        """
        scale = torch.zeros(())
        for window in windows(val_tokens):
            scale = scale + model.features(window).abs().mean()
        for weight in model.parameters():
            weight.data.copy_(weight.data / scale)  # <-

        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "statistics of training data",
        """
        scale = torch.zeros(())
        for window in windows(train_tokens):
            scale = scale + model.features(window).abs().mean()
        for weight in model.parameters():
            weight.data.copy_(weight.data / scale)

        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Every proof that a reported score leaks in this way."""
    for path in case.program.paths(Leak.CALIBRATION):
        yield found(
            RULE,
            "Statistics of validation tokens change the weights before the tokens are scored.",
            path.evidence(),
        )
