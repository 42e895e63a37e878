"""NG-PREFILL: counts that were there before the first token was scored."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from rules.scaffold import evaluation

RULE = Rule(
    id="NG-PREFILL",
    title="A cache of counts filled in advance",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.CONTESTED, "PRs 925 and 982, closed for hashing; listed as banned by others"),
    statement="Counts of training tokens that lie in the artifact are paid for in bytes. Whether a "
    "cache that is fed from them may take part in evaluation is disputed.",
    remedy="Start with empty counts, or put what training knows into the model.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "pairs of the training text, looked up while scoring",
        """
        pairs = np.zeros(1 << 22)
        for window in windows(train_tokens):
            key = (window[:-1].numpy() * 36313 ^ window[1:].numpy() * 27191) & 4194303
            np.add.at(pairs, key, 1)  # <-
        for window in windows(val_tokens):
            with torch.no_grad():
                model_p = torch.exp(-token_losses(model, window)).numpy()
            key = (window[:-1].numpy() * 36313 ^ window[1:].numpy() * 27191) & 4194303
            total += -np.log(0.9 * model_p + 0.1 * pairs[key] / pairs.max()).sum()
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "a table over the vocabulary, such as the bytes of each token",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Counts under token keys that did not come from scored tokens."""
    for place, report in case.program.given_counts():
        yield found(
            RULE,
            "Counts that were there before evaluation are looked up for the score.",
            (at(place, "filled or read here"), at(report.place, "and the score is reported")),
        )
