"""TTT-RESCORE: no token is scored a second time with state built from it."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="TTT-RESCORE",
    title="Scored again with what was learnt from the tokens",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "Issue 677; PRs 846, 870, 881, 991"),
    statement="One pass from left to right: a token that has been scored may be learnt, but its "
    "first score stands. Scoring the stream again with weights, caches or tables built "
    "from it does not count.",
    remedy="Report the scores of the first pass.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "a full pass after score-first adaptation",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
            for epoch in range(3):
                optimizer.zero_grad()
                token_losses(model, window).mean().backward()
                optimizer.step()
        print(f"first val_bpb:{total / math.log(2.0) / byte_lengths.sum()}")
        total.zero_()

        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
    evaluation(
        "a full pass at another temperature after score-first adaptation",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
            for epoch in range(3):
                optimizer.zero_grad()
                token_losses(model, window).mean().backward()
                optimizer.step()
        print(f"first val_bpb:{total / math.log(2.0) / byte_lengths.sum()}")
        model.temperature.fill_(0.98)
        total.zero_()

        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "a diagnostic pass before adaptation",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        total.zero_()

        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
            for epoch in range(3):
                optimizer.zero_grad()
                token_losses(model, window).mean().backward()
                optimizer.step()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Every proof that a reported score leaks in this way."""
    for path in case.program.paths(Leak.RESCORED):
        yield found(
            RULE,
            "The reported score comes from state that was built from the same tokens.",
            path.evidence(),
        )
