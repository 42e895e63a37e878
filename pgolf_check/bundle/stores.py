"""Values that are kept and never read: attributes, fields of records, locals, empty functions."""

import ast

from pgolf_check.bundle.decisions import Decisions, spot
from pgolf_check.bundle.follow import Follower
from pgolf_check.bundle.program import Function
from pgolf_check.bundle.purity import is_pure
from pgolf_check.bundle.values import Value


def drop_stores(follower: Follower, decisions: Decisions) -> bool:
    """Cut stores that nothing reads; whether there were any."""
    return _Stores(follower, decisions).run()


class _Stores:
    def __init__(self, follower: Follower, decisions: Decisions) -> None:
        self._f = follower
        self._decisions = decisions
        self._changed = False
        tree = follower.tables.tree
        self._texts = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        self._filled = _only_filled(tree)
        self._statements = {n.value for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        self._replaced = {
            keyword.arg
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and follower.tables.dotted(node.func) == "dataclasses.replace"
            for keyword in node.keywords
        }
        self._empty = {function for function in follower.reached if self._is_empty(function)}

    def run(self) -> bool:
        tree = self._f.tables.tree
        for function in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
            if function not in self._f.reached:
                continue
            self._locals(function)
            self._answer(function)
            for node in ast.walk(function):
                for name in ("body", "orelse", "finalbody"):
                    body = getattr(node, name, None)
                    if isinstance(body, list):
                        self._sweep(node, name, body)
        for c in self._f.tables.classes.values():
            if c.record and c.name not in self._f.whole and c.name not in self._f.lost:
                self._fields(c.node, c.name)
        return self._changed

    def _remove(self, body: list[ast.stmt], statement: ast.stmt) -> None:
        body.remove(statement)
        self._decisions.removed.add(spot(statement))
        self._changed = True

    def _sweep(self, node: ast.AST, name: str, body: list[ast.stmt]) -> None:
        for statement in list(body):
            if self._is_idle(statement):
                self._remove(body, statement)
            elif isinstance(statement, ast.Assign):
                self._pair(statement)
        if not body and name == "body":
            body.append(ast.Pass())
        if not body and name == "orelse" and isinstance(node, ast.If):
            self._decisions.emptied.add(spot(node))

    def _is_idle(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Assign(targets=[ast.Attribute() as target], value=value):
                return self._is_dead(target, value)
            case ast.AnnAssign(target=ast.Attribute() as target, value=ast.expr() as value):
                return self._is_dead(target, value)
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Attribute(attr=name)), args=[given])
            ) if name in self._filled:
                return is_pure(given, self._f)
            case ast.Expr(value=ast.Call() as call):
                targets = self._f.targets.get(call, set())
                arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
                known = self._f.values.get(call.func)
                return (
                    bool(targets)
                    and known is not None
                    and not known.open
                    and all(function in self._empty for function, _ in targets)
                    and all(is_pure(argument, self._f) for argument in arguments)
                )
            case _:
                return False

    def _is_dead(self, target: ast.Attribute, value: ast.expr) -> bool:
        owner = self._f.values.get(target.value)
        if owner is None or owner.open or not owner.kinds or not is_pure(value, self._f):
            return False
        if owner.kinds & self._f.whole:
            return False
        if any(self._is_read(kind, target.attr) for kind in owner.kinds):
            return False
        outside = any(self._f.tables.outside(kind) for kind in owner.kinds)
        stored = self._f.values.get(value)
        # Assigning a tensor or a module registers it with a network: only plain values are idle.
        return not outside or (stored is not None and not self._may_register(stored))

    def _is_read(self, kind: str, attribute: str) -> bool:
        """Whether anyone may look at an attribute of a class or of those that inherit from it."""
        names = {"", *self._f.tables.subclasses(kind), *(c.name for c in self._f.tables.mro(kind))}
        return attribute in self._texts or any((k, attribute) in self._f.read for k in names)

    def _may_register(self, value: Value) -> bool:
        return value.open or any(self._f.tables.outside(kind) for kind in value.kinds)

    def _pair(self, statement: ast.Assign) -> None:
        """`self.a, self.b = x, y` where one of the two is idle."""
        match statement:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                if len(targets) != len(values):
                    return
            case _:
                return
        dead = [
            at
            for at, (target, value) in enumerate(zip(targets, values, strict=True))
            if isinstance(target, ast.Attribute) and self._is_dead(target, value)
        ]
        if not dead or len(dead) == len(targets):
            return
        original = self._decisions.pairs.setdefault(spot(statement), set())
        places = _original_places(len(targets) + len(original), original)
        for at in reversed(dead):
            original.add(places[at])
            del targets[at], values[at]
        self._changed = True
        if len(targets) == 1:
            statement.targets, statement.value = [targets[0]], values[0]

    def _locals(self, function: ast.FunctionDef) -> None:
        for holder in ast.walk(function):
            for name in ("body", "orelse", "finalbody"):
                body = getattr(holder, name, None)
                if not isinstance(body, list):
                    continue
                for statement in list(body):
                    match statement:
                        case ast.Assign(targets=[ast.Name() as target], value=value):
                            binding = self._f.tables.scopes.of.get(target)
                            idle = binding is not None and binding.places == [target]
                            if idle and is_pure(value, self._f):
                                self._remove(body, statement)
                        case _:
                            pass
                if not body and name == "body":
                    body.append(ast.Pass())

    def _answer(self, function: ast.FunctionDef) -> None:
        """The result of a function, where no caller looks at it."""
        calls = [c for c, targets in self._f.targets.items() if function in {f for f, _ in targets}]
        last = function.body[-1]
        if not isinstance(last, ast.Return) or last.value is None or not calls:
            return
        if function in self._f.escaped or function in self._f.fixed:
            return
        alone = all(len(self._f.targets[call]) == 1 and call in self._statements for call in calls)
        returns = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
        if alone and len(returns) == 1 and is_pure(last.value, self._f):
            self._remove(function.body, last)
            if not function.body:
                function.body.append(ast.Pass())
            if function.returns is not None:
                nothing = ast.copy_location(ast.Constant(None), function.returns)
                self._decisions.replace(function.returns, nothing)
                function.returns = nothing

    def _fields(self, node: ast.ClassDef, name: str) -> None:
        calls = [call for call, kinds in self._f.constructed.items() if name in kinds]
        for item in list(node.body):
            match item:
                case ast.AnnAssign(target=ast.Name(id=field)) if not self._is_read(name, field):
                    if self._takes(calls, name, field):
                        self._drop_field(node, item, calls, name, field)
                case _:
                    pass

    def _takes(self, calls: list[ast.Call], name: str, field: str) -> bool:
        """Whether every call of the constructor can do without the field."""
        if field in self._replaced:
            return False
        for call in calls:
            if len(self._f.constructed[call]) > 1:
                return False
            if any(isinstance(a, ast.Starred) for a in call.args):
                return False
            if any(k.arg is None for k in call.keywords):
                return False
            given = self._given(call, name, field)
            if given is not None and not is_pure(given, self._f):
                return False
        return True

    def _given(self, call: ast.Call, name: str, field: str) -> ast.expr | None:
        for keyword in call.keywords:
            if keyword.arg == field:
                return keyword.value
        at = [known for known, _ in self._f.tables.fields(name)].index(field)
        return call.args[at] if at < len(call.args) else None

    def _drop_field(
        self, node: ast.ClassDef, item: ast.stmt, calls: list[ast.Call], name: str, field: str
    ) -> None:
        for call in calls:
            given = self._given(call, name, field)
            if given is None:
                continue
            if given in call.args:
                call.args.remove(given)
                self._decisions.arguments.add(self._decisions.place(given))
            else:
                keyword = next(k for k in call.keywords if k.arg == field)
                call.keywords.remove(keyword)
                self._decisions.arguments.add(spot(keyword))
        self._f.tables.classes[name].fields.remove(field)
        self._remove(node.body, item)
        if not node.body:
            node.body.append(ast.Pass())

    def _is_empty(self, function: Function) -> bool:
        if isinstance(function, ast.Lambda):
            return isinstance(function.body, ast.Constant)
        if function in self._f.escaped:
            return False
        return all(
            isinstance(s, ast.Pass)
            or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
            for s in function.body
        )


def _only_filled(tree: ast.Module) -> set[str]:
    """Attributes that are only ever appended to."""
    filling = {
        node.value.func.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and isinstance(node.value.func.value, ast.Attribute)
        and node.value.func.attr == "append"
    }
    others = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and node not in filling
    }
    return {node.attr for node in filling} - others


def _original_places(count: int, gone: set[int]) -> list[int]:
    return [at for at in range(count) if at not in gone]
