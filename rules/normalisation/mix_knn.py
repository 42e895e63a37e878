"""MIX-KNN: what followed similar contexts, mixed into the score."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from rules.scaffold import evaluation

RULE = Rule(
    id="MIX-KNN",
    title="Nearest neighbours among hidden states",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.UNRULED, "PR 1111, closed for its hashed counts; no word on the neighbours"),
    statement="Remembering hidden states of scored tokens, and mixing in what followed the nearest "
    "ones, is a distribution if the weights are spread over the whole vocabulary and a state is "
    "stored only after its token has been scored. No ruling exists.",
    remedy="Spread the neighbours' weights over the vocabulary, store after scoring, and say so.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "the neighbours' tokens get a share of the mass",
        """
        keys, values = [], []
        for window in windows(val_tokens):
            with torch.no_grad():
                hidden = model.features(window[:-1])
                p = torch.softmax(model.head(hidden), dim=-1)
            if keys:
                distance = torch.cdist(hidden, torch.cat(keys))
                nearest = distance.topk(8, largest=False)
                spread = torch.zeros_like(p)
                weights = torch.softmax(-nearest.values, dim=-1)
                spread.scatter_add_(1, torch.cat(values)[nearest.indices], weights)
                p = 0.9 * p + 0.1 * spread
            total += -torch.log(p.gather(1, window[1:, None])).sum()
            keys.append(hidden)
            values.append(window[1:])
        byte_count = byte_lengths[val_tokens[1:]].sum()
        print(f"final val_bpb:{(total / math.log(2.0) / byte_count).item():.8f}")  # <-
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
    """Scores that depend on distances between contexts."""
    for report in case.program.neighbours():
        yield found(
            RULE,
            "What followed the nearest remembered contexts is mixed in; no ruling says if it may.",
            (at(report.place, "the mixture is reported here"),),
        )
