"""TTT-PEER: a passage is scored again after it was learnt."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="TTT-PEER",
    title="Scored a second time with adapters of finished documents",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PR 2139: score-first in the original order is not established"),
    statement="After the documents of a batch have been scored and learnt, scoring them once more "
    "with those adapters, each other's or their own, is no left-to-right code.",
    remedy="Report the sum of the first scores. Use an adapter on documents that come later only.",
)

_BATCHES = """
for batch in windows(val_tokens, 8192):
    adapter = nn.Linear(64, 1024)
    fit = torch.optim.SGD(adapter.parameters(), lr=1e-2)
    for window in windows(batch):
        losses = F.cross_entropy(adapter(model.features(window[:-1])), window[1:], reduction="none")
        {first}
        losses.mean().backward()
        fit.step(){mark}
    {second}
"""

ILLEGAL: list[Example] = [
    evaluation(
        "a second pass over the batch, averaged with the first",
        _BATCHES.format(
            first="total += 0.5 * losses.detach().sum()",
            mark="  # <-",
            second="""for window in windows(batch):
        with torch.no_grad():
            logits = adapter(model.features(window[:-1]))
            total += 0.5 * F.cross_entropy(logits, window[1:], reduction="sum")""",
        ),
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "only the first pass counts",
        _BATCHES.format(first="total += losses.detach().sum()", mark="", second="del adapter"),
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Proofs that lead through a second pass."""
    for path in case.program.paths(Leak.SECOND_PASS):
        yield found(
            RULE,
            "After tokens were scored and learnt, a second pass scores them again.",
            path.evidence(),
        )
