"""Which validation tokens a value speaks of, in terms of the loops that picked them."""

from collections.abc import Iterable

# One loop as entered once (serial number) and the abstract iteration: 0 the first, 1 a later one.
Turn = tuple[int, int]
# The turns that selected a set of tokens; the empty region is the whole stream.
Region = frozenset[Turn]

WHOLE: Region = frozenset()


def overlap(one: Region, other: Region) -> bool:
    """Whether two regions can share a token.

    They cannot if the same loop picked them in different turns only: chunk i is not chunk j.
    """
    picked: dict[int, set[int]] = {}
    for loop, turn in one:
        picked.setdefault(loop, set()).add(turn)
    against: dict[int, set[int]] = {}
    for loop, turn in other:
        if loop in picked:
            against.setdefault(loop, set()).add(turn)
    return all(turns & picked[loop] for loop, turns in against.items())


def any_overlap(ones: Iterable[Region], others: Iterable[Region]) -> bool:
    """Whether any of `ones` can share a token with any of `others`."""
    others = tuple(others)
    return any(overlap(one, other) for one in ones for other in others)
