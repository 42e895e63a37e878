"""Branches that the constants close: taken or dropped, and tests without what is always so."""

import ast

from pgolf_check.bundle.decisions import Decisions, spot
from pgolf_check.bundle.follow import Follower
from pgolf_check.bundle.purity import is_pure

_LISTING = {"modules", "parameters", "named_parameters", "items", "values", "keys"}


class Branches:
    """One pass over everything that is reached."""

    def __init__(self, follower: Follower, decisions: Decisions) -> None:
        self._f = follower
        self._decisions = decisions
        self._changed = False

    def run(self) -> bool:
        """Cut the tree; whether anything fell off."""
        tree = self._f.tables.tree
        for statement in tree.body:
            if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
                self._expressions(statement)
        tree.body = self._block(tree.body, tree)
        for node in list(ast.walk(tree)):
            if isinstance(node, ast.FunctionDef) and node in self._f.reached:
                node.body = self._block(node.body, node)
        self._displays(tree)
        return self._changed

    def _block(self, body: list[ast.stmt], holder: ast.AST) -> list[ast.stmt]:
        kept: list[ast.stmt] = []
        dead = False
        for statement in body:
            defines = isinstance(statement, ast.FunctionDef | ast.ClassDef)
            dead = dead or (
                statement not in self._f.visited and isinstance(holder, ast.FunctionDef)
            )
            if dead and not (defines and not kept):
                self._remove(statement)
                continue
            kept += self._statement(statement)
        return kept

    def _remove(self, statement: ast.stmt) -> None:
        self._decisions.removed.add(spot(statement))
        self._changed = True

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            return [node]
        if isinstance(node, ast.If):
            return self._if(node)
        if isinstance(node, ast.Assert) and self._truth(node.test) and self._pure(node.test):
            self._remove(node)
            return []
        self._expressions(node)
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, None)
            if isinstance(inner, list) and inner:
                setattr(node, name, self._inner(inner))
        for handler in getattr(node, "handlers", []):
            handler.body = self._inner(handler.body) or handler.body
        for case in getattr(node, "cases", []):
            case.body = self._inner(case.body) or case.body
        match node:
            case ast.For(iter=listed, body=body, orelse=[]) if _is_empty(body):
                if self._merely_lists(listed):
                    self._remove(node)
                    return []
            case _:
                pass
        if isinstance(node, ast.With) and not node.body:
            node.body = [ast.Pass()]
        return [node]

    def _inner(self, body: list[ast.stmt]) -> list[ast.stmt]:
        kept: list[ast.stmt] = []
        for statement in body:
            if statement not in self._f.visited and statement not in _passes(body):
                self._remove(statement)
            else:
                kept += self._statement(statement)
        return kept

    def _if(self, node: ast.If) -> list[ast.stmt]:
        known = self._truth(node.test)
        if known is not None and self._pure(node.test):
            body = node.body if known else node.orelse
            self._decisions.taken[spot(node)] = known
            self._changed = True
            return self._inner(body)
        self._expressions(node)
        node.body, node.orelse = self._inner(node.body), self._inner_else(node)
        if _is_empty(node.body) and not node.orelse and self._pure(node.test):
            self._remove(node)
            return []
        if not node.body:
            node.body = [ast.Pass()]
        return [node]

    def _inner_else(self, node: ast.If) -> list[ast.stmt]:
        before = node.orelse
        after = self._inner(before)
        if before and not after:
            self._decisions.emptied.add(spot(node))
        return after

    def _merely_lists(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            inner = node.func
            lists = isinstance(inner, ast.Attribute) and inner.attr in _LISTING
            return (lists or self._pure(node)) and not node.args
        return self._pure(node)

    def _pure(self, node: ast.expr) -> bool:
        return is_pure(node, self._f)

    def _truth(self, node: ast.expr) -> bool | None:
        value = self._f.values.get(node)
        return None if value is None else self._f.truth_of(value)

    def _expressions(self, statement: ast.stmt) -> None:
        """Simplify what a statement itself evaluates, not the statements inside it."""
        for name, field in ast.iter_fields(statement):
            if isinstance(field, ast.expr):
                tested = name == "test"
                setattr(statement, name, self._simplified(field, tested))
            elif isinstance(field, list):
                for at, part in enumerate(field):
                    if isinstance(part, ast.expr):
                        field[at] = self._simplified(part, False)
                    elif isinstance(part, ast.withitem):
                        part.context_expr = self._simplified(part.context_expr, False)

    def _simplified(self, node: ast.expr, tested: bool) -> ast.expr:
        """An expression without its closed branches; `tested`: only its truth matters."""
        if isinstance(node, ast.JoinedStr):
            return node  # places inside are not reliable
        new = node
        if isinstance(node, ast.IfExp):
            known = self._truth(node.test)
            if known is not None and self._pure(node.test):
                new = node.body if known else node.orelse
        elif isinstance(node, ast.BoolOp):
            new = self._boolean(node, tested)
        elif isinstance(node, ast.Compare) and all(
            isinstance(part, ast.Constant) for part in (node.left, *node.comparators)
        ):
            known = self._truth(node)
            new = ast.copy_location(ast.Constant(known), node) if known is not None else node
        if new is not node:
            self._decisions.replace(node, new)
            self._changed = True
            return self._simplified(new, tested)
        for name, field in ast.iter_fields(node):
            inside = tested and isinstance(node, ast.BoolOp | ast.UnaryOp)
            inside = inside or (isinstance(node, ast.IfExp) and name == "test")
            if isinstance(field, ast.expr):
                setattr(node, name, self._simplified(field, inside))
            elif isinstance(field, list):
                for at, part in enumerate(field):
                    if isinstance(part, ast.expr):
                        filters = isinstance(node, ast.comprehension) and name == "ifs"
                        field[at] = self._simplified(part, inside or filters)
                    elif isinstance(part, ast.keyword):
                        part.value = self._simplified(part.value, False)
                    elif isinstance(part, ast.comprehension):
                        part.iter = self._simplified(part.iter, False)
                        part.ifs = [self._simplified(test, True) for test in part.ifs]
        return node

    def _boolean(self, node: ast.BoolOp, tested: bool) -> ast.expr:
        stops = isinstance(node.op, ast.Or)
        kept: list[ast.expr] = []
        for part in node.values:
            if part not in self._f.visited:
                break  # an earlier part settles it
            known = self._truth(part)
            last = part is node.values[-1]
            droppable = known is (not stops) and self._pure(part) and (tested or not last)
            if not droppable:
                kept.append(part)
            if known is stops:
                break
        if not kept:
            return ast.copy_location(ast.Constant(not stops), node)
        if len(kept) == 1:
            return kept[0]
        if tested and self._truth(kept[-1]) is stops and all(map(self._pure, kept)):
            return ast.copy_location(ast.Constant(stops), node)
        if len(kept) < len(node.values):
            node.values = kept
            self._decisions.replace(node, node)
            self._changed = True
        return node

    def _displays(self, tree: ast.Module) -> None:
        """Entries of dictionaries at the top that nobody looks up."""
        for statement in tree.body:
            value = getattr(statement, "value", None)
            wanted = self._f.keys.get(value) if isinstance(value, ast.Dict) else None
            if not isinstance(value, ast.Dict) or not wanted:
                continue
            for key in list(value.keys):
                assert isinstance(key, ast.Constant)
                if (type(key.value).__name__, key.value) not in wanted:
                    at = value.keys.index(key)
                    self._decisions.arguments.add(spot(key))
                    del value.keys[at], value.values[at]
                    self._changed = True


def _is_empty(body: list[ast.stmt]) -> bool:
    return all(isinstance(statement, ast.Pass) for statement in body)


def _passes(body: list[ast.stmt]) -> list[ast.stmt]:
    return [statement for statement in body if isinstance(statement, ast.Pass)]
