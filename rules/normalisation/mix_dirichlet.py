"""MIX-DIRICHLET: smoothing does not make a distribution of hashed counts."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from rules.scaffold import evaluation

RULE = Rule(
    id="MIX-DIRICHLET",
    title="Hashed counts, smoothed with the model",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PR 779 and 23 others; mathematics in PR 1147"),
    statement="(count + a p) / (total + a) is a distribution if the counts are. Where keys "
    "collide, each token is credited with the counts of others, and the sum over the vocabulary "
    "exceeds one.",
    remedy="Keep exact counts for whole rows, or leave the counts out.",
)

_SMOOTHED = """
contexts = np.zeros(1 << 22)
pairs = np.zeros(1 << 22)
for window in windows(val_tokens):
    with torch.no_grad():
        model_p = torch.exp(-token_losses(model, window)).numpy()
    previous, target = window[:-1].numpy(), window[1:].numpy()
    context = (previous * 36313) & 4194303
    pair = ((previous * 36313) ^ (target * 27191)) & 4194303
    p = (pairs[pair] + 5.0 * model_p) / (contexts[context] + 5.0)  # <-
    total += -np.log(p).sum()
    np.add.at(contexts, context, 1)
    np.add.at(pairs, pair, 1)
"""

ILLEGAL: list[Example] = [evaluation("the model as the prior of hashed pairs", _SMOOTHED)]

LEGAL: list[Example] = [
    evaluation(
        "the model as the prior of an exact row",
        """
        counts = np.zeros((1024, 1024))
        for window in windows(val_tokens):
            with torch.no_grad():
                logits = model.forward_logits(window[None, :-1])[0]
                prior = torch.softmax(logits, dim=-1).numpy()
            previous, target = window[:-1].numpy(), window[1:].numpy()
            rows = counts[previous] + 5.0 * prior
            rows = rows / rows.sum(axis=1, keepdims=True)
            total += -np.log(np.take_along_axis(rows, target[:, None], axis=1)).sum()
            np.add.at(counts, (previous, target), 1)
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Hashed counts that a probability was added to before they were divided."""
    for read, report in case.program.smoothed_hashes():
        yield found(
            RULE,
            "Hashed counts of the scored token are smoothed with the model's probability.",
            (
                at(read.place, "a hashed count is read under a key that holds the target"),
                at(report.place, "and the smoothed count is reported"),
            ),
        )
