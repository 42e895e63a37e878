"""What a variable can hold, as far as a preset settles it: a small set of values, or anything."""

import ast
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

_MOST = 16  # different constants; a variable with more is not settled by anything
_DEEPEST = 5  # containers in containers

Const = tuple[str, Any]  # the kind and the value: 1, True and 1.0 must stay apart


@dataclass(frozen=True, slots=True)
class Value:
    """Some constants, instances of some classes, containers; `open` adds anything at all."""

    consts: frozenset[Const] = frozenset()
    kinds: frozenset[str] = frozenset()
    items: "Value | None" = None  # what the elements of a container are
    parts: "tuple[Value, ...] | None" = None  # the elements of a tuple of known length
    open: bool = False

    def __or__(self, other: "Value") -> "Value":
        if other in (self, NOTHING):
            return self
        if self == NOTHING:
            return other
        items, parts = _joined(self.items, other.items), None
        if self.parts is not None and other.parts is not None:
            if len(self.parts) == len(other.parts):
                parts = tuple(a | b for a, b in zip(self.parts, other.parts, strict=True))
            else:
                items = union((*self.parts, *other.parts, items or NOTHING))
        elif self.parts is not None or other.parts is not None:
            parts = self.parts if other.parts is None else other.parts
        consts = self.consts | other.consts
        open_ = self.open or other.open
        plain = [const for const in consts if const[0] not in CODE]
        if len(plain) > _MOST:
            consts, open_ = frozenset(const for const in consts if const[0] in CODE), True
        return Value(consts, self.kinds | other.kinds, items, parts, open_).shallow()

    def shallow(self, depth: int = _DEEPEST) -> "Value":
        """The value without what lies too deep to be followed."""
        if self.items is None and self.parts is None:
            return self
        if depth == 0:
            return Value(self.consts, self.kinds, None, None, True)
        items = self.items.shallow(depth - 1) if self.items is not None else None
        parts = None
        if self.parts is not None:
            parts = tuple(part.shallow(depth - 1) for part in self.parts)
        return Value(self.consts, self.kinds, items, parts, self.open)

    @property
    def settled(self) -> bool:
        """Whether this is one or more known constants and nothing else."""
        bare = self.items is None and self.parts is None
        return bool(self.consts) and not self.kinds and not self.open and bare

    @property
    def elements(self) -> "Value":
        """What iterating or indexing gives."""
        found = union((*(self.parts or ()), self.items or NOTHING))
        texts = any(const[0] in ("str", "bytes", "dict") for const in self.consts)
        return found | ANY if self.open or self.kinds or texts else found


NOTHING = Value()
ANY = Value(open=True)
CODE = ("function", "class", "bound", "dict")


def constant(value: object) -> Value:
    """The value that is exactly one constant."""
    if isinstance(value, tuple):
        return Value(parts=tuple(constant(part) for part in value))
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return Value(frozenset({(type(value).__name__, value)}))
    return ANY


def code(kind: str, what: object) -> Value:
    """A function, a class, a bound method or a dictionary display of the program."""
    return Value(frozenset({(kind, what)}))


def union(values: Iterable[Value]) -> Value:
    """Any of some values."""
    result = NOTHING
    for value in values:
        result = result | value
    return result


def truth(value: Value, always: Callable[[str], bool]) -> bool | None:
    """Whether a value is true, where all that it can be agree; `always` speaks for a class."""
    answers = {bool(c) if kind not in CODE else _code_truth(kind, c) for kind, c in value.consts}
    answers |= {True if always(kind) else None for kind in value.kinds}
    if value.parts is not None:
        answers.add(bool(value.parts))
    if value.items is not None or value.open:
        answers.add(None)
    return answers.pop() if len(answers) == 1 else None


def compared(op: ast.cmpop, left: Value, right: Value) -> Value:
    """`left op right`."""
    if isinstance(op, ast.In | ast.NotIn):
        return _contained(left, right, isinstance(op, ast.In))
    if isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
        apart = _apart(left, right) or _apart(right, left)
        if apart:
            return constant(isinstance(op, ast.IsNot | ast.NotEq))
    return _each(_COMPARE[type(op)], left, right)


def computed(op: ast.operator, left: Value, right: Value) -> Value:
    """`left op right`."""
    if isinstance(op, ast.Add) and (left.items or left.parts) and (right.items or right.parts):
        return Value(items=left.elements | right.elements)
    if isinstance(op, ast.BitOr) and any(kind == "class" for kind, _ in left.consts):
        return ANY
    function = _BINARY.get(type(op))
    return _each(function, left, right) if function else ANY


def applied(function: Callable[..., Any], *arguments: Value) -> Value:
    """A pure function of constants."""
    return _each(function, *arguments)


def _joined(left: Value | None, right: Value | None) -> Value | None:
    if left is None or right is None:
        return right if left is None else left
    return left | right


def _code_truth(kind: str, what: Any) -> bool | None:
    return bool(what.keys) or None if kind == "dict" else True


def _apart(left: Value, right: Value) -> bool:
    """Whether one is None and the other surely is not."""
    nothing = left.settled and all(kind == "NoneType" for kind, _ in left.consts)
    return (
        nothing
        and not right.open
        and right != NOTHING
        and not any(kind == "NoneType" for kind, _ in right.consts)
    )


def _contained(left: Value, right: Value, positive: bool) -> Value:
    keys: set[Const] | None = None
    bare = not (right.open or right.items or right.consts or right.kinds)
    if bare and all(part.settled and len(part.consts) == 1 for part in right.parts or ()):
        keys = {const for part in right.parts or () for const in part.consts}
    if keys is None or not left.settled:
        return ANY if NOTHING not in (left, right) else NOTHING
    return union(constant((const in keys) is positive) for const in left.consts)


def _each(function: Callable[..., Any], *arguments: Value) -> Value:
    if any(argument == NOTHING for argument in arguments):
        return NOTHING
    choices = [[c for kind, c in a.consts if kind not in CODE] for a in arguments]
    if not all(argument.settled for argument in arguments) or not all(choices):
        return ANY
    results = []
    for combination in product(*choices):
        try:
            results.append(constant(function(*combination)))
        except (ArithmeticError, TypeError, ValueError, LookupError):
            return ANY
    return union(results)


def _power(base: Any, exponent: Any) -> Any:
    if abs(exponent) > 64:
        raise ValueError("too large to compute here")
    return base**exponent


def _times(left: Any, right: Any) -> Any:
    if isinstance(left, str | bytes) or isinstance(right, str | bytes):
        raise ValueError("repeats a text")
    return left * right


def _modulo(left: Any, right: Any) -> Any:
    if isinstance(left, str | bytes):
        raise ValueError("formats a text")
    return left % right


_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: lambda a, b: a is b if a is None or b is None else a == b and type(a) is type(b),
    ast.IsNot: lambda a, b: a is not b if a is None or b is None else a != b,
}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _times,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: _modulo,
    ast.Pow: _power,
}
