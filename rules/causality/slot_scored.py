"""SLOT-SCORED: an offset fitted to the scored tokens knows them."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="SLOT-SCORED",
    title="Offset fitted to the tokens that it scores",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.NORM, "Issue 1336, PR 1240: flip test; authors withdrew 1209 and 1229"),
    statement="A vector added to hidden states or logits and optimised on a window may not score "
    "the positions that it was optimised on: their loss is then not paid by a prediction.",
    remedy="Fit on tokens scored earlier only, and score the next ones before fitting again.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "a delta fitted to each window scores that window",
        """
        for window in windows(val_tokens):
            hidden = model.features(window)
            delta = torch.zeros(8, 1, 64, requires_grad=True)
            fit = torch.optim.AdamW([delta], lr=1e-2)
            for step in range(8):
                loss = F.cross_entropy(model.head(hidden + delta), window[1:])
                fit.zero_grad()
                loss.backward()
                fit.step()  # <-
            with torch.no_grad():
                total += F.cross_entropy(model.head(hidden + delta), window[1:], reduction="sum")
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "a temperature fitted to the window before",
        """
        temperature = torch.ones((), requires_grad=True)
        fitter = torch.optim.SGD([temperature], lr=1e-2)
        position, before = 0, None
        while position + 1025 <= val_tokens.numel():
            window = val_tokens[position : position + 1025]
            if before is not None:
                fitter.zero_grad()
                logits = model.forward_logits(before[None, :-1])[0]
                F.cross_entropy(logits / temperature, before[1:]).backward()
                fitter.step()
            with torch.no_grad():
                logits = model.forward_logits(window[None, :-1])[0]
                total += F.cross_entropy(logits / temperature, window[1:], reduction="sum")
            before = window
            position += 1024
        """,
    ),
    evaluation(
        "a plain forward pass",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Every proof that a reported score leaks in this way."""
    for path in case.program.paths(Leak.PER_WINDOW):
        yield found(
            RULE, "An offset is fitted to tokens and then scores the same tokens.", path.evidence()
        )
