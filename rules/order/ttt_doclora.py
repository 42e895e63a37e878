"""TTT-DOCLORA: an adapter for each document, scored first and then taught: the legal way."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, LawStatus, Recognised
from pgolf_check.law import Example, Law, Rule, at, recognised
from pgolf_check.program.queries import UpdateKind
from rules.scaffold import evaluation

RULE = Rule(
    id="TTT-DOCLORA",
    title="A fresh adapter for each document",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PRs 77 and 1530 merged"),
    statement="An adapter that starts afresh with each document may learn each chunk of it after "
    "that chunk has been scored. Scoring and learning may share one forward pass.",
    remedy="Nothing to mend.",
)

ILLEGAL: list[Example] = []

LEGAL: list[Example] = [
    evaluation(
        "one small layer for each document",
        """
        for document in windows(val_tokens, 8192):
            adapter = nn.Linear(64, 1024)
            fit = torch.optim.Adam(adapter.parameters(), lr=1e-2)
            for window in windows(document):
                logits = adapter(model.features(window[:-1]))
                losses = F.cross_entropy(logits, window[1:], reduction="none")
                total += losses.detach().sum()
                fit.zero_grad()
                losses.mean().backward()
                fit.step()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Recognised]:
    """Legal steps of something that is made or reset inside the evaluation's loops."""
    for update, loss in case.program.legal_updates():
        if update.local and update.kind is UpdateKind.OPTIMIZER:
            yield recognised(
                RULE,
                "An adapter that starts afresh for each document learns what was scored.",
                (at(loss.place, "scored here"), at(update.place, "learnt here, afterwards")),
            )
            return
