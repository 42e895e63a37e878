"""Arithmetic on constants, done once where its result is shorter to write."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

_LONGEST = 40  # digits; a number with more is kept as it was made
_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


def fold(tree: ast.Module) -> None:
    """Replace in place what Python would compute to the same number."""
    _Folding().visit(tree)


class _Folding(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        left, right = _number(node.left), _number(node.right)
        operation = _OPERATIONS.get(type(node.op))
        if left is None or right is None or operation is None:
            return node
        try:
            result = operation(left, right)
        except ArithmeticError:
            return node  # the program is to find that out
        if math.isnan(result) or result < 0:
            return node
        new = ast.copy_location(ast.Constant(result), node)
        if len(repr(result)) > _LONGEST or len(ast.unparse(new)) > len(ast.unparse(node)) - 2:
            return node
        return new

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node  # `f"{1+1=}"` shows its own text


def _number(node: ast.expr) -> int | float | None:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value  # type: ignore[return-value]
    return None
