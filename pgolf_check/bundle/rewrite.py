"""Decisions carried out on the text, so that what stays keeps its comments and its shape."""

import ast
import re
from collections.abc import Sequence
from typing import TypeVar

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from pgolf_check.bundle.decisions import Decisions
from pgolf_check.bundle.edits import Spot

_Listed = TypeVar("_Listed", cst.Param, cst.Arg, cst.DictElement, cst.StarredDictElement)


def rewrite(text: str, decisions: Decisions) -> str:
    """The text after all decisions."""
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    return wrapper.visit(_Rewriter(text, decisions)).code


class _Rewriter(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, text: str, decisions: Decisions) -> None:
        super().__init__()
        self._lines = text.split("\n")
        self._decisions = decisions
        self._elifs: set[cst.If] = set()

    def _spot(self, node: cst.CSTNode) -> Spot:
        start = self.get_metadata(PositionProvider, node).start
        return self._bytes(start.line, start.column)

    def _bytes(self, line: int, column: int) -> Spot:
        row = self._lines[line - 1]
        return line, column if row.isascii() else len(row[:column].encode())

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNode]:
        result = super().on_leave(original_node, updated_node)
        if isinstance(original_node, cst.BaseCompoundStatement):
            if self._spot(original_node) in self._decisions.removed:
                return cst.RemoveFromParent()
        elif isinstance(original_node, cst.BaseExpression):
            return self._expression(original_node, result)  # type: ignore[arg-type]
        return result

    def _expression(self, original: cst.BaseExpression, updated: cst.CSTNode) -> cst.CSTNode:
        where = self.get_metadata(PositionProvider, original, None)
        if where is None:
            return updated
        start = self._bytes(where.start.line, where.start.column)
        end = self._bytes(where.end.line, where.end.column)
        new = self._decisions.replaced.get((start, end))
        if new is None:
            return updated
        made = cst.parse_expression(_shown(self._decisions.replacement(new)))
        if original.lpar and isinstance(made, cst.BooleanOperation | cst.Comparison | cst.IfExp):
            made = made.with_changes(lpar=original.lpar, rpar=original.rpar)
        return made

    # Statements.

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        kept = [
            new
            for old, new in zip(original_node.body, updated_node.body, strict=True)
            if self._spot(old) not in self._decisions.removed
        ]
        return updated_node.with_changes(body=kept) if kept else cst.RemoveFromParent()

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        if updated_node.body:
            return updated_node
        return updated_node.with_changes(body=[cst.SimpleStatementLine([cst.Pass()])])

    def visit_If(self, node: cst.If) -> None:
        if isinstance(node.orelse, cst.If):
            self._elifs.add(node.orelse)

    def leave_If(
        self, original_node: cst.If, updated_node: cst.If
    ) -> cst.If | cst.RemovalSentinel | cst.FlattenSentinel[cst.BaseStatement]:
        if self._spot(original_node) in self._decisions.emptied:
            updated_node = updated_node.with_changes(orelse=None)
        below = original_node.orelse
        if isinstance(below, cst.If) and isinstance(updated_node.orelse, cst.If):
            taken = self._decisions.taken.get(self._spot(below))
            if taken is not None:
                orelse = updated_node.orelse
                other = cst.Else(orelse.body) if taken else orelse.orelse
                updated_node = updated_node.with_changes(orelse=other)
        taken = self._decisions.taken.get(self._spot(original_node))
        if taken is None or original_node in self._elifs:
            return updated_node
        if taken:
            return _lifted(updated_node.body, original_node.leading_lines)
        orelse_node = updated_node.orelse
        if isinstance(orelse_node, cst.If):
            return orelse_node.with_changes(leading_lines=original_node.leading_lines)
        if orelse_node is None:
            return cst.RemoveFromParent()
        return _lifted(orelse_node.body, original_node.leading_lines)

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        gone = self._decisions.pairs.get(self._spot(original_node))
        target, value = updated_node.targets[0].target, updated_node.value
        if not gone or not isinstance(target, cst.Tuple) or not isinstance(value, cst.Tuple):
            return updated_node
        return updated_node.with_changes(
            targets=[updated_node.targets[0].with_changes(target=_fewer(target, gone))],
            value=_fewer(value, gone),
        )

    # Lists of parameters, arguments and entries.

    def leave_Parameters(
        self, original_node: cst.Parameters, updated_node: cst.Parameters
    ) -> cst.Parameters:
        changes: dict[str, object] = {}
        groups = ("posonly_params", "params", "kwonly_params")
        full = [name for name in groups if getattr(original_node, name)]
        for name in full:
            old, new = getattr(original_node, name), getattr(updated_node, name)
            gone = [self._spot(item.name) in self._decisions.parameters for item in old]
            changes[name] = _without(new, gone, last=name == full[-1])
        if original_node.kwonly_params and not changes["kwonly_params"]:
            changes["star_arg"] = cst.MaybeSentinel.DEFAULT
            kept = changes.get("params")
            if isinstance(kept, list) and kept:
                kept[-1] = kept[-1].with_changes(
                    comma=_closing(kept[-1], original_node.kwonly_params[-1])
                )
        return updated_node.with_changes(**changes)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        gone = [
            self._spot(item.keyword or item.value) in self._decisions.arguments
            for item in original_node.args
        ]
        if not any(gone):
            return updated_node
        args = _without(updated_node.args, gone, last=True)
        changed = updated_node.with_changes(args=args)
        if not args:
            changed = changed.with_changes(whitespace_before_args=cst.SimpleWhitespace(""))
        return changed

    def leave_Dict(self, original_node: cst.Dict, updated_node: cst.Dict) -> cst.Dict:
        gone = [
            isinstance(item, cst.DictElement) and self._spot(item.key) in self._decisions.arguments
            for item in original_node.elements
        ]
        if not any(gone):
            return updated_node
        return updated_node.with_changes(elements=_without(updated_node.elements, gone, last=True))


