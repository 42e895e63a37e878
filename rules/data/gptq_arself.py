"""GPTQ-ARSELF: calibrated on text that the model wrote itself: the legal way."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, LawStatus, Recognised
from pgolf_check.law import Example, Law, Rule, at, recognised
from rules.scaffold import evaluation

RULE = Rule(
    id="GPTQ-ARSELF",
    title="Calibrated on text of the model's own",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PR 728; PRs 1019 and 1204 merged"),
    statement="Text that the model samples from itself holds neither training nor validation data, "
    "so statistics of it may be collected whenever there is time.",
    remedy="Nothing to mend.",
)

ILLEGAL: list[Example] = []

LEGAL: list[Example] = [
    evaluation(
        "sequences are sampled, and run through the model with hooks on it",
        """
        hessians = {}

        def collect(module, inputs, output):
            hessians["h"] = inputs[0].T @ inputs[0]

        def write_text(net, length):
            tokens = torch.randint(0, 1024, (1, 1))
            while tokens.numel() < length:
                choice = torch.softmax(net.forward_logits(tokens)[:, -1] / 0.8, dim=-1)
                tokens = torch.cat([tokens, torch.multinomial(choice, 1)], dim=1)
            return tokens

        texts = [write_text(model, 256) for _ in range(64)]
        handle = model.register_forward_hook(collect)
        for text in texts:
            model(text)
        handle.remove()
        model.out.weight.data.copy_(model.out.weight.data / hessians["h"].mean())
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Recognised]:
    """Calibration on sampled text."""
    for run in case.program.calibrations_on_own_text():
        yield recognised(
            RULE,
            "Calibrated on text that the model sampled from itself.",
            (at(run.place, "the model runs on its own text"),),
        )
        return
