"""VAL-TAIL: the last window counts, however short."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, note
from rules.scaffold import evaluation

RULE = Rule(
    id="VAL-TAIL",
    title="The last tokens are not scored",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PR 50; many rows that leave out less than a stride were merged"),
    statement="The last window of a sliding evaluation is scored even if it is shorter than a "
    "stride. Leaving it out changes a score by less than a stride of tokens, which is worth a "
    "word and no refusal.",
    remedy="Keep every window that holds at least one token to score.",
)

_SLIDE = """
        length, count = 1024, val_tokens.numel() - 1
        starts = [s for s in range(0, count, stride) if min(s + length, count) - s >= {least}]
        for start in starts:
            window = val_tokens[start : start + length + 1]
            with torch.no_grad():
                total += token_losses(model, window)[-stride:].sum()
"""

ILLEGAL: list[Example] = []

LEGAL: list[Example] = [
    evaluation("every window with a token in it", _SLIDE.format(least=1)),
    evaluation("only windows of a whole stride: worth a note", _SLIDE.format(least="stride")),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Lists of windows that leave out the last one."""
    for place in case.program.dropped_tails():
        yield note(
            RULE,
            "Windows are kept only if a whole stride lies in them; the last tokens go unscored.",
            (at(place, "leaves out the last window"),),
        )
        return
