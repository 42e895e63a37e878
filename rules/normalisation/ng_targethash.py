"""NG-TARGETHASH: a count found under a key that holds the target is no probability."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from rules.scaffold import evaluation

RULE = Rule(
    id="NG-TARGETHASH",
    title="Hashed counts looked up with the target in the key",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PR 779 and 23 others, 2026-03-27"),
    statement="A cache whose key contains the token being scored gives a number for that token "
    "alone. Collisions make the numbers over the whole vocabulary sum to far more than "
    "one, so blending it with the model is not a distribution.",
    remedy="Look up a whole row by context, normalise it over the vocabulary, and mix rows.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "full count over context count, blended with the model",
        """
        context_counts = np.zeros(1 << 22)
        pair_counts = np.zeros(1 << 22)
        for window in windows(val_tokens):
            with torch.no_grad():
                model_p = torch.exp(-token_losses(model, window)).numpy()
            previous, target = window[:-1].numpy(), window[1:].numpy()
            context = (previous * 36313) & 4194303
            pair = ((previous * 36313) ^ (target * 27191)) & 4194303
            p = pair_counts[pair] / np.maximum(context_counts[context], 1.0)  # <-
            total += -np.log(0.7 * model_p + 0.3 * p).sum()
            np.add.at(context_counts, context, 1)
            np.add.at(pair_counts, pair, 1)
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "whole rows, normalised over the vocabulary",
        """
        counts = np.ones((1024, 1024))
        for window in windows(val_tokens):
            with torch.no_grad():
                model_p = torch.exp(-token_losses(model, window)).numpy()
            previous, target = window[:-1].numpy(), window[1:].numpy()
            rows = counts[previous]
            rows = rows / rows.sum(axis=1, keepdims=True)
            p = np.take_along_axis(rows, target[:, None], axis=1)[:, 0]
            total += -np.log(0.7 * model_p + 0.3 * p).sum()
            for a, b in zip(previous, target):
                counts[a, b] += 1
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Hashed reads under a key that adds the target to its context."""
    for read, context, report in case.program.target_lookups():
        if read.hashed:
            proof = [at(read.place, "a count is read under a key that holds the target")]
            if context is not None:
                proof.append(at(context.place, "the count of the context alone"))
            proof.append(at(report.place, "and the blend is reported"))
            yield found(
                RULE,
                "A hashed count is read under a key that holds the scored token, and blended.",
                tuple(proof),
            )
