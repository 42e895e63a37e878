"""Which name is which: every binding of a module with all the places that mention it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(eq=False, slots=True)
class Binding:
    """One variable of one scope; `places` are the nodes that bind, read or delete it."""

    name: str
    scope: "Scope"
    places: list[ast.AST] = field(default_factory=list[ast.AST])
    bound: bool = False  # False: only read here, so a builtin or nothing at all


@dataclass(eq=False, slots=True)
class Scope:
    """A module, class, function or comprehension."""

    node: ast.AST
    parent: "Scope | None" = None
    names: dict[str, Binding] = field(default_factory=dict[str, Binding])
    outer: dict[str, "Scope"] = field(default_factory=dict[str, "Scope"])  # global, nonlocal
    children: list["Scope"] = field(default_factory=list["Scope"])
    mentioned: set[Binding] = field(default_factory=set[Binding])  # by this scope itself

    @property
    def is_class(self) -> bool:
        """Whether names of this scope are invisible from functions inside it."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_function(self) -> bool:
        """Whether this is a function, a lambda or a comprehension."""
        return isinstance(self.node, _FUNCTIONS + _COMPREHENSIONS)

    def walk(self) -> Iterator["Scope"]:
        """Itself and every scope inside."""
        pending = [self]
        while pending:
            scope = pending.pop()
            yield scope
            pending += scope.children

    def find(self, name: str) -> Binding:
        """The binding that a mention of `name` in this scope means."""
        scope: Scope = self.outer.get(name, self)
        start = scope
        while True:
            hidden = scope.is_class and scope is not start
            if not hidden and name in scope.names and scope.names[name].bound:
                return scope.names[name]
            if scope.parent is None:
                return scope.names.setdefault(name, Binding(name, scope))
            scope = scope.outer.get(name, scope.parent)


class Scopes:
    """All scopes of a module."""

    def __init__(self, tree: ast.Module) -> None:
        self.root = Scope(tree)
        self.of: dict[ast.AST, Binding] = {}  # what each mention means
        self._pending: list[tuple[Scope, str, ast.AST]] = []
        self._block(tree.body, self.root)
        for scope, name, node in self._pending:
            binding = scope.find(name)
            binding.places.append(node)
            scope.mentioned.add(binding)
            self.of[node] = binding

    def _bind(self, scope: Scope, name: str, node: ast.AST) -> None:
        target = scope.outer.get(name, scope)
        target.names.setdefault(name, Binding(name, target)).bound = True
        self._pending.append((scope, name, node))

    def _block(self, body: list[ast.stmt], scope: Scope) -> None:
        for statement in body:
            self._declare(statement, scope)
        for statement in body:
            self._visit(statement, scope)

    def _declare(self, statement: ast.stmt, scope: Scope) -> None:
        """Note `global` and `nonlocal` before any name is bound; they hold for the whole scope."""
        pending: list[ast.AST] = [statement]
        while pending:
            node = pending.pop()
            if isinstance(node, ast.Global | ast.Nonlocal):
                for name in node.names:
                    scope.outer[name] = self._outer(scope, name, node)
            elif not isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.expr)):
                pending += ast.iter_child_nodes(node)

    def _outer(self, scope: Scope, name: str, node: ast.Global | ast.Nonlocal) -> Scope:
        if isinstance(node, ast.Global):
            self.root.names.setdefault(name, Binding(name, self.root)).bound = True
            return self.root
        parent = scope.parent
        while parent is not None and (parent.is_class or not _binds(parent.node, name)):
            parent = parent.parent
        return parent or self.root

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.Name():
                if isinstance(node.ctx, ast.Load):
                    self._pending.append((scope, node.id, node))
                else:
                    self._bind(scope, node.id, node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._bind(scope, node.name, node)
                for part in (*node.decorator_list, *_outside(node)):
                    self._visit(part, scope)
                self._function(node, node.body, scope)
            case ast.Lambda():
                for part in _outside(node):
                    self._visit(part, scope)
                self._function(node, [ast.Expr(node.body)], scope)
            case ast.ClassDef():
                self._bind(scope, node.name, node)
                for part in (*node.decorator_list, *node.bases, *node.keywords):
                    self._visit(part, scope)
                inner = Scope(node, scope)
                scope.children.append(inner)
                self._block(node.body, inner)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, scope)
            case ast.NamedExpr():
                self._visit(node.value, scope)
                target = scope
                while isinstance(target.node, _COMPREHENSIONS) and target.parent:
                    target = target.parent
                self._bind(target, node.target.id, node.target)
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    self._bind(scope, (alias.asname or alias.name).split(".")[0], alias)
            case ast.ExceptHandler(name=str(name)):
                self._bind(scope, name, node)
                self._children(node, scope)
            case ast.Global() | ast.Nonlocal():
                for name in node.names:
                    self._pending.append((scope, name, node))
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                self._bind(scope, name, node)
                self._children(node, scope)
            case ast.MatchMapping(rest=str(name)):
                self._bind(scope, name, node)
                self._children(node, scope)
            case _:
                self._children(node, scope)

    def _children(self, node: ast.AST, scope: Scope) -> None:
        for child in ast.iter_child_nodes(node):
            self._visit(child, scope)

    def _function(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        body: list[ast.stmt],
        scope: Scope,
    ) -> None:
        inner = Scope(node, scope)
        scope.children.append(inner)
        for argument in parameters(node.args):
            self._bind(inner, argument.arg, argument)
        self._block(body, inner)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope
    ) -> None:
        inner = Scope(node, scope)
        scope.children.append(inner)
        self._visit(node.generators[0].iter, scope)  # evaluated outside
        for number, generator in enumerate(node.generators):
            self._visit(generator.target, inner)
            if number:
                self._visit(generator.iter, inner)
            for condition in generator.ifs:
                self._visit(condition, inner)
        made = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        for part in made:
            self._visit(part, inner)


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters in their order, `*rest` and `**named` included."""
    return [
        *arguments.posonlyargs,
        *arguments.args,
        *filter(None, (arguments.vararg,)),
        *arguments.kwonlyargs,
        *filter(None, (arguments.kwarg,)),
    ]


def put(place: ast.AST, old: str, new: str) -> None:
    """Write another name where a place mentions a variable."""
    match place:
        case ast.Name():
            place.id = new
        case ast.arg():
            place.arg = new
        case ast.ExceptHandler():
            place.name = new
        case ast.Nonlocal():
            place.names = [new if name == old else name for name in place.names]
        case _:
            raise AssertionError(type(place))


def _outside(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Iterator[ast.AST]:
    """What a definition evaluates in the scope around it: defaults and annotations."""
    yield from node.args.defaults
    yield from filter(None, node.args.kw_defaults)
    for argument in parameters(node.args):
        if argument.annotation:
            yield argument.annotation
    if not isinstance(node, ast.Lambda) and node.returns:
        yield node.returns


def _binds(function: ast.AST, name: str) -> bool:
    """Whether a function binds a name itself, for `nonlocal` inside it."""
    if not isinstance(function, _FUNCTIONS):
        return False
    if any(argument.arg == name for argument in parameters(function.args)):
        return True
    if isinstance(function, ast.Lambda):
        return False
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            return True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name == name:
                return True
            continue
        if isinstance(node, ast.ExceptHandler) and node.name == name:
            return True
        if isinstance(node, ast.Nonlocal) and name in node.names:
            return False
        if not isinstance(node, ast.Lambda):
            pending += ast.iter_child_nodes(node)
    return False
