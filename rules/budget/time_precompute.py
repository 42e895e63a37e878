"""TIME-PRECOMPUTE: what an evaluation needs of the text is computed on its clock."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from pgolf_check.submission.facts import Track
from rules.scaffold import reported

RULE = Rule(
    id="TIME-PRECOMPUTE",
    title="Work on the validation text before the clock",
    axis=Axis.BUDGET,
    law=Law(
        LawStatus.CONTESTED,
        "README: ten minutes of evaluation; asked in PR 1967, moved inside the clock by PRs 2018, "
        "2041, 2135 and 2140; no ruling",
    ),
    statement="Tables, hints or states that an evaluation takes from the validation text are part "
    "of it, and the time they take is part of its ten minutes. Loading and compiling are not.",
    remedy="Start the clock before the text is looked at, and report that time.",
)

_HINTS = """
        follower, hints = {}, torch.zeros(val_tokens.numel())
        for place in range(1, val_tokens.numel()):
            hints[place] = follower.get(int(val_tokens[place - 1]), 0)
            follower[int(val_tokens[place - 1])] = int(val_tokens[place])  # <-
"""

_SCORE = """
        for start in range(0, val_tokens.numel() - 1, 1024):
            window = val_tokens[start : start + 1025]
            with torch.no_grad():
                logits = model.forward_logits(window[None, :-1])
            logits = logits + F.one_hot(hints[start : start + 1024].long(), 1024)
            total += F.cross_entropy(logits.flatten(0, 1), window[1:], reduction="sum")
        bits = total / math.log(2.0) / byte_lengths[val_tokens[1:]].sum()
        spent = time.perf_counter() - begun
        print(f"final val_bpb:{bits.item():.8f} eval_time:{1000 * spent:.0f}ms")
"""

_CLOCK = """
        import time

        begun = time.perf_counter()
"""

ILLEGAL: list[Example] = [
    reported("hints are prepared, and then the clock starts", f"{_HINTS}{_CLOCK}{_SCORE}"),
]

LEGAL: list[Example] = [
    reported("the clock starts, and hints are prepared", f"{_CLOCK}{_HINTS}{_SCORE}"),
    reported(
        "nothing is prepared but a copy of the tokens",
        f"""
        hints = torch.zeros_like(val_tokens)
{_CLOCK}{_SCORE}
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """What a score depends on and was learnt from the text before the clock that it states."""
    if case.submission.track is Track.NON_RECORD:
        return
    for place, report in case.program.untimed_work():
        yield found(
            RULE,
            "The score depends on work over the validation text that its clock leaves out.",
            (at(place, "before the clock"), at(report.place, "the score and its time")),
        )
        return
