"""EVAL-ASIDE: a score beside the headline that was computed against the rules."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, hold
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="EVAL-ASIDE",
    title="Another score than the headline knows the tokens it scores",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.UNRULED, "PR 2139 was closed for such a mode; diagnostics never were"),
    statement="Only the headline is ranked. A score that is printed beside it and depends on the "
    "tokens it scores is no violation by itself, but a person should see which of them the "
    "submission stands for.",
    remedy="Say in the README that the other score is a diagnostic, or remove it.",
)

_BOTH = """
for window in windows(val_tokens):
    with torch.no_grad():
        total += token_losses(model, window).sum()
print(f"final_plain val_bpb:{(total / math.log(2.0)).item():.8f}")
for window in windows(val_tokens):
    token_losses(model, window).mean().backward()
    optimizer.step()  # <-
for window in windows(val_tokens):
    with torch.no_grad():
        total += token_losses(model, window).sum()
print(f"diagnostic_adapted val_bpb:{(total / math.log(2.0)).item():.8f}")
raise SystemExit
"""

ILLEGAL: list[Example] = []

LEGAL: list[Example] = [
    evaluation(
        "the only score is the headline",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
        {"train.log": "seed:7\nfinal val_bpb:1.2437\n", "submission.json": '{"val_bpb": 1.2437}'},
    ),
]

UNDECIDED: list[Example] = [
    evaluation(
        "the headline is plain, a diagnostic is adapted to the validation tokens",
        _BOTH,
        {
            "train.log": "seed:7\nfinal_plain val_bpb:1.24371234\n"
            "diagnostic_adapted val_bpb:1.11371234\n",
            "submission.json": '{"val_bpb": 1.24371234}',
        },
    ),
]

_LEARNT = tuple(leak for leak in Leak if leak not in (Leak.SAME_WINDOW, Leak.CONTEXT_SHARED))


def check(case: Case) -> Iterator[Finding]:
    """The proofs that end in a report which is not the headline."""
    if next(case.program.paths(*_LEARNT), None) is not None:
        return  # the headline itself is accused
    if next(case.program.target_lookups(), None) is None:
        for read, _, report in case.program.target_lookups(others=True):
            yield hold(
                RULE,
                "The headline holds no counts of the scored token, but another score does.",
                (at(read.place, "read for the other score"), at(report.place, "reported here")),
            )
    for path in case.program.other_paths(*_LEARNT):
        yield hold(
            RULE,
            "The headline does not depend on the tokens it scores, but another score does.",
            path.evidence(),
        )
