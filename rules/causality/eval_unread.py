"""EVAL-UNREAD: a score that could not be followed cannot be cleared."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, hold
from pgolf_check.program.queries import Leak
from pgolf_check.submission.headline import lines_behind
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

PLAIN = """
for window in windows(val_tokens):
    with torch.no_grad():
        total += token_losses(model, window).sum()
"""

ILLEGAL: list[Example] = []

LEGAL: list[Example] = [
    evaluation(
        "a plain forward pass",
        PLAIN,
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
    evaluation(
        "the score in the log was printed by other code",
        PLAIN,
        files={
            "train.log": "seed:7\nafter_cache nll:2.1 val_bpb:1.2437\n",
            "submission.json": '{"val_bpb": 1.2437}',
        },
    ),
    evaluation(
        "a score that no such network reaches",
        PLAIN,
        files={"train.log": "seed:7\nfinal val_bpb:0.51230000\n"},
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
    yield from _unprinted(case)
    yield from _implausible(case)
    for path in program.paths(Leak.SAME_WINDOW):
        yield hold(
            RULE,
            "A table is filled from the window that it helps to score; the order inside the "
            "window was not resolved.",
            path.evidence(),
        )


def _unprinted(case: Case) -> Iterator[Finding]:
    """Code that was understood says nothing of a score that other code printed."""
    submission = case.submission
    lines = lines_behind(submission.headline, submission.logs)
    if not case.program.scores or any(case.program.prints(line.text) for _, line in lines):
        return
    for log, line in lines[:1]:
        yield hold(
            RULE,
            "No code that was followed prints the line that states the score.",
            (at(log.place(line.line), "the score"),),
        )


def _implausible(case: Case) -> Iterator[Finding]:
    """A network cannot be that good; how it came about lies in what is not followed."""
    claim, program = case.submission.headline.val_bpb, case.program
    shown: list[Iterator[object]] = [
        program.paths(*Leak),
        program.target_lookups(),
        program.byte_mixes(),
        program.choices(elementwise=True),
        program.entropy_experts(),
        program.matches(),
    ]
    if any(any(True for _ in found) for found in shown):
        return  # that is why
    if claim is not None and 0 < claim < case.edition.plausible_bpb:
        yield hold(
            RULE,
            f"{claim:.4f} bits per byte is below what any accepted model reaches "
            f"({case.edition.plausible_bpb:.1f}), and the code does not show why.",
        )
