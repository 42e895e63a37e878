"""What is to change in a text, told by the places where things stood before anything changed."""

import ast
from dataclasses import dataclass, field

from pgolf_check.bundle.edits import Spot

Span = tuple[Spot, Spot]


@dataclass(slots=True)
class Decisions:
    """Collected while a tree is cut down, applied to its text in one go."""

    removed: set[Spot] = field(default_factory=set[Spot])  # statements
    taken: dict[Spot, bool] = field(default_factory=dict[Spot, bool])  # `if`: which branch stays
    emptied: set[Spot] = field(default_factory=set[Spot])  # `if`: its `else` goes
    replaced: dict[Span, ast.expr] = field(default_factory=dict[Span, ast.expr])
    parameters: set[Spot] = field(default_factory=set[Spot])
    arguments: set[Spot] = field(default_factory=set[Spot])  # and entries of displays
    pairs: dict[Spot, set[int]] = field(default_factory=dict[Spot, set[int]])  # of `a, b = x, y`
    _origin: dict[ast.AST, Spot] = field(default_factory=dict[ast.AST, Spot])

    def replace(self, old: ast.expr, new: ast.expr) -> None:
        """Another expression stands where an old one stood."""
        self.replaced[span(old)] = new
        if new is not old:
            self._origin[new] = self.place(old)

    def place(self, node: ast.AST) -> Spot:
        """Where the text has what a node stands for now."""
        return self._origin.get(node) or spot(node)

    def replacement(self, node: ast.expr) -> ast.expr:
        """What finally stands where a node stood."""
        seen = set[Span]()
        while (place := span(node)) in self.replaced and place not in seen:
            seen.add(place)
            node = self.replaced[place]
        return node


def spot(node: ast.AST) -> Spot:
    """Where a node begins."""
    return node.lineno, node.col_offset  # type: ignore[attr-defined]


def span(node: ast.expr) -> Span:
    """Where an expression begins and ends."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return spot(node), (node.end_lineno, node.end_col_offset)
