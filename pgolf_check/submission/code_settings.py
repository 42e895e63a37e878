"""What code itself says of its settings: which it reads, their defaults, and what it presets.

Only statements that touch the environment, an argument parser or a constant are looked into; the
rest of a script, most of it, is passed over.
"""

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgolf_check.findings import Place
from pgolf_check.submission.facts import Source
from pgolf_check.submission.literals import literal

_TOUCHES = r"environ|getenv|add_argument"
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Read:
    """A setting that code takes from outside; `attribute` is the name it then goes by."""

    name: str
    attribute: str
    default: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that code fixes under a name."""

    name: str
    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class Preset:
    """An environment value set before the script runs; forced where it overrides the command."""

    name: str
    value: str
    forced: bool
    place: Place


@dataclass(frozen=True, slots=True)
class CodeSettings:
    """All that one source says."""

    reads: tuple[Read, ...]
    constants: tuple[Constant, ...]
    presets: tuple[Preset, ...]


def code_settings(source: Source, tree: ast.Module) -> CodeSettings:
    """The settings of one source, from its statements alone."""
    search = _Search(source)
    search.learn(tree.body)
    search.walk(tree.body)
    return CodeSettings(tuple(search.reads), tuple(search.constants), tuple(search.presets))


class _Search:
    def __init__(self, source: Source) -> None:
        self.reads: list[Read] = []
        self.constants: list[Constant] = []
        self.presets: list[Preset] = []
        self._source = source
        self._lines = source.text.split("\n")
        self._getters: set[str] = {"getenv"}  # names that stand for os.environ.get
        self._tables: set[str] = {"environ"}  # names that stand for os.environ
        self._helpers: dict[str, ast.expr | None] = {}  # functions that read a variable for others
        self._touched = self._lines_with(re.compile(_TOUCHES))

    def learn(self, body: Sequence[ast.stmt]) -> None:
        """Take in the names by which this script reads its environment."""
        for statement in _flat(body):
            if not self._touches(statement):
                continue
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self._learn_name(statement.targets[0].id, statement.value)
            elif isinstance(statement, _Function) and self._reads_for_others(
                statement.args, statement
            ):
                self._helpers[statement.name] = None
            elif isinstance(statement, ast.ImportFrom) and statement.module == "os":
                for alias in statement.names:
                    known = self._tables if alias.name == "environ" else self._getters
                    if alias.name in ("environ", "getenv"):
                        known.add(alias.asname or alias.name)
        names = (self._getters | self._tables | set(self._helpers)) - {"getenv", "environ"}
        if names:
            pattern = "|".join(rf"\b{re.escape(name)}\b" for name in sorted(names))
            self._touched = self._lines_with(re.compile(f"{_TOUCHES}|{pattern}"))

    def walk(self, body: Sequence[ast.stmt]) -> None:
        """Visit the statements that matter, without recursion."""
        waiting = [(statement, False) for statement in reversed(body)]
        while waiting:
            statement, inside = waiting.pop()
            touches = self._touches(statement)
            if isinstance(statement, _Function):
                if touches:
                    for default in (*statement.args.defaults, *statement.args.kw_defaults):
                        self._look(default, "")
                    waiting += [(inner, True) for inner in reversed(statement.body)]
                continue
            blocks = list(_blocks(statement))
            if blocks:
                if touches:
                    for header in _headers(statement):
                        self._look(header, "")
                if touches or not inside:
                    waiting += [
                        (inner, inside) for block in reversed(blocks) for inner in reversed(block)
                    ]
                continue
            if not inside:
                self._keep_constant(statement)
            if touches:
                self._look_into(statement)

    def _look_into(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=[ast.Subscript() as target], value=value) if (
                name := self._subscript(target)
            ):
                self._preset(name, value, True, statement.lineno)
            case ast.Assign(targets=[target], value=value):
                self._look(value, _target(target))
            case ast.AnnAssign(target=target, value=value):
                self._look(value, _target(target))
            case _:
                for child in ast.iter_child_nodes(statement):
                    if isinstance(child, ast.expr):
                        self._look(child, "")

    def _look(self, expression: ast.expr | None, label: str) -> None:
        """Every read and preset inside an expression; `label` is what the value is bound to."""
        waiting: list[tuple[ast.AST, str]] = [(expression, label)] if expression else []
        while waiting:
            node, name = waiting.pop()
            if isinstance(node, ast.Call):
                self._call(node, name)
            elif isinstance(node, ast.Subscript) and (read := self._subscript(node)):
                self._read(read, name, None, node.lineno)
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    waiting.append((value, literal(key) or ""))
                continue
            for child in ast.iter_child_nodes(node):
                own = child.arg if isinstance(child, ast.keyword) and child.arg else name
                factory = own in ("default", "default_factory", "key")
                waiting.append((child, name if factory else own))

    def _call(self, call: ast.Call, label: str) -> None:
        function = call.func
        first = call.args[0] if call.args else None
        name = (
            first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
        )
        default = call.args[1] if len(call.args) > 1 else _keyword(call, "default")
        if isinstance(function, ast.Attribute) and function.attr == "add_argument":
            self._argument(call)
        elif isinstance(function, ast.Attribute) and self._is_table(function.value):
            if function.attr == "update":
                self._update(call)
            elif name and function.attr == "setdefault":
                self._preset(name, default, False, call.lineno)
                self._read(name, label, literal(default), call.lineno)
            elif name and function.attr in ("get", "pop"):
                self._read(name, label, literal(default), call.lineno)
        elif name and _last_name(function) in self._getters | self._helpers.keys():
            self._read(name, label, literal(default), call.lineno)

    def _argument(self, call: ast.Call) -> None:
        flags = [
            a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
        ]
        long = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
        name = literal(_keyword(call, "dest")) or long.lstrip("-").replace("-", "_")
        if not name:
            return
        default = literal(_keyword(call, "default"))
        if default is None:
            actions = {"store_true": "False", "store_false": "True"}
            default = actions.get(literal(_keyword(call, "action")) or "")
        self.reads.append(Read(name, name, default, self._place(call.lineno)))

    def _update(self, call: ast.Call) -> None:
        for keyword in call.keywords:
            if keyword.arg:
                self._preset(keyword.arg, keyword.value, True, keyword.value.lineno)
        for table in call.args:
            if isinstance(table, ast.Dict):
                for key, value in zip(table.keys, table.values, strict=True):
                    if name := literal(key):
                        self._preset(name, value, True, value.lineno)

    def _preset(self, name: str, value: ast.expr | None, forced: bool, line: int) -> None:
        text = literal(value)
        if text is not None:
            self.presets.append(Preset(name, text, forced, self._place(line)))

    def _read(self, name: str, attribute: str, default: str | None, line: int) -> None:
        self.reads.append(Read(name, attribute, default, self._place(line)))

    def _keep_constant(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                text = literal(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                text = literal(_keyword(value, "default") if isinstance(value, ast.Call) else value)
            case _:
                return
        if text is not None and not name.startswith("__"):
            self.constants.append(Constant(name, text, self._place(statement.lineno)))

    def _learn_name(self, name: str, value: ast.expr) -> None:
        if self._is_table(value):
            self._tables.add(name)
        elif isinstance(value, ast.Attribute) and (
            (value.attr == "get" and self._is_table(value.value)) or value.attr == "getenv"
        ):
            self._getters.add(name)
        elif isinstance(value, ast.Lambda) and self._reads_for_others(value.args, value.body):
            self._helpers[name] = None

    def _reads_for_others(self, parameters: ast.arguments, body: ast.AST) -> bool:
        """Whether the first parameter is used as the name of a variable."""
        if not parameters.args:
            return False
        own = {argument.arg for argument in parameters.args}
        for node in ast.walk(body):
            if isinstance(node, ast.Call) and node.args:
                reads = _last_name(node.func) == "getenv" or (
                    isinstance(node.func, ast.Attribute) and self._is_table(node.func.value)
                )
                if reads and isinstance(node.args[0], ast.Name) and node.args[0].id in own:
                    return True
            if isinstance(node, ast.Subscript) and self._is_table(node.value):
                key = node.slice
                if isinstance(key, ast.Name) and key.id in own:
                    return True
        return False

    def _is_table(self, node: ast.expr) -> bool:
        return _last_name(node) in self._tables

    def _subscript(self, node: ast.Subscript) -> str:
        return (literal(node.slice) or "") if self._is_table(node.value) else ""

    def _lines_with(self, pattern: re.Pattern[str]) -> list[int]:
        return [number for number, line in enumerate(self._lines, 1) if pattern.search(line)]

    def _touches(self, statement: ast.stmt) -> bool:
        at = bisect_left(self._touched, statement.lineno)
        end = statement.end_lineno or statement.lineno
        return at < len(self._touched) and self._touched[at] <= end

    def _place(self, line: int) -> Place:
        text = self._lines[line - 1].strip()[:300] if 0 < line <= len(self._lines) else ""
        return Place(self._source.path, line, text, self._source.layer, self._source.anchor)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        if block := getattr(statement, name, None):
            yield block
    for handler in getattr(statement, "handlers", ()):
        yield handler.body
    for case in getattr(statement, "cases", ()):
        yield case.body


def _headers(statement: ast.stmt) -> Iterator[ast.expr]:
    match statement:
        case ast.If(test=test) | ast.While(test=test):
            yield test
        case ast.For(iter=iterable):
            yield iterable
        case ast.With(items=items):
            yield from (item.context_expr for item in items)


def _flat(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those under `if` and `try`, and those of classes."""
    waiting = list(reversed(body))
    while waiting:
        statement = waiting.pop()
        yield statement
        if not isinstance(statement, _Function):
            waiting += [inner for block in _blocks(statement) for inner in reversed(block)]


def _target(target: ast.expr) -> str:
    return _last_name(target)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
