"""TTT-PHASED: now and then the model itself learns the documents scored so far: legal."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, LawStatus, Recognised
from pgolf_check.law import Example, Law, Rule, at, recognised
from pgolf_check.program.queries import UpdateKind
from rules.scaffold import evaluation

RULE = Rule(
    id="TTT-PHASED",
    title="Phases: the model learns the documents scored so far",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PRs 1610, 1626, 1736 and 1855 merged"),
    statement="Beside adapters for each document, the model itself may be trained on all documents "
    "that have been scored, and then score the next ones.",
    remedy="Nothing to mend.",
)

ILLEGAL: list[Example] = []

LEGAL: list[Example] = [
    evaluation(
        "an adapter for each document, and the model after each of them",
        """
        for document in windows(val_tokens, 8192):
            adapter = nn.Linear(64, 1024)
            fit = torch.optim.Adam(adapter.parameters(), lr=1e-2)
            for window in windows(document):
                logits = model.forward_logits(window[None, :-1])[0]
                logits = logits.detach() + adapter(model.features(window[:-1]).detach())
                losses = F.cross_entropy(logits, window[1:], reduction="none")
                total += losses.detach().sum()
                fit.zero_grad()
                losses.mean().backward()
                fit.step()
            optimizer.zero_grad()
            token_losses(model, document).mean().backward()
            optimizer.step()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Recognised]:
    """Legal steps of two kinds: of adapters, and of weights that last."""
    steps = [u for u, _ in case.program.legal_updates() if u.kind is UpdateKind.OPTIMIZER]
    local = {update.place: update for update in steps if update.local}
    lasting = {update.place: update for update in steps if not update.local}
    for place in lasting:
        if place not in local and local:
            yield recognised(
                RULE,
                "The model itself learns documents that were scored, and scores the next ones.",
                (at(next(iter(local)), "the adapters learn"), at(place, "the model learns")),
            )
            return
