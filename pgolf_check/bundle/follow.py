"""What the merged program can do under its constants, found without running it.

Every function is walked with all that its callers can pass, again and again until nothing new
turns up. Branches that no value reaches are never entered, so what stands only there stays
unknown and can go. Whatever is not understood counts as "anything", which keeps code alive.
"""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from pgolf_check.bundle import calls
from pgolf_check.bundle.program import Function, Tables, decorators, single_return
from pgolf_check.bundle.values import (
    ANY,
    NOTHING,
    Const,
    Value,
    applied,
    code,
    compared,
    computed,
    constant,
    truth,
    union,
)
from pgolf_check.minify.scopes import Binding, parameters

_TRANSPARENT = {
    "staticmethod",
    "classmethod",
    "property",
    "cached_property",
    "contextmanager",
    "no_grad",
    "inference_mode",
    "compile",
    "disable",
    "cache",
    "lru_cache",
    "override",
    "abstractmethod",
}
_TURNS = 60  # of the whole program; values only grow, so it ends far earlier


class Follower:
    """The state of the walk; `run` makes it complete."""

    def __init__(self, tree: ast.Module) -> None:
        self.tables = Tables(tree)
        self.reached: set[Function] = set()
        self.made: set[str] = set()  # classes with an instance
        self.lost: set[str] = set()  # classes with an instance where no walk can follow it
        self.whole: set[str] = set()  # dataclasses whose fields are listed
        self.visited: set[ast.AST] = set()
        self.values: dict[ast.AST, Value] = {}  # of expressions, in the last turn
        self.targets: dict[ast.Call, set[tuple[Function, bool]]] = {}
        self.constructed: dict[ast.Call, set[str]] = {}
        self.escaped: set[Function] = set()  # called with anything, by nobody knows whom
        self.read: set[tuple[str, str]] = set()  # attributes, by class; "": of anything
        self.fixed: set[Function] = set()  # called by syntax, so its parameters stay
        self.keys: dict[ast.Dict, set[Const] | None] = {}  # looked up; None: all of them
        self.variables: dict[Binding, Value] = {}
        self.attributes: dict[tuple[str, str], Value] = {}
        self.anywhere: dict[str, Value] = {}  # stored on objects of an unknown class
        self.returns: dict[Function, Value] = {}
        self.yields: dict[Function, Value] = {}
        self._dirty: set[Function | None] = set()  # None: the module itself
        self._readers: dict[tuple[int, object], set[Function | None]] = {}
        self._current: list[Function] = []
        self._narrowed: dict[Binding, Value] = {}
        self._depth = 0
        self._merely: dict[Function, ast.expr | None] = {}
        self._generating: dict[Function, bool] = {}
        self._lazily: set[ast.stmt] = set()
        self._tables_of_module = {
            value
            for statement in tree.body
            for value in (getattr(statement, "value", None),)
            if isinstance(value, ast.Dict)
            and value.keys
            and all(isinstance(key, ast.Constant) for key in value.keys)
        }
        self._made_here = set(_containers(tree, self.tables))
        self._single = {
            binding
            for scope in self.tables.scopes.root.walk()
            for binding in scope.names.values()
            if sum(_stores(place) for place in binding.places) == 1
        }

    def run(self) -> None:
        """Walk until nothing new turns up, then once more to write down what everything is."""
        self._dirty = {None}
        for _ in range(_TURNS):
            while self._dirty:
                dirty, self._dirty = self._dirty, set()
                for function in dirty:
                    self._walk(function)
            self.values.clear()
            self.targets.clear()
            self.constructed.clear()
            self.read.clear()
            for function in (None, *self.reached):
                self._walk(function)
            if not self._dirty:
                return
        raise RecursionError("the program has no end of values")

    def _walk(self, function: Function | None) -> None:
        self._lazily.clear()
        if function is None:
            self._module()
        else:
            self._function(function)

    # Growing facts.

    def grow(self, table: dict[Any, Value], key: object, value: Value) -> None:
        """Add to what is known under a key; whoever has read it has to be walked again."""
        old = table.get(key, NOTHING)
        new = old | value
        if new != old:
            table[key] = new
            self._dirty |= self._readers.get((id(table), key), set())

    def look(self, table: dict[Any, Value], key: object) -> Value:
        """What is known under a key, so far."""
        reader = self._current[-1] if self._current else None
        self._readers.setdefault((id(table), key), set()).add(reader)
        return table.get(key, NOTHING)

    def note(self, table: set[Any], item: object) -> None:
        """Add to a set of facts."""
        if item in table:
            return
        table.add(item)
        if table is self.reached:
            self._dirty.add(item)  # type: ignore[arg-type]
        else:
            self._dirty |= {None, *self.reached}

    # Statements.

    def _module(self) -> None:
        for statement in self.tables.tree.body:
            lazy = (
                ast.Import,
                ast.ImportFrom,
                ast.FunctionDef,
                ast.ClassDef,
                ast.Assign,
                ast.AnnAssign,
            )
            if isinstance(statement, lazy):
                continue  # followed when its name is used
            self._block([statement])

    def _function(self, function: Function) -> None:
        self._current.append(function)
        outer, self._narrowed = self._narrowed, {}
        for argument in parameters(function.args):
            if argument is function.args.vararg or argument is function.args.kwarg:
                self.grow(self.variables, self.tables.scopes.of[argument], ANY)
        if isinstance(function, ast.Lambda):
            self.grow(self.returns, function, self.value(function.body))
        elif not self._block(function.body):
            self.grow(self.returns, function, constant(None))
        self._narrowed = outer
        self._current.pop()

    def _block(self, body: Sequence[ast.stmt]) -> bool:
        """Walk statements; whether control never leaves at the end."""
        outer = dict(self._narrowed)
        ended = False
        for statement in body:
            self.visited.add(statement)
            ended = self._statement(statement)
            if ended:
                break
        self._narrowed = outer
        return ended

    def _statement(self, node: ast.stmt) -> bool:  # noqa: PLR0915 - one case for each kind
        match node:
            case ast.Return():
                value = self.value(node.value) if node.value else constant(None)
                self.grow(self.returns, self._current[-1], value)
                return True
            case ast.Raise():
                for part in filter(None, (node.exc, node.cause)):
                    self.value(part)
                return True
            case ast.Break() | ast.Continue():
                return True
            case ast.If():
                return self._if(node)
            case ast.Assert():
                self.value(node.test)
                if node.msg:
                    self.value(node.msg)
                self._narrowed.update(self._narrow(node.test, True))
            case ast.Assign():
                value = self.value(node.value)
                for target in node.targets:
                    self.bind(target, value)
            case ast.AnnAssign():
                if node.value:
                    self.bind(node.target, self.value(node.value))
            case ast.AugAssign():
                read = self._as_read(node.target)
                self.bind(node.target, computed(node.op, read, self.value(node.value)))
            case ast.For() | ast.AsyncFor():
                self.bind(node.target, self.value(node.iter).elements)
                if self.value(node.iter).elements != NOTHING:
                    self._block(node.body)
                self._block(node.orelse)
            case ast.While():
                self.value(node.test)
                if self.truth(node.test) is not False:
                    self._block(node.body)
                self._block(node.orelse)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self._enter(item)
                self._block(node.body)
            case ast.Try():
                ended = self._block(node.body)
                for handler in node.handlers:
                    if handler.type:
                        self.value(handler.type)
                    if handler.name:
                        self.grow(self.variables, self.tables.scopes.of[handler], ANY)
                    ended = self._block(handler.body) and ended
                if node.orelse:
                    ended = self._block(node.orelse) and ended
                return self._block(node.finalbody) or (ended and not node.orelse)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.grow(self.variables, self.tables.scopes.of[node], self.made_of(node))
            case ast.Match():
                self._match(node)
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    self.grow(self.variables, self.tables.scopes.of[alias], ANY)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child)
        return False

    def _if(self, node: ast.If) -> bool:
        self.value(node.test)
        known = self.truth(node.test)
        ended = []
        for outcome, body in ((True, node.body), (False, node.orelse)):
            if known is (not outcome):
                ended.append(True)
                continue
            outer = dict(self._narrowed)
            narrowed = self._narrow(node.test, outcome)
            self._narrowed.update(narrowed)
            if any(value == NOTHING for value in narrowed.values()):
                ended.append(True)  # nothing can come here
            else:
                ended.append(self._block(body))
            self._narrowed = outer
        for outcome in (True, False):
            if ended[0 if outcome else 1] and not ended[1 if outcome else 0]:
                self._narrowed.update(self._narrow(node.test, not outcome))
        return all(ended)

    def _match(self, node: ast.Match) -> None:
        self.value(node.subject)
        for case in node.cases:
            for part in ast.walk(case.pattern):
                if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                    self.grow(self.variables, self.tables.scopes.of[part], ANY)
                elif isinstance(part, ast.expr):
                    self.value(part)
            if case.guard:
                self.value(case.guard)
            self._block(case.body)

    def _enter(self, item: ast.withitem) -> None:
        value = self.value(item.context_expr)
        result = value.items if value.items is not None else ANY
        if value.kinds:
            result = calls.method(self, value, "__enter__", [])
            calls.method(self, value, "__exit__", [ANY, ANY, ANY])
        if item.optional_vars is not None:
            self.bind(item.optional_vars, result)

    def bind(self, target: ast.expr, value: Value) -> None:
        """Store a value in a name, an attribute, an element, or several of them."""
        match target:
            case ast.Name():
                self.grow(self.variables, self.tables.scopes.of[target], value)
            case ast.Tuple() | ast.List():
                known = value.parts if not value.open and value.items is None else None
                for at, part in enumerate(target.elts):
                    exact = known is not None and len(known) == len(target.elts)
                    self.bind(part, known[at] if exact and known else value.elements)
            case ast.Starred():
                self.bind(target.value, Value(items=value.elements))
            case ast.Attribute():
                owner = self.value(target.value)
                for kind in owner.kinds:
                    self.grow(self.attributes, (kind, target.attr), value)
                if owner.open:
                    self.grow(self.anywhere, target.attr, value)
            case ast.Subscript():
                self.value(target.value)
                self.value(target.slice)
                self.put(target.value, value)
            case _:
                self.value(target)

    def put(self, container: ast.expr, value: Value) -> None:
        """Add an element to whatever container an expression names."""
        if isinstance(container, ast.Name | ast.Attribute):
            self.bind(container, Value(items=value))
        own = (
            isinstance(container, ast.Name) and self.tables.scopes.of[container] in self._made_here
        )
        if not own and not isinstance(container, ast.Attribute):
            calls.escape(self, value)  # whoever holds the container by another name sees it too

    # Expressions.

    def value(self, node: ast.expr) -> Value:
        """What an expression can be."""
        value = self._value(node)
        if self._depth == 0:
            self.values[node] = self.values.get(node, NOTHING) | value
        return value

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return constant(node.value)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self.member(self.value(node.value), node.attr)
            case ast.Call():
                return calls.call(self, node)
            case ast.Tuple():
                if any(isinstance(part, ast.Starred) for part in node.elts):
                    return Value(items=union(self._elements(node.elts)))
                return Value(parts=tuple(self.value(part) for part in node.elts))
            case ast.List() | ast.Set():
                # Whoever fills an empty one may know it by another name.
                return Value(items=union(self._elements(node.elts)) if node.elts else ANY)
            case ast.Dict():
                return self._dict(node)
            case ast.BoolOp():
                return self._boolean(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return computed(node.op, self.value(node.left), self.value(node.right))
            case ast.Compare():
                return self._compare(node)
            case ast.IfExp():
                return self._choice(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Lambda():
                return code("function", node)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                if not self._generators(node.generators):
                    return Value(items=NOTHING)
                return Value(items=self.value(node.elt))
            case ast.DictComp():
                if not self._generators(node.generators):
                    return Value(items=NOTHING)
                self.value(node.key)
                return Value(items=self.value(node.value))
            case ast.NamedExpr():
                value = self.value(node.value)
                self.bind(node.target, value)
                return value
            case ast.Starred() | ast.Await():
                return self.value(node.value)
            case ast.Yield():
                value = self.value(node.value) if node.value else constant(None)
                self.grow(self.yields, self._current[-1], value)
                return ANY
            case ast.YieldFrom():
                self.grow(self.yields, self._current[-1], self.value(node.value).elements)
                return ANY
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child)
                return ANY

    def truth(self, node: ast.expr) -> bool | None:
        """Whether a test that was just evaluated always comes out the same."""
        return self.truth_of(self.values[node] if self._depth == 0 else self.value(node))

    def truth_of(self, value: Value) -> bool | None:
        """Whether a value is always true or always false."""

        def always(kind: str) -> bool:
            methods = (self.tables.method(kind, name) for name in ("__bool__", "__len__"))
            return not any(methods)

        return truth(value, always)

    def _name(self, node: ast.Name) -> Value:
        binding = self.tables.scopes.of[node]
        if binding in self._narrowed:
            return self._narrowed[binding]
        if not binding.bound:
            return ANY
        if binding.scope is self.tables.scopes.root and binding in self.tables.top:
            return self._top(binding)
        return self.look(self.variables, binding)

    def _top(self, binding: Binding) -> Value:
        statement = self.tables.top[binding]
        if isinstance(statement, ast.FunctionDef):
            return self.made_of(statement)
        if isinstance(statement, ast.ClassDef):
            return code("class", statement.name)
        if isinstance(statement, ast.Import | ast.ImportFrom):
            return ANY
        if statement not in self._lazily:
            self._lazily.add(statement)
            outer, self._narrowed = self._narrowed, {}
            self._block([statement])
            self._narrowed = outer
        return self.look(self.variables, binding)

    def made_of(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Value:
        """The value of a function's name, after its decorators."""
        if decorators(node) <= _TRANSPARENT:
            return code("function", node)
        for decorator in node.decorator_list:
            self.value(decorator)
        calls.escape(self, code("function", node))
        return ANY

    def _elements(self, nodes: list[ast.expr]) -> list[Value]:
        return [
            self.value(node.value).elements if isinstance(node, ast.Starred) else self.value(node)
            for node in nodes
        ]

    def _dict(self, node: ast.Dict) -> Value:
        """A display whose entries are followed one by one, as they are looked up."""
        if node in self._tables_of_module:
            if node not in self.keys:
                self.keys[node] = set()
            return code("dict", node)
        for key in node.keys:
            if key is not None:
                self.value(key)
        return Value(items=union((ANY, *(self.value(value) for value in node.values))))

    def entry(self, node: ast.Dict, key: Value) -> Value:
        """What a display holds under some keys."""
        wanted = self.keys[node]
        if key.settled and wanted is not None:
            wanted |= key.consts
        elif key != NOTHING and wanted is not None:
            self.keys[node] = None
        found = NOTHING
        wanted = self.keys[node]
        for name, value in zip(node.keys, node.values, strict=True):
            assert isinstance(name, ast.Constant)
            if key.settled and (type(name.value).__name__, name.value) not in key.consts:
                continue
            if key != NOTHING:
                found = found | self.value(value)
        return found

    def _boolean(self, node: ast.BoolOp) -> Value:
        result = NOTHING
        stops = isinstance(node.op, ast.Or)
        outer = dict(self._narrowed)
        for part in node.values:
            self.visited.add(part)
            value = self.value(part)
            known = self.truth_of(value)
            last = part is node.values[-1]
            if last or known is stops or known is None:
                result = result | (value if last or known is stops else self._side(value, stops))
            if known is stops:
                break
            self._narrowed.update(self._narrow(part, not stops))
        self._narrowed = outer
        return result

    def _side(self, value: Value, true: bool) -> Value:
        """What a value can be where it is known to be true, or false."""
        if value.settled:
            return Value(frozenset(c for c in value.consts if bool(c[1]) is true))
        if not true and not value.open and not value.items:
            falsy = frozenset(c for c in value.consts if not c[1])
            return Value(falsy)
        return value

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            known = self.truth_of(value)
            if known is not None:
                return constant(not known)
            return NOTHING if value == NOTHING else union((constant(True), constant(False)))
        if isinstance(node.op, ast.USub):
            return applied(lambda number: -number, value)
        return ANY if value != NOTHING else NOTHING

    def _compare(self, node: ast.Compare) -> Value:
        left = self.value(node.left)
        results = []
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node)
            for value in (left, right):
                for kind, what in value.consts:
                    if kind == "dict" and isinstance(op, ast.In | ast.NotIn):
                        self.entry(what, ANY)
            results.append(compared(op, left, right))
            left = right
        if len(results) == 1:
            return results[0]
        return ANY

    def _choice(self, node: ast.IfExp) -> Value:
        self.value(node.test)
        known = self.truth(node.test)
        result = NOTHING
        for outcome, part in ((True, node.body), (False, node.orelse)):
            if known is (not outcome):
                continue
            outer = dict(self._narrowed)
            self._narrowed.update(self._narrow(node.test, outcome))
            result = result | self.value(part)
            self._narrowed = outer
        return result

    def _subscript(self, node: ast.Subscript) -> Value:
        owner = self.value(node.value)
        key = self.value(node.slice)
        if isinstance(node.slice, ast.Slice):
            return Value(items=owner.elements) if not owner.open else ANY
        result = NOTHING
        for kind, what in owner.consts:
            result = result | self.entry(what, key) if kind == "dict" else ANY
        for kind in owner.kinds:
            found = calls.method(self, Value(kinds=frozenset({kind})), "__getitem__", [key])
            result = result | found
        if owner.parts is not None:
            for kind, at in key.consts:
                inside = kind == "int" and -len(owner.parts) <= at < len(owner.parts)
                result = result | (owner.parts[at] if inside else NOTHING)
            if not key.settled:
                result = result | union(owner.parts)
        if owner.items is not None:
            result = result | owner.items
        return result | ANY if owner.open else result

    def _generators(self, generators: list[ast.comprehension]) -> bool:
        """Bind the targets of a comprehension; whether its element is ever made."""
        for generator in generators:
            elements = self.value(generator.iter).elements
            if elements == NOTHING:
                return False
            self.bind(generator.target, elements)
            for condition in generator.ifs:
                self.value(condition)
                if self.truth(condition) is False:
                    return False
        return True

    def _as_read(self, target: ast.expr) -> Value:
        match target:
            case ast.Name():
                return self.look(self.variables, self.tables.scopes.of[target])
            case ast.Attribute():
                return self.member(self.value(target.value), target.attr)
            case _:
                for child in ast.iter_child_nodes(target):
                    if isinstance(child, ast.expr):
                        self.value(child)
                return ANY

    def member(self, owner: Value, name: str) -> Value:
        """What an attribute of a value can be."""
        if name == "__dict__":
            self.whole |= owner.kinds or set(self.tables.classes)
        self.read |= {(kind, name) for kind in owner.kinds}
        if owner.open:
            self.read.add(("", name))
        result = ANY if owner.open or owner.items or owner.parts else NOTHING
        for kind in owner.kinds:
            result = result | self._of_instance(kind, name)
        for kind, what in owner.consts:
            result = result | (self._of_class(what, name) if kind == "class" else ANY)
        if owner.open:
            for kind in self.lost:
                method = self.tables.method(kind, name)
                if method is not None:
                    result = result | code("bound", (method, kind))
        return result

    def _of_instance(self, kind: str, name: str) -> Value:
        method = self.tables.method(kind, name)
        if method is not None:
            marks = decorators(method)
            if "property" in marks or "cached_property" in marks:
                bound = code("bound", (method, kind))
                return calls.invoke(self, bound, [], {}, None)
            if "staticmethod" in marks:
                return self.made_of(method)
            if self.made_of(method) == ANY:
                return ANY
            return code("bound", (method, kind))
        result = self.look(self.attributes, (kind, name))
        result = result | self.look(self.anywhere, name)
        for c in self.tables.mro(kind):
            if name in c.values and not c.record:
                result = result | self.value(c.values[name])
        if result == NOTHING and self.tables.outside(kind):
            return ANY
        return result

    def _of_class(self, kind: str, name: str) -> Value:
        method = self.tables.method(kind, name)
        if method is not None:
            if "classmethod" in decorators(method):
                return code("bound", (method, kind))
            return self.made_of(method)
        for c in self.tables.mro(kind):
            if name in c.values:
                return self.value(c.values[name]) | (ANY if c.outside else NOTHING)
        if self.tables.outside(kind):
            calls.lose(self, kind)  # `Function.apply` and its kind call back
        return ANY

    # Knowledge that a test brings.

    def _narrow(self, test: ast.expr, outcome: bool) -> dict[Binding, Value]:
        match test:
            case ast.UnaryOp(op=ast.Not()):
                return self._narrow(test.operand, not outcome)
            case ast.BoolOp(op=ast.And()) if outcome:
                return {k: v for part in test.values for k, v in self._narrow(part, True).items()}
            case ast.BoolOp(op=ast.Or()) if not outcome:
                return {k: v for part in test.values for k, v in self._narrow(part, False).items()}
            case ast.Name() if self._may_narrow(test):
                return {self.tables.scopes.of[test]: self._side(self._name(test), outcome)}
            case ast.Call(
                func=ast.Name(id="isinstance"), args=[ast.Name() as name, ast.Name() as c]
            ):
                known = self.tables.subclasses(c.id)
                if not (outcome and known and self._may_narrow(name) and self._name(name).open):
                    return {}
                return {self.tables.scopes.of[name]: Value(kinds=frozenset(known & self.made))}
            case ast.Compare(left=ast.Name() as name, ops=[op], comparators=[right]) if (
                self._may_narrow(name)
            ):
                return self._narrow_compared(name, op, right, outcome)
            case _:
                return {}

    def _may_narrow(self, name: ast.Name) -> bool:
        binding = self.tables.scopes.of[name]
        return binding in self._single and binding.scope is not self.tables.scopes.root

    def _narrow_compared(
        self, name: ast.Name, op: ast.cmpop, right: ast.expr, outcome: bool
    ) -> dict[Binding, Value]:
        value, other = self._name(name), self.value(right)
        positive = outcome is isinstance(op, ast.Is | ast.Eq | ast.In)
        if not isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            return {}
        if isinstance(op, ast.In | ast.NotIn):
            exact = other.parts is not None and all(part.settled for part in other.parts)
            consts = {c for part in other.parts or () for c in part.consts} if exact else None
        else:
            consts = set(other.consts) if other.settled and len(other.consts) == 1 else None
        if consts is None:
            return {}
        binding = self.tables.scopes.of[name]
        if positive:
            if value.open:
                return {binding: Value(frozenset(consts))}
            return {binding: Value(value.consts & consts)}
        rest = value.consts - consts
        return {binding: Value(rest, value.kinds, value.items, value.parts, value.open)}

    def shortly(self, expression: ast.expr, known: dict[Binding, Value]) -> Value:
        """An expression under values that hold for one call alone."""
        outer, self._narrowed = self._narrowed, known
        self._depth += 1
        try:
            return self.value(expression)
        finally:
            self._narrowed = outer
            self._depth -= 1

    @property
    def shallow(self) -> bool:
        """Whether there is room for looking into one more call."""
        return self._depth < 4

    def returned(self, function: Function) -> Value:
        """What calls of a function give."""
        if self._generates(function):
            return Value(items=self.look(self.yields, function))
        return self.look(self.returns, function)

    def expression_of(self, function: Function) -> ast.expr | None:
        """The expression that a function merely returns."""
        if function not in self._merely:
            self._merely[function] = None if self._generates(function) else single_return(function)
        return self._merely[function]

    def _generates(self, function: Function) -> bool:
        if function not in self._generating:
            self._generating[function] = _is_generator(function)
        return self._generating[function]


def _containers(tree: ast.Module, tables: Tables) -> Iterator[Binding]:
    """Variables that hold a list, set or dictionary made on the spot."""
    made = (ast.List, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp)
    for node in ast.walk(tree):
        pairs: list[tuple[ast.expr, ast.expr]] = []
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                pairs = list(zip(names, values, strict=False))
            case ast.Assign(targets=[name], value=value):
                pairs = [(name, value)]
            case ast.AnnAssign(target=name, value=ast.expr() as value):
                pairs = [(name, value)]
            case _:
                pass
        for name, value in pairs:
            if isinstance(name, ast.Name) and isinstance(value, made):
                yield tables.scopes.of[name]


def _stores(place: ast.AST) -> bool:
    return not (isinstance(place, ast.Name) and isinstance(place.ctx, ast.Load))


def _is_generator(function: Function) -> bool:
    if isinstance(function, ast.Lambda):
        return False
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            pending += ast.iter_child_nodes(node)
    return False
