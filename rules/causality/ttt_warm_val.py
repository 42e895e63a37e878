"""TTT-WARM-VAL: a warm-up that adapts something to validation tokens."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, note
from rules.scaffold import evaluation

RULE = Rule(
    id="TTT-WARM-VAL",
    title="Warmed up on validation tokens",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.CONTESTED, "PR 1530 merged with it; PR 1626 warms up on random tokens"),
    statement="An adapter that learns validation tokens to warm up the compiler and is then thrown "
    "away changes no score. Rows that do so were merged; random tokens raise no question.",
    remedy="Warm up on random tokens of the same shape.",
)

_WARM = """
spare = nn.Linear(64, 1024)
warm = torch.optim.SGD(spare.parameters(), lr=1e-3)
text = {text}
F.cross_entropy(spare(model.features(text[:-1])), text[1:]).backward()
warm.step()
for window in windows(val_tokens):
    with torch.no_grad():
        total += token_losses(model, window).sum()
"""

ILLEGAL: list[Example] = []

LEGAL: list[Example] = [
    evaluation("random tokens", _WARM.format(text="torch.randint(0, 1024, (1025,))")),
    evaluation("real ones, for an adapter that is dropped", _WARM.format(text="val_tokens[:1025]")),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """The first such adaptation; no score depends on it."""
    for update in case.program.discarded_updates():
        yield note(
            RULE,
            "Something learns validation tokens and is dropped before any score depends on it.",
            (at(update.place, "adapted, then thrown away"),),
        )
        return
