"""What a script would execute, found without executing it.

A bounded interpreter for the few things that wrappers do: decode constants, decompress, join,
write a file and run it. Every operation stands in a table of pure functions; whatever is not
there is unknown, and code made from something unknown is reported as opaque.
"""

import ast
import contextlib
import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from pgolf_check.submission import operations as do
from pgolf_check.submission.codecs import Budget, CodecError, TooLargeError
from pgolf_check.submission.operations import UNKNOWN, Unknown

_TEMPORARY = "/temporary"
_STEPS = 1_000_000
_DEPTH = 60
_LOADERS = ("importlib.util.spec_from_file_location", "importlib.machinery.SourceFileLoader")
_TEMPORARIES = ("tempfile.mkdtemp", "tempfile.gettempdir", "tempfile.TemporaryDirectory")
_PATH_PARTS = ("parent", "parents", "name", "stem", "suffix")


@dataclass(frozen=True, slots=True)
class _Ref:
    """A module or something in it, by its dotted name."""

    name: str


@dataclass(frozen=True, slots=True)
class _Bound:
    """A method on a known value."""

    owner: Any
    name: str


@dataclass(frozen=True, slots=True)
class _Function:
    """A function or lambda of the script."""

    parameters: ast.arguments
    body: list[ast.stmt] | ast.expr


@dataclass(frozen=True, slots=True)
class _Decompressor:
    """`zstandard.ZstdDecompressor()` and its like."""

    codec: str
    named: Mapping[str, Any]


@dataclass(slots=True)
class _File:
    """An open file of the script's imaginary disk."""

    path: str
    binary: bool


@dataclass(frozen=True, slots=True)
class _Code:
    """The result of `compile`."""

    text: Any


@dataclass(frozen=True, slots=True)
class Executed:
    """Code that a script hands to the interpreter: a text it made, or a file it names."""

    line: int
    text: str = ""
    path: str = ""
    codec: str = ""


@dataclass(slots=True)
class Trace:
    """All that was seen of a script."""

    executed: list[Executed] = field(default_factory=list[Executed])
    written: dict[str, bytes] = field(default_factory=dict[str, bytes])
    opaque: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    bombs: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    stopped: bool = False  # the budget of steps ran out
    lines: set[int] = field(default_factory=set[int])  # where execution was seen
    written_at: int = 0  # where the last content of a file was decoded


class _StopError(Exception):
    """The budget of steps is spent."""


