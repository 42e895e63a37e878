"""What a pickle would build, told from its instructions. Nothing is imported and nothing is called.

Functions stay names and calls stay calls. Only names on a short list are expected in a model; any
other is named in a problem, because loading the file for real would run it.
"""

import pickletools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_OPERATIONS = 1_000_000
_DEEP = 10_000
_MEMO = 100_000
_PATH = 300  # characters of a tensor's name
_ALLOWED = frozenset(
    {
        "collections.OrderedDict",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_parameter",
        "torch.serialization._get_layout",
        "torch.Size",
        "numpy.ndarray",
        "numpy.dtype",
        "_codecs.encode",  # how protocol 2 keeps the bytes of an array
        *(f"numpy.{core}.multiarray._reconstruct" for core in ("core", "_core")),
        *(f"numpy.{core}.numeric._frombuffer" for core in ("core", "_core")),
    }
)
_DTYPES = frozenset(
    {
        *("float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8"),
        *("bool", "float8_e4m3fn", "float8_e5m2"),
    }
)
_MARK = object()


class PickleError(Exception):
    """Instructions that do not add up to an object, or too many of them."""


@dataclass(frozen=True, slots=True)
class Name:
    """A function or class that the pickle refers to."""

    full: str

    @property
    def expected(self) -> bool:
        """Whether a model has a use for it."""
        module, _, last = self.full.rpartition(".")
        storage = module in ("torch", "torch.storage") and last.endswith("Storage")
        return self.full in _ALLOWED or storage or (module == "torch" and last in _DTYPES)


@dataclass(slots=True, eq=False)
class Call:
    """A call that loading would make, and the state that its result would be given."""

    function: Any
    arguments: Any
    state: Any = None


@dataclass(frozen=True, slots=True)
class Persistent:
    """An object kept outside of the pickle, such as the numbers of a tensor."""

    key: Any


@dataclass(slots=True)
class Table:
    """A dictionary, as pairs: its keys may be anything."""

    pairs: list[tuple[Any, Any]] = field(default_factory=list[tuple[Any, Any]])


@dataclass(slots=True)
class Scanned:
    """What a pickle describes, the names it uses beyond the expected, and where it ends."""

    value: Any
    names: tuple[str, ...]
    end: int


def scan(data: bytes) -> Scanned:
    """Follow the instructions of the first pickle in `data`."""
    machine = _Machine()
    try:
        for count, (operation, argument, position) in enumerate(pickletools.genops(data)):
            if count > _OPERATIONS or len(machine.stack) > _DEEP or len(machine.memo) > _MEMO:
                raise PickleError("has more instructions than any model needs")
            if operation.name == "STOP":
                names = dict.fromkeys(machine.names)
                return Scanned(machine.pop(), tuple(names), (position or 0) + 1)
            machine.step(operation.name, argument)
    except (ValueError, IndexError, KeyError, TypeError, OverflowError) as error:
        raise PickleError(f"is malformed: {error}") from error
    raise PickleError("does not end")


