"""SLOT-LOGITBIAS: a bias over the vocabulary is an offset like any other."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="SLOT-LOGITBIAS",
    title="Logit bias fitted to the scored tokens",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.NORM, "PRs 1209, 1229, 1319, 1321 (closed or withdrawn); flip test of 1240"),
    statement="A bias over the vocabulary that is fitted to tokens and then scores the same tokens "
    "has seen the answers. Which optimiser fits it makes no difference.",
    remedy="Fit the bias on tokens that have been scored, and use it on later ones.",
)

_BIAS = """
for window in windows(val_tokens):
    hidden = model.features(window[:-1])
    bias = torch.zeros(1, int(os.environ.get("VOCAB_SIZE", "1024")), requires_grad=True)
    fit = torch.optim.LBFGS([bias], lr=1e-2)

    def closure():
        fit.zero_grad()
        loss = F.cross_entropy(model.head(hidden) + bias, window[1:])
        loss.backward()  # <-
        return loss

    fit.step(closure)
    with torch.no_grad():
        total += F.cross_entropy(model.head(hidden) + bias, window[1:], reduction="sum")
"""

ILLEGAL: list[Example] = [
    evaluation("a bias fitted to each window", _BIAS, settings={"VOCAB_SIZE": "1024"}),
]

LEGAL: list[Example] = [
    evaluation(
        "a bias that training has learnt",
        """
        bias = nn.Parameter(torch.zeros(1024))
        for window in windows(val_tokens):
            with torch.no_grad():
                logits = model.forward_logits(window[None, :-1])[0] + bias
                total += F.cross_entropy(logits, window[1:], reduction="sum")
        """,
        settings={"VOCAB_SIZE": "1024"},
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Offsets as wide as the vocabulary."""
    sizes = {value for value in case.submission.settings.values("VOCAB_SIZE") if value.isdigit()}
    for path in case.program.paths(Leak.PER_WINDOW):
        if str(path.update.width) in sizes:
            yield found(
                RULE,
                "A bias over the vocabulary is fitted to tokens and then scores the same tokens.",
                path.evidence(),
            )
