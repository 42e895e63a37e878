"""NG-TOKENONLY: whether a hint is used may not depend on the token that it hints at."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from rules.scaffold import evaluation

RULE = Rule(
    id="NG-TOKENONLY",
    title="A gate that looks at the scored token",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PRs 2018, 2041, 2118"),
    statement="The experts of an n-gram tilt may decide whether to speak from the prefix only. A "
    "within-word or word-start gate that reads the class of the token being scored looks "
    "at the answer.",
    remedy="Gate on the previous token and on counts of the prefix; switch the other experts off.",
)

ILLEGAL: list[Example] = [
    Example(
        "the log counts gates that fired",
        "",
        {
            "train_seed42.log": """
            step:1000/1000 train_loss:2.1 train_time:599000ms step_avg:599.00ms
            tilt: hints=500 within_gate=9866847 word_gate=2891588 agree2plus=303177 # <-
            final_sliding val_loss:2.3 val_bpb:1.05
            """,
        },
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "no gates",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

UNDECIDED: list[Example] = []


_GATES = ("within_gate", "word_gate")


def check(case: Case) -> Iterator[Finding]:
    """Gate counters that a log shows above zero."""
    for log in case.submission.logs:
        for name in _GATES:
            counter = log.counters.get(name)
            if counter is not None and _count(counter.value) > 0:
                yield found(
                    RULE,
                    f"The log counts {counter.value} uses of {name}, which reads the scored token.",
                    (at(log.place(counter.line), "the gate fired"),),
                )


def _count(value: str) -> int:
    return int(value) if value.isdigit() else 0
