"""BPB-LUT: a leading space is one byte, counted once."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found

RULE = Rule(
    id="BPB-LUT",
    title="Leading spaces counted twice",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.NORM, "Issue 1017, section V; PRs 1698, 1734, 1804"),
    statement="The bytes of a token are those of its piece without the space marker, and one more "
    "for a leading space if the token before is no boundary. A table that holds that byte while "
    "the evaluation adds it again inflates the denominator by about a sixth.",
    remedy="Store the length of the piece without its marker; let the evaluation add the space.",
)

_TABLE = """
        def build_tables(sp, size):
            base_bytes, has_space = [0] * size, [False] * size
            for i in range(size):
                piece = sp.id_to_piece(i)
                base_bytes[i] = len(piece.encode("utf-8"))
                if piece.startswith("\u2581"):
                    has_space[i] = True
                    base_bytes[i] = {length}
            return base_bytes, has_space


        def bytes_of(base_bytes, has_space, is_boundary, previous, target):
            extra = has_space[target] & ~is_boundary[previous]
            return base_bytes[target] + extra
        """

ILLEGAL = [
    Example(
        "the table adds the byte that the evaluation adds again",
        _TABLE.format(length='len(piece[1:].encode("utf-8")) + 1  # <-'),
    ),
]

LEGAL = [
    Example(
        "the table holds the piece without its marker",
        _TABLE.format(length='len(piece[1:].encode("utf-8"))'),
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Tables that hold a byte for the space beside a flag for it."""
    for walk in case.program.walks:
        for place in walk.doubled_spaces:
            yield found(
                RULE,
                "The byte table holds the leading space that the evaluation adds again.",
                (at(place, "one byte more for the space, and a flag for it as well"),),
            )
