"""TIME-WARMUP: warming up needs no validation text."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, note
from rules.scaffold import evaluation

RULE = Rule(
    id="TIME-WARMUP",
    title="Warmed up on validation tokens",
    axis=Axis.BUDGET,
    law=Law(LawStatus.CONTESTED, "PR 1530 merged with it; PR 1626 warms up on random tokens"),
    statement="Compilation is warmed up off the clock, by custom. Where the warm-up adapts "
    "something to validation tokens, even something that is thrown away, nobody can see from "
    "outside that nothing was kept.",
    remedy="Warm up on random tokens of the same shape.",
)

_WARM = """
        spare = nn.Linear(64, 1024)
        spare_optimizer = torch.optim.SGD(spare.parameters(), lr=1e-3)
        text = {text}
        F.cross_entropy(spare(model.features(text[:-1])), text[1:]).backward()
        spare_optimizer.step()
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
"""

ILLEGAL: list[Example] = []

LEGAL: list[Example] = [
    evaluation("on random tokens", _WARM.format(text="torch.randint(0, 1024, (1025,))")),
    evaluation(
        "on the first window, with a layer of its own", _WARM.format(text="val_tokens[:1025]")
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Adaptation to validation tokens that no score depends on."""
    for update in case.program.discarded_updates():
        message = "Something learns validation tokens, and no followed score depends on it."
        yield note(RULE, message, (at(update.place, "adapted and thrown away"),))
        return
