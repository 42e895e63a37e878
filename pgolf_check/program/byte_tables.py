"""Byte tables that count a leading space twice, found by the shape of the code that fills them."""

import ast
from collections.abc import Iterable, Iterator

from pgolf_check.findings import Place
from pgolf_check.submission.facts import Source

_MARKERS = ("\u2581", "\\u2581")  # how a piece spells its leading space


def doubled_spaces(sources: Iterable[tuple[Source, ast.Module]]) -> tuple[Place, ...]:
    """Places where a table holds the space that the evaluation adds again."""
    pairs = tuple(sources)
    places = tuple(source.place(line) for source, tree in pairs for line in _baked_in(source, tree))
    return places if places and any(_adds_spaces(tree) for _, tree in pairs) else ()


def _baked_in(source: Source, tree: ast.Module) -> Iterator[int]:
    """Where a piece with a leading space gets one byte more, and a flag for the space as well."""
    lines = [
        number
        for number, line in enumerate(source.text.split("\n"), 1)
        if any(marker in line for marker in _MARKERS)
    ]
    for statement in tree.body:
        if not any(statement.lineno <= line <= (statement.end_lineno or 0) for line in lines):
            continue
        for node in ast.walk(statement):
            if not isinstance(node, ast.If) or not _asks_for_marker(node.test):
                continue
            flagged = any(
                isinstance(part, ast.Assign)
                and isinstance(part.targets[0], ast.Subscript)
                and isinstance(part.value, ast.Constant)
                and part.value.value is True
                for part in node.body
            )
            if flagged:
                yield from (part.lineno for part in node.body if _one_more_byte(part))


def _asks_for_marker(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Call)
        and isinstance(test.func, ast.Attribute)
        and test.func.attr == "startswith"
        and bool(test.args)
        and isinstance(test.args[0], ast.Constant)
        and test.args[0].value == _MARKERS[0]
    )


def _one_more_byte(part: ast.stmt) -> bool:
    value = part.value if isinstance(part, ast.Assign) else None
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add):
        return False
    sides = (value.left, value.right)
    plus_one = any(isinstance(side, ast.Constant) and side.value == 1 for side in sides)
    return plus_one and any(isinstance(side, ast.Call) for side in sides)


def _adds_spaces(tree: ast.Module) -> bool:
    """Whether something like `has_space[target] & ~is_boundary[previous]` is computed."""
    return any(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.BitAnd)
        and isinstance(node.left, ast.Subscript)
        and isinstance(node.right, ast.UnaryOp)
        and isinstance(node.right.op, ast.Invert)
        for node in ast.walk(tree)
    )
