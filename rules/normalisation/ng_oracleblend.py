"""NG-ORACLEBLEND: blending at the realised token only needs a full renormalisation."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from rules.scaffold import evaluation

RULE = Rule(
    id="NG-ORACLEBLEND",
    title="Counts of the target alone are blended",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PR 1185"),
    statement="Blending the probability of the realised token with a count for that token, without "
    "doing the same for every other token, leaves a sum that is not one, hashed or not.",
    remedy="Blend full rows, or use a one-token boost with its closed-form normaliser.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "a dictionary of pairs, asked for the realised pair",
        """
        pairs = {}
        singles = {}
        for window in windows(val_tokens):
            with torch.no_grad():
                model_p = torch.exp(-token_losses(model, window)).numpy()
            for i in range(len(window) - 1):
                before, after = int(window[i]), int(window[i + 1])
                p = pairs.get((before, after), 0) / max(singles.get(before, 0), 1)  # <-
                total += -math.log(0.7 * model_p[i] + 0.3 * p)
                pairs[(before, after)] = pairs.get((before, after), 0) + 1
                singles[before] = singles.get(before, 0) + 1
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
    """Unhashed reads under a key that adds the target to its context."""
    for read, _context, report in case.program.target_lookups():
        if not read.hashed:
            yield found(
                RULE,
                "A count of the scored token alone is blended with the model's probability.",
                (
                    at(read.place, "a count is read under a key that holds the target"),
                    at(report.place, "and the blend is reported"),
                ),
            )
