"""EVI-SWITCH: how a program was run must be known before it can be cleared."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, hold
from rules.scaffold import evaluation

RULE = Rule(
    id="EVI-SWITCH",
    title="A switch of which nobody says where it stood",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "README, Submission Process: logs and the command that makes them"),
    statement="Where neither a log nor a command tells how a program was run, its defaults are a "
    "guess. Code that would be illegal if a switch were on leaves the question open.",
    remedy="Add the logs of the run, which state its settings, or the command that started it.",
)

_SWITCHED = """
        if os.environ.get("LEARN_FIRST", "0") == "1":
            for window in windows(val_tokens):
                optimizer.zero_grad()
                token_losses(model, window).mean().backward()
                optimizer.step()  # <-
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
"""

ILLEGAL: list[Example] = []

LEGAL: list[Example] = [
    evaluation(
        "the command leaves the switch off",
        _SWITCHED,
        settings={"SEED": "42", "TRAIN": "1"},
    ),
    evaluation(
        "a log tells how it was run",
        _SWITCHED,
        {"train_seed42.log": "seed:42\\nfinal val_bpb:1.12520000\\n"},
    ),
    evaluation(
        "whatever stands behind the switch is legal",
        """
        if os.environ.get("VERBOSE", "0") == "1":
            print(len(val_tokens))
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

UNDECIDED: list[Example] = [
    evaluation("off by default, and not a word on how it was run", _SWITCHED),
]


def check(case: Case) -> Iterator[Finding]:
    """Leaks behind switches that nothing states."""
    for path in case.program.switched_paths():
        yield hold(
            RULE,
            "Nothing tells whether a switch was on; with all of them on, state learns tokens "
            f"that are scored ({path.leak}).",
            path.evidence(),
        )
        return