def _without(items: Sequence[_Listed], gone: Sequence[bool], *, last: bool) -> list[_Listed]:
    """The items that stay, closed as the whole list was."""
    kept = [item for item, out in zip(items, gone, strict=True) if not out]
    if kept and last and gone[-1]:
        kept[-1] = kept[-1].with_changes(comma=_closing(kept[-1], items[-1]))
    return kept


def _closing(item: _Listed, end: _Listed) -> cst.Comma | cst.MaybeSentinel:
    """The comma after an item that has become the last one."""
    mine, its = item.comma, end.comma
    if isinstance(mine, cst.Comma) and isinstance(its, cst.Comma):
        before, after = mine.whitespace_after, its.whitespace_after
        if isinstance(before, cst.ParenthesizedWhitespace) and isinstance(
            after, cst.ParenthesizedWhitespace
        ):
            space = before.with_changes(
                empty_lines=[], indent=after.indent, last_line=after.last_line
            )
            return mine.with_changes(whitespace_after=space)
    return cst.MaybeSentinel.DEFAULT


def _lifted(
    body: cst.BaseSuite, leading: Sequence[cst.EmptyLine]
) -> cst.RemovalSentinel | cst.FlattenSentinel[cst.BaseStatement]:
    """The statements of a branch, in the place of the `if`."""
    statements: list[cst.BaseStatement] = [
        s for s in body.body if isinstance(s, cst.BaseStatement) and not _is_pass(s)
    ]
    if not statements:
        return cst.RemoveFromParent()
    first = statements[0]
    own = getattr(first, "leading_lines", ())
    statements[0] = first.with_changes(leading_lines=[*leading, *own])
    return cst.FlattenSentinel(statements)


def _is_pass(node: cst.BaseStatement) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and all(
        isinstance(small, cst.Pass) for small in node.body
    )


def _fewer(node: cst.Tuple, gone: set[int]) -> cst.BaseExpression:
    kept = [item for at, item in enumerate(node.elements) if at not in gone]
    if len(kept) == 1:
        return kept[0].value
    kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return node.with_changes(elements=kept)


def _shown(node: ast.expr) -> str:
    """An expression as a formatter would write it."""
    return re.sub(r"'([^'\"\\]*)'", r'"\1"', ast.unparse(node))
