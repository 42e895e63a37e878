"""The classes and functions of the merged program, as the analysis looks them up."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from pgolf_check.minify.scopes import Binding, Scopes

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(eq=False, slots=True)
class Class:
    """One class: its parents inside the program, its methods, its fields if it is a dataclass."""

    name: str
    node: ast.ClassDef
    parents: list[str] = field(default_factory=list[str])
    outside: bool = False  # some parent is not of this program
    methods: dict[str, ast.FunctionDef] = field(default_factory=dict[str, ast.FunctionDef])
    values: dict[str, ast.expr] = field(default_factory=dict[str, ast.expr])
    record: bool = False  # a dataclass
    fields: list[str] = field(default_factory=list[str])


class Tables:
    """Everything that can be looked up by name."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.scopes = Scopes(tree)
        self.classes: dict[str, Class] = {}
        self.top: dict[Binding, ast.stmt] = {}  # what defines a name of the module
        self.imported: dict[str, str] = {}
        self.owner: dict[ast.AST, str] = {}  # the class of a method
        for statement in tree.body:
            self._note(statement)

    def mro(self, name: str) -> Iterator[Class]:
        """A class and its parents inside the program, nearest first."""
        pending, seen = [name], set[str]()
        while pending:
            name = pending.pop(0)
            if name in seen or name not in self.classes:
                continue
            seen.add(name)
            yield self.classes[name]
            pending += self.classes[name].parents

    def method(self, name: str, attribute: str) -> ast.FunctionDef | None:
        """The method that an instance of a class answers with."""
        found = (c.methods[attribute] for c in self.mro(name) if attribute in c.methods)
        return next(found, None)

    def outside(self, name: str) -> bool:
        """Whether a class inherits from something that is not of this program."""
        return any(c.outside for c in self.mro(name))

    def subclasses(self, name: str) -> set[str]:
        """A class and all classes below it."""
        return {other for other in self.classes if any(c.name == name for c in self.mro(other))}

    def fields(self, name: str) -> list[tuple[str, ast.expr | None]]:
        """The fields of a dataclass in the order of its constructor, with their defaults."""
        found: dict[str, ast.expr | None] = {}
        for c in reversed(list(self.mro(name))):
            if c.record:
                found.update({field: c.values.get(field) for field in c.fields})
        return list(found.items())

    def is_record(self, name: str) -> bool:
        """Whether instances are made by a generated constructor."""
        return self.method(name, "__init__") is None and any(c.record for c in self.mro(name))

    def dotted(self, node: ast.expr) -> str:
        """The full name of something imported or built in, else ""."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        binding = self.scopes.of.get(node)
        if binding is None:
            return ""
        if not binding.bound:
            base = node.id
        elif binding in self.top and binding.scope is self.scopes.root:
            base = self.imported.get(node.id, "")
        else:
            return ""
        return ".".join([base, *reversed(parts)]) if base else ""

    def _note(self, statement: ast.stmt) -> None:
        root = self.scopes.root
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                bound = alias.asname or alias.name.partition(".")[0]
                home = statement.module if isinstance(statement, ast.ImportFrom) else None
                whole = alias.name if alias.asname else bound
                self.imported[bound] = f"{home}.{alias.name}" if home else whole
                self.top[root.names[bound]] = statement
        elif isinstance(statement, ast.FunctionDef):
            self.top[root.names[statement.name]] = statement
        elif isinstance(statement, ast.ClassDef):
            self.top[root.names[statement.name]] = statement
            self._class(statement)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                for node in ast.walk(target):
                    if isinstance(node, ast.Name):
                        self.top[root.names[node.id]] = statement

    def _class(self, node: ast.ClassDef) -> None:
        made = Class(node.name, node)
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id in self.classes:
                made.parents.append(base.id)
            elif ast.unparse(base) not in ("object", "Protocol"):
                made.outside = True
        made.record = any("dataclass" in ast.unparse(d) for d in node.decorator_list) or any(
            ast.unparse(base) == "NamedTuple" for base in node.bases
        )
        for item in node.body:
            match item:
                case ast.FunctionDef():
                    made.methods[item.name] = item
                    self.owner[item] = node.name
                case ast.AnnAssign(target=ast.Name(id=name)):
                    made.fields.append(name)
                    if item.value:
                        made.values[name] = item.value
                case ast.Assign(targets=[ast.Name(id=name)]):
                    made.values[name] = item.value
                case _:
                    pass
        self.classes[node.name] = made


def decorators(node: Function) -> set[str]:
    """The last words of a function's decorators."""
    if isinstance(node, ast.Lambda):
        return set()
    names = set()
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        names.add(called.attr if isinstance(called, ast.Attribute) else ast.unparse(called))
    return names


def single_return(node: Function) -> ast.expr | None:
    """The expression that a function merely returns."""
    if isinstance(node, ast.Lambda):
        return node.body
    body = [s for s in node.body if not _is_docstring(s)]
    if len(body) == 1 and isinstance(body[0], ast.Return):
        return body[0].value
    return None


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