class _Machine:
    """The pickle machine on names instead of objects."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.names: list[str] = []

    def pop(self) -> Any:
        value = self.stack.pop()
        if value is _MARK:
            raise PickleError("is malformed: a mark where a value should be")
        return value

    def step(self, name: str, argument: Any) -> None:
        if name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _LITERALS:
            self.stack.append(argument)
        elif name in _STEPS:
            _STEPS[name](self, argument)
        elif name not in ("PROTO", "FRAME"):
            raise PickleError(f"uses {name}, which no model needs")

    def since_mark(self) -> list[Any]:
        values: list[Any] = []
        while (value := self.stack.pop()) is not _MARK:
            values.append(value)
        values.reverse()
        return values

    def refer(self, full: str) -> None:
        found = Name(full)
        if not found.expected:
            self.names.append(full)
        self.stack.append(found)


def _append(machine: _Machine, values: list[Any]) -> None:
    owner = machine.stack[-1]
    if isinstance(owner, list):
        owner.extend(values)


def _set(machine: _Machine, values: list[Any]) -> None:
    owner = machine.stack[-1]
    pairs = list(zip(values[::2], values[1::2], strict=True))
    if isinstance(owner, Call) and isinstance(owner.arguments, Table):
        owner = owner.arguments
    if isinstance(owner, Table):
        owner.pairs.extend(pairs)


def _two(machine: _Machine) -> list[Any]:
    second, first = machine.pop(), machine.pop()
    return [first, second]


def _reduce(machine: _Machine, _: Any) -> None:
    arguments, function = machine.pop(), machine.pop()
    if function == Name("collections.OrderedDict"):
        machine.stack.append(Table())
    else:
        machine.stack.append(Call(function, arguments))


def _stack_global(machine: _Machine, _: Any) -> None:
    module, name = _two(machine)
    if not isinstance(module, str) or not isinstance(name, str):
        raise PickleError("is malformed: a name that is no text")
    machine.refer(f"{module}.{name}")


def _build(machine: _Machine, _: Any) -> None:
    state = machine.pop()
    if isinstance(machine.stack[-1], Call):
        machine.stack[-1].state = state


def _tuple(count: int) -> Any:
    def make(machine: _Machine, _: Any) -> None:
        values = [machine.pop() for _ in range(count)]
        machine.stack.append(tuple(reversed(values)))

    return make


_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_LITERALS = frozenset(
    {
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE"),
        *("BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    }
)
_STEPS: dict[str, Any] = {
    "MARK": lambda m, _: m.stack.append(_MARK),
    "POP": lambda m, _: m.stack.pop(),
    "POP_MARK": lambda m, _: m.since_mark(),
    "DUP": lambda m, _: m.stack.append(m.stack[-1]),
    "EMPTY_TUPLE": lambda m, _: m.stack.append(()),
    "EMPTY_LIST": lambda m, _: m.stack.append([]),
    "EMPTY_DICT": lambda m, _: m.stack.append(Table()),
    "EMPTY_SET": lambda m, _: m.stack.append([]),
    "TUPLE": lambda m, _: m.stack.append(tuple(m.since_mark())),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "LIST": lambda m, _: m.stack.append(m.since_mark()),
    "FROZENSET": lambda m, _: m.stack.append(m.since_mark()),
    "DICT": lambda m, _: m.stack.append(Table(list(zip(*[iter(m.since_mark())] * 2, strict=True)))),
    "APPEND": lambda m, _: _append(m, [m.pop()]),
    "APPENDS": lambda m, _: _append(m, m.since_mark()),
    "ADDITEMS": lambda m, _: _append(m, m.since_mark()),
    "SETITEM": lambda m, _: _set(m, _two(m)),
    "SETITEMS": lambda m, _: _set(m, m.since_mark()),
    "PUT": lambda m, at: m.memo.__setitem__(int(at), m.stack[-1]),
    "BINPUT": lambda m, at: m.memo.__setitem__(at, m.stack[-1]),
    "LONG_BINPUT": lambda m, at: m.memo.__setitem__(at, m.stack[-1]),
    "MEMOIZE": lambda m, _: m.memo.__setitem__(len(m.memo), m.stack[-1]),
    "GET": lambda m, at: m.stack.append(m.memo[int(at)]),
    "BINGET": lambda m, at: m.stack.append(m.memo[at]),
    "LONG_BINGET": lambda m, at: m.stack.append(m.memo[at]),
    "GLOBAL": lambda m, names: m.refer(names.replace(" ", ".")),
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "NEWOBJ": _reduce,
    "BUILD": _build,
    "PERSID": lambda m, key: m.stack.append(Persistent(key)),
    "BINPERSID": lambda m, _: m.stack.append(Persistent(m.pop())),
}


def tables(value: Any) -> Iterator[tuple[str, Any]]:
    """Every value inside tables and lists, with the path of keys that leads to it."""
    pending: list[tuple[str, Any]] = [("", value)]
    met: set[int] = set()
    while pending:
        path, here = pending.pop()
        if isinstance(here, Table | list):
            if id(here) in met:
                continue
            met.add(id(here))
            pairs = here.pairs if isinstance(here, Table) else list(enumerate(here))
            inside = [
                (f"{path}.{key}".lstrip(".")[:_PATH], item) for key, item in pairs if _plain(key)
            ]
            pending.extend(reversed(inside))
        else:
            yield path, here


def _plain(key: Any) -> bool:
    return isinstance(key, str | int)
