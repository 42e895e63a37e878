"""EVAL-UNREAD: a score that could not be followed cannot be cleared."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, hold
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="EVAL-UNREAD",
    title="The way to the score could not be followed",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "C1 to C4, issue 1017: the burden of proof lies with the submission"),
    statement="A score is clean only if the way from validation tokens to the reported number has "
    "been understood. Compiled code, code chosen at run time, and tables filled inside "
    "the window they score leave the answer open.",
    remedy="Write the evaluation in plain Python and torch, and report the number that it "
    "computes.",
)

ILLEGAL: list[Example] = []

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

UNDECIDED: list[Example] = [
    evaluation(
        "what runs on each window is chosen at run time",
        """
        import tricks

        for window in windows(val_tokens):
            getattr(tricks, os.environ["AFTER"])(model, optimizer, window)  # <-
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """What stands between validation tokens and the report and was not understood."""
    if case.submission.entry is None:
        return  # FMT-READABLE speaks of what is not there
    program = case.program
    if program.submitted is None:
        return
    if not program.scores:
        yield hold(RULE, "No reported score over validation tokens was found in the code.")
    if not program.submitted.complete:
        yield hold(RULE, "The program is too long to be followed to its end.")
    for call in program.unresolved():
        yield hold(
            RULE,
            f"The score depends on {call.what}, which was not followed.",
            (at(call.place, "not followed"),),
        )
    for path in program.paths(Leak.SAME_WINDOW):
        yield hold(
            RULE,
            "A table is filled from the window that it helps to score; the order inside the "
            "window was not resolved.",
            path.evidence(),
        )
