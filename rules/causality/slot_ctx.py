"""SLOT-CTX: an offset fitted to the context of a window, shared by overlapping windows."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="SLOT-CTX",
    title="Offset fitted to context positions",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.UNRULED, "Issue 1336, no organizer reply"),
    statement="An offset fitted only to positions before the scored ones is causal within one "
    "window. Where one offset serves a batch of overlapping windows, the context of one "
    "window holds tokens that another scores, so the order is broken across windows. No "
    "ruling exists.",
    remedy="Give every window its own offset, or fit only on windows of earlier batches.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "the delta is fitted on [:cut] and scores [cut:]",
        """
        for window in windows(val_tokens):
            hidden = model.features(window)
            cut = len(window) - stride
            delta = torch.zeros(8, 1, 64, requires_grad=True)
            fit = torch.optim.AdamW([delta], lr=1e-2)
            for step in range(8):
                loss = F.cross_entropy(model.head(hidden + delta)[:cut], window[1:][:cut])
                fit.zero_grad()
                loss.backward()
                fit.step()  # <-
            with torch.no_grad():
                logits = model.head(hidden + delta)
                total += F.cross_entropy(logits[cut:], window[1:][cut:], reduction="sum")
        """,
    ),
]

LEGAL: list[Example] = [
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
    for path in case.program.paths(Leak.CONTEXT_SHARED):
        yield found(
            RULE,
            "An offset is fitted to context positions; whether that is legal is unruled.",
            path.evidence(),
        )