class _ReturnError(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


def watch(
    tree: ast.Module,
    root: str,
    path: str,
    read: Callable[[str], bytes | None],
    budget: Budget,
) -> Trace:
    """Follow the top level of a script at `path` of a submission that lies at `root`."""
    machine = _Machine(root, path, read, budget)
    try:
        machine.block(tree.body, 0)
    except _StopError:
        machine.trace.stopped = True
    except _ReturnError:
        pass
    return machine.trace


class _Machine:
    def __init__(
        self, root: str, path: str, read: Callable[[str], bytes | None], budget: Budget
    ) -> None:
        self._root = root
        self.trace = Trace()
        self._read = read
        self._budget = budget
        self._steps = _STEPS
        self._names: dict[str, Any] = {
            "__file__": posixpath.normpath(posixpath.join(root, path)),
            "__name__": "__main__",
        }
        self._disk: dict[str, Any] = {}
        self._origins: dict[str, str] = {}  # the text of a file that was read -> its path
        self._codecs: list[str] = []
        self._decoded_at = 0
        self._running: list[_Function] = []

    def block(self, body: Iterable[ast.stmt], depth: int) -> None:
        for statement in body:
            self._tick(depth)
            self._statement(statement, depth)

    def _statement(self, node: ast.stmt, depth: int) -> None:
        match node:
            case ast.Import():
                for name in node.names:
                    top = name.name.split(".")[0]
                    self._names[name.asname or top] = _Ref(name.name if name.asname else top)
            case ast.ImportFrom(module=str(module), level=0):
                for name in node.names:
                    self._names[name.asname or name.name] = _Ref(f"{module}.{name.name}")
            case ast.Assign():
                value = self.value(node.value, depth)
                for target in node.targets:
                    self._bind(target, value)
            case ast.AnnAssign(value=ast.expr() as assigned):
                self._bind(node.target, self.value(assigned, depth))
            case ast.AugAssign(target=ast.Name(id=name)):
                left = self._names.get(name, UNKNOWN)
                self._names[name] = do.binary(node.op, left, self.value(node.value, depth))
            case ast.Expr():
                self.value(node.value, depth)
            case ast.Return():
                raise _ReturnError(self.value(node.value, depth) if node.value else None)
            case ast.With():
                for item in node.items:
                    value = self.value(item.context_expr, depth)
                    if item.optional_vars:
                        self._bind(item.optional_vars, value)
                self.block(node.body, depth + 1)
            case ast.If():
                test = self.value(node.test, depth)
                if do.known(test):
                    self.block(node.body if test else node.orelse, depth + 1)
                else:
                    self._perhaps(node.body, depth + 1)
                    self._perhaps(node.orelse, depth + 1)
            case ast.For():
                for item in self._items(self.value(node.iter, depth)):
                    self._bind(node.target, item)
                    self.block(node.body, depth + 1)
            case ast.Try():
                self.block(node.body, depth + 1)
                self.block(node.finalbody, depth + 1)
            case ast.FunctionDef(name=name):
                self._names[name] = _Function(node.args, node.body)
            case _:
                pass

    def _perhaps(self, body: list[ast.stmt], depth: int) -> None:
        """Follow a branch that may not be taken, so that its `return` does not end the rest."""
        with contextlib.suppress(_ReturnError):
            self.block(body, depth)

    def _bind(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self._names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            parts = self._items(value)
            for at, part in enumerate(target.elts):
                self._bind(part, parts[at] if at < len(parts) else UNKNOWN)

    def _tick(self, depth: int) -> None:
        self._steps -= 1
        if self._steps < 0 or depth > _DEPTH:
            raise _StopError

    def _items(self, value: Any) -> list[Any]:
        if isinstance(value, tuple | list | dict | str | bytes | range) and len(value) <= do.ITEMS:
            return list(value)
        return []

    def value(self, node: ast.expr, depth: int) -> Any:
        """Evaluate an expression, to UNKNOWN where the tables end."""
        self._tick(depth)
        depth += 1
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self._names.get(node.id, _Ref(node.id))
            case ast.Tuple() | ast.List():
                return tuple(self._elements(node.elts, depth))
            case ast.Dict():
                return self._dict(node, depth)
            case ast.BinOp():
                return self._chain(node, depth)
            case ast.UnaryOp():
                return do.unary(node.op, self.value(node.operand, depth))
            case ast.Compare(ops=[op], comparators=[right]):
                return do.compare(op, self.value(node.left, depth), self.value(right, depth))
            case ast.BoolOp():
                return self._either(node, depth)
            case ast.IfExp():
                test = self.value(node.test, depth)
                if not do.known(test):
                    return UNKNOWN
                return self.value(node.body if test else node.orelse, depth)
            case ast.NamedExpr():
                value = self.value(node.value, depth)
                self._bind(node.target, value)
                return value
            case ast.Lambda():
                return _Function(node.args, node.body)
            case ast.Attribute():
                return self._attribute(self.value(node.value, depth), node.attr)
            case ast.Subscript():
                return self._subscript(node, depth)
            case ast.JoinedStr():
                return self._formatted(node, depth)
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehension(node, depth)
            case ast.Call():
                return self._call(node, depth)
            case _:
                return UNKNOWN

    def _either(self, node: ast.BoolOp, depth: int) -> Any:
        """Evaluate `and` and `or` as far as the first part that settles them."""
        value: Any = UNKNOWN
        for part in node.values:
            value = self.value(part, depth)
            if not do.known(value) or bool(value) is isinstance(node.op, ast.Or):
                return value
        return value

    def _elements(self, nodes: list[ast.expr], depth: int) -> list[Any]:
        values: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                values += self._items(self.value(node.value, depth))
            else:
                values.append(self.value(node, depth))
        return values

    def _dict(self, node: ast.Dict, depth: int) -> Any:
        pairs = [
            (self.value(key, depth), self.value(value, depth))
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        ]
        return {key: value for key, value in pairs if isinstance(key, str | int | bytes)}

    def _chain(self, node: ast.BinOp, depth: int) -> Any:
        """Follow a long `a + b + c`, which leans to the left, without recursion."""
        parts: list[tuple[ast.operator, ast.expr]] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            parts.append((left.op, left.right))
            left = left.left
        value = self.value(left, depth)
        for op, right in reversed(parts):
            value = do.binary(op, value, self.value(right, depth))
        return value

    def _attribute(self, owner: Any, name: str) -> Any:
        if isinstance(owner, _Ref):
            dotted = _Ref(f"{owner.name}.{name}")
            if dotted.name == "sys.argv":
                return (self._names["__file__"],)  # a record is run without arguments
            constant = do.lzma_constant(name) if owner.name == "lzma" else None
            return dotted if constant is None else constant
        if isinstance(owner, PurePosixPath) and name in _PATH_PARTS:
            found = getattr(owner, name)
            return tuple(found) if name == "parents" else found
        if isinstance(owner, Unknown):
            return UNKNOWN
        return _Bound(owner, name)

    def _subscript(self, node: ast.Subscript, depth: int) -> Any:
        owner = self.value(node.value, depth)
        if isinstance(node.slice, ast.Slice):
            parts = (node.slice.lower, node.slice.upper, node.slice.step)
            bounds = [self.value(part, depth) if part else None for part in parts]
            if not all(bound is None or isinstance(bound, int) for bound in bounds):
                return UNKNOWN
            return do.pure(lambda value: value[slice(*bounds)], owner)
        return do.item(owner, self.value(node.slice, depth))

    def _formatted(self, node: ast.JoinedStr, depth: int) -> Any:
        parts: list[str] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                plain = part.format_spec is None and part.conversion == -1
                value = self.value(part.value, depth) if plain else UNKNOWN
            else:
                value = self.value(part, depth)
            if not isinstance(value, str | int | PurePosixPath):
                return UNKNOWN
            parts.append(str(value))
        return do.join("", parts)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, depth: int) -> Any:
        if len(node.generators) != 1 or node.generators[0].ifs:
            return UNKNOWN
        source = self.value(node.generators[0].iter, depth)
        if not do.known(source):
            return UNKNOWN
        values = []
        for item in self._items(source):
            self._bind(node.generators[0].target, item)
            values.append(self.value(node.elt, depth))
        return tuple(values)

    def _call(self, node: ast.Call, depth: int) -> Any:
        function = self.value(node.func, depth)
        arguments = self._elements(node.args, depth)
        named = {k.arg: self.value(k.value, depth) for k in node.keywords if k.arg}
        if isinstance(function, _Function):
            return self._enter(function, arguments, depth)
        if isinstance(function, _Bound):
            return self._method(function, arguments, named, node.lineno)
        if not isinstance(function, _Ref):
            return UNKNOWN
        name = function.name.removeprefix("builtins.")
        if name in ("exec", "eval") and arguments:
            self._execute(arguments[0], node.lineno)
            return UNKNOWN
        if name in ("runpy.run_path", *_LOADERS):
            at = 1 if name in _LOADERS else 0
            place = named.get("location", arguments[at] if len(arguments) > at else UNKNOWN)
            self._run_file(place, node.lineno)
            return UNKNOWN
        if name in ("__import__", "importlib.import_module") and arguments:
            return _Ref(arguments[0]) if isinstance(arguments[0], str) else UNKNOWN
        if name == "getattr" and len(arguments) >= 2 and isinstance(arguments[1], str):
            return self._attribute(arguments[0], arguments[1])
        if name == "compile" and arguments:
            return _Code(arguments[0])
        if name in _TEMPORARIES:
            return _TEMPORARY
        if name in ("open", "io.open") and arguments:
            mode = named.get("mode", arguments[1] if len(arguments) > 1 else "r")
            return self._open(arguments[0], mode)
        if name in do.DECOMPRESSORS:
            return _Decompressor(do.DECOMPRESSORS[name], named)
        if name in do.CODECS:
            return self._decompress(name, arguments, named, node.lineno)
        if name in do.DECODERS:
            self._decoded_at = node.lineno
            self._codecs.append(name.rpartition(".")[2].removesuffix("decode"))
        return do.pure(do.FUNCTIONS.get(name), *arguments)

    def _enter(self, function: _Function, arguments: list[Any], depth: int) -> Any:
        if len(self._running) > 8 or function in self._running:
            return UNKNOWN
        self._running.append(function)
        shadowed = dict(self._names)
        for parameter, value in zip(function.parameters.args, arguments, strict=False):
            self._names[parameter.arg] = value
        try:
            if isinstance(function.body, ast.expr):
                return self.value(function.body, depth)
            self.block(function.body, depth)
        except _ReturnError as done:
            return done.value
        finally:
            self._names = shadowed
            self._running.pop()
        return None

    def _method(
        self, bound: _Bound, arguments: list[Any], named: Mapping[str, Any], line: int
    ) -> Any:
        owner, name = bound.owner, bound.name
        if isinstance(owner, _File):
            if name == "write" and arguments:
                self._write(owner.path, arguments[0])
            return self._content(owner.path, owner.binary) if name == "read" else UNKNOWN
        if isinstance(owner, PurePosixPath):
            return self._path_method(owner, name, arguments)
        if isinstance(owner, _Ref):
            return UNKNOWN
        if isinstance(owner, _Decompressor) and name == "decompress":
            return self._decompress(owner.codec, [*arguments], owner.named, line)
        return do.method(owner, name, arguments)

    def _path_method(self, owner: PurePosixPath, name: str, arguments: list[Any]) -> Any:
        match name:
            case "resolve" | "absolute" | "expanduser":
                return owner
            case "read_bytes" | "read_text":
                return self._content(str(owner), name == "read_bytes")
            case "write_bytes" | "write_text" if arguments:
                self._write(str(owner), arguments[0])
                return UNKNOWN
            case "open":
                return self._open(owner, arguments[0] if arguments else "r")
            case "with_suffix" | "with_name" | "joinpath":
                return do.pure(getattr(PurePosixPath, name), owner, *arguments)
            case _:
                return UNKNOWN

    def _execute(self, code: Any, line: int) -> None:
        self.trace.lines.add(line)
        if isinstance(code, _Code):
            code = code.text
        text = do.text(code) if isinstance(code, bytes) else code
        if isinstance(text, str) and text in self._origins:
            self.trace.executed.append(Executed(line, path=self._origins[text]))
        elif isinstance(text, str):
            codec = "+".join(reversed(dict.fromkeys(self._codecs)))
            at = self._decoded_at if codec else line
            self.trace.executed.append(Executed(at, text, codec=codec))
        else:
            self.trace.opaque.append((line, "executes code that only a run would show"))

    def _run_file(self, place: Any, line: int) -> None:
        if not isinstance(place, str | PurePosixPath):
            self.trace.opaque.append((line, "runs a file that only a run would name"))
            return
        path = self._absolute(place)
        if path in self._disk:
            self._execute(self._disk[path], line)
        else:
            self.trace.executed.append(Executed(line, path=self._relative(path)))

    def _open(self, place: Any, mode: Any) -> Any:
        if not isinstance(place, str | PurePosixPath) or not isinstance(mode, str):
            return UNKNOWN
        return _File(self._absolute(place), "b" in mode)

    def _write(self, path: str, content: Any) -> None:
        self._disk[path] = content
        data = content.encode() if isinstance(content, str) else content
        if isinstance(data, bytes):
            self.trace.written[self._relative(path)] = data
            self.trace.written_at = self._decoded_at

    def _content(self, path: str, binary: bool) -> Any:
        data = self._disk.get(path)
        if data is None:
            data = self._read(self._relative(path))
        if data is None:
            return UNKNOWN
        if isinstance(data, bytes) and not binary:
            data = do.text(data)
            if path not in self._disk and isinstance(data, str):
                self._origins[data] = self._relative(path)
            return data
        return data.encode() if isinstance(data, str) and binary else data

    def _decompress(
        self, name: str, arguments: list[Any], named: Mapping[str, Any], line: int
    ) -> Any:
        decode = do.CODECS[name]
        data = arguments[0] if arguments else named.get("data")
        if not isinstance(data, bytes):
            return UNKNOWN
        rest = arguments[1:]
        try:
            out = self._budget.spend(lambda limit: decode(data, limit, rest, named))
        except TooLargeError as error:
            self.trace.bombs.append((line, f"unpacks to more than is allowed ({error})"))
            return UNKNOWN
        except (CodecError, ValueError, TypeError, KeyError):
            return UNKNOWN
        self._codecs.append(name.partition(".")[0])
        self._decoded_at = line
        return out

    def _absolute(self, place: str | PurePosixPath) -> str:
        """Place a path on the imaginary disk; a relative one starts where the run would."""
        return posixpath.normpath(posixpath.join(self._root, str(place)))

    def _relative(self, path: str) -> str:
        """Name a path as the submission's tree does, or in full when it lies elsewhere."""
        return path.removeprefix(f"{self._root}/")
