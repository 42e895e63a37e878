"""How each expression behaves when a program is followed."""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from pgolf_check.program.events import CellKind
from pgolf_check.program.machine import Evaluate, Machine, derived, tagged
from pgolf_check.program.tails import drops_tail
from pgolf_check.program.values import (
    NONE,
    UNKNOWN,
    Frame,
    Function,
    Labels,
    Value,
    constant,
    entry,
    has,
    ids,
    merge,
    only,
    regions_of,
    without,
)

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_SMALL = 1 << 64
# What counting, measuring and typing a value reveals: nothing of its content.
SHAPE_ATTRIBUTES = frozenset(
    {"shape", "dtype", "device", "ndim", "size", "itemsize", "nbytes", "requires_grad", "is_cuda"}
)
_HASHING = (ast.BitXor, ast.Mod, ast.BitAnd, ast.LShift, ast.RShift)
LN2 = (math.log(2.0), math.log2(math.e))


def truth(value: Value) -> bool | None:
    """The truth of a condition, None if it is not known."""
    if value.known:
        return bool(value.const)
    if value.kind in ("function", "class", "instance", "module", "lib", "optimizer"):
        return True
    if value.kind == "later" and value.data is not None and value.data >= 0:
        return True
    return None


def _constant(m: Machine, node: ast.Constant) -> Value:
    const = node.value
    if isinstance(const, str):
        return Value(const, path_labels(const), text=const)
    if isinstance(const, float) and any(abs(const - ln2) < 1e-4 for ln2 in LN2):
        return Value(const, frozenset({("bits",)}))
    return Value(const)


_VALIDATION = re.compile(r"(?<![A-Za-z])val(?!ue)")


def path_labels(text: str) -> Labels:
    """What a string says of the data that it names."""
    if len(text) > 300 or not (".bin" in text or "fineweb" in text or "*" in text):
        return NONE
    if "val" not in text and "train" not in text:
        return NONE
    if "bytes" in text:
        return frozenset({("path", "bytes")})
    name = text.rsplit("/", 1)[-1]
    # The file name decides where it can; a folder of a dataset may mention anything.
    scope = name if ("val" in name or "train" in name) else text
    if _VALIDATION.search(scope):
        return frozenset({("path", "val")})
    return frozenset({("path", "train")}) if "train" in scope else NONE


def _name(m: Machine, node: ast.Name) -> Value:
    value = m.lookup(node.id)
    if value is not None:
        return value
    return Value(UNKNOWN, NONE, "lib", f"builtins.{node.id}")


def _attribute(m: Machine, node: ast.Attribute) -> Value:
    return m.attribute(m.eval(node.value), node.attr, node)


def _subscript(m: Machine, node: ast.Subscript) -> Value:
    base = m.eval(node.value)
    index = m.eval(node.slice)
    return element(m, base, index, node)


def element(m: Machine, base: Value, index: Value, node: ast.AST) -> Value:
    """`base[index]` for every kind of base."""
    if base.kind == "lib":
        return base  # a type parameter, or an environment handled by its own method
    if base.kind == "environ":
        return m.environment(index, None)
    key = m.read_all((index,))
    if base.kind in ("literal", "seq") and index.known and isinstance(index.const, int):
        items = base.data
        if base.kind == "literal" and -len(items) <= index.const < len(items):
            return tagged(items[index.const], base.labels)
    if base.kind == "dict" and index.known:
        found = entry(base.data, index.const)
        if found is not None:
            return found
    if base.kind in ("dict", "seq", "literal"):
        if index.kind == "slice" and base.kind != "dict":
            return _reslice(m, base, key)
        item = _any_element(m, base, key)
        if has(key, "val") and ("mask",) not in key:
            item = tagged(item, _read_under_key(m, base, item.full(), key, node))
        return item
    if base.known and index.known and base.kind == "":
        try:
            return Value(base.const[index.const], base.labels | index.labels)
        except (TypeError, IndexError, KeyError):
            return derived(base.labels | key)
    labels = m.select(m.read(base), key)
    if has(labels, "val"):
        labels = labels | {("slice", id(node))}
        if ("random",) in key and ("val", frozenset()) in m.read(base):
            labels = labels | {("drawn",)}
    elif index.kind == "slice" and has(labels, "stored"):
        labels = labels | {("cut",)}
    if ("mask",) in key:
        labels = labels | only(key, "val", "update", "choice", "unresolved", "match")
    elif has(key, "val"):
        labels = labels | _read_under_key(m, base, labels, key, node, _row_key(m, index, key))
    else:
        labels = labels | only(key, "update", "choice", "unresolved", "match")
    if ("val", frozenset()) in m.read(base):
        pass  # taking a window out of the stream is no cut within a window
    elif index.kind == "slice":
        labels = labels | index.labels & _CUTS
    elif index.kind == "literal":
        for part in index.data:
            if part.kind == "slice":
                labels = labels | part.labels & _CUTS
    labels = labels | only(key, "turn")
    out = Value(UNKNOWN, labels, "part" if base.kind else "", None, base.cells)
    if index.kind in ("slice", "literal") or not has(key, "val"):
        return out  # a view: writing to it writes to the base
    return derived(labels)


_CUTS = frozenset({("before",), ("from",)})


def _reslice(m: Machine, base: Value, key: Labels) -> Value:
    return Value(UNKNOWN, base.labels | only(key, "turn"), "seq", base.data, base.cells)


def _any_element(m: Machine, base: Value, key: Labels) -> Value:
    items = list(base.data.values() if base.kind == "dict" else base.data)
    turns = only(key, "turn")
    if not items:
        return Value(UNKNOWN, base.full() | turns, "", None, base.cells)
    out = items[0]
    for item in items[1:]:
        out = merge(out, item)
    labels = m.select(out.labels | base.labels, key) | turns
    return Value(UNKNOWN, labels, out.kind, out.data, out.cells | base.cells, out.text)


def _row_key(m: Machine, index: Value, key: Labels) -> Labels:
    """What picks the row: of `table[context, token]` the context alone."""
    return m.read(index.data[0]) if index.kind == "literal" and index.data else key


def _read_under_key(
    m: Machine, base: Value, labels: Labels, key: Labels, node: ast.AST, row: Labels | None = None
) -> Labels:
    """A read whose index is made of tokens: a count, a table row, or a token's likelihood."""
    out = only(key, "update", "choice", "unresolved")
    table = next((c for c in base.cells if c.kind is CellKind.TABLE), None)
    if table is None and ("hashed",) in key:
        table = next(iter(base.cells), None)  # counts that came with the model
    if table is not None:
        return out | m.lookup_read(node, key if row is None else row, table)
    if ("logp",) in labels:
        return out | only(m.loss(node, key, labels | key), "loss")
    if has(labels, "val"):
        return out | only(key, "val", "slice")
    if has(labels, "stored"):
        out = out | {("given",)}
    return out | {("bytes",)} | _token_facts(key)


def _token_facts(key: Labels) -> Labels:
    """A table over the vocabulary read at tokens still speaks of those tokens."""
    return only(key, "val", "slice")


def _slice(m: Machine, node: ast.Slice) -> Value:
    labels = NONE
    for part in (node.lower, node.upper, node.step):
        if part is not None:
            labels = labels | m.read(m.eval(part))
    lower, upper = node.lower, node.upper
    if upper is not None and _is_start(lower) and not _is_number(upper):
        labels = labels | {("before",)}
    elif lower is not None and not _is_start(lower) and not _is_number(lower):
        labels = labels | {("from",)}
    return Value(UNKNOWN, labels, "slice")


def _is_number(node: ast.expr) -> bool:
    operand = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(operand, ast.Constant)


def _is_start(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value == 0)


def _sequence(m: Machine, node: Any) -> Value:
    items: list[Value] = []
    for part in node.elts:
        if isinstance(part, ast.Starred):
            inner = m.eval(part.value)
            if inner.kind in ("literal", "seq"):
                items.extend(inner.data)
            else:
                items.append(inner)
        else:
            items.append(m.eval(part))
    if isinstance(node, ast.List) and not items:
        return Value(UNKNOWN, NONE, "seq", [])
    labels = NONE
    if isinstance(node, ast.Tuple) and all(item.known for item in items):
        return Value(tuple(item.const for item in items), m.read_all(items), "literal", items)
    return Value(UNKNOWN, labels, "literal", items)


def _dict(m: Machine, node: ast.Dict) -> Value:
    out: dict[Any, Value] = {}
    labels = NONE
    for key, item in zip(node.keys, node.values, strict=True):
        value = m.eval(item)
        if key is None:
            if value.kind == "dict":
                out.update(value.data)
            else:
                labels = labels | m.read(value)
            continue
        name = m.eval(key)
        try:
            out[name.const if name.known else ("*", len(out) % 8)] = value
        except TypeError:
            labels = labels | m.read(value)
    return Value(UNKNOWN, labels, "dict", out, frozenset({m.new_cell(CellKind.BUFFER)}))


def _set(m: Machine, node: ast.Set) -> Value:
    return Value(UNKNOWN, m.read_all([m.eval(part) for part in node.elts]), "seq", [])


def _binary(m: Machine, node: ast.BinOp) -> Value:
    # Long chains lean left; follow them without recursion.
    chain = [node]
    while isinstance(chain[-1].left, ast.BinOp):
        chain.append(chain[-1].left)
    value = m.eval(chain[-1].left)
    for link in reversed(chain):
        value = binary(m, link.op, value, m.eval(link.right), link)
    return value


def binary(m: Machine, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
    """An arithmetic operation."""
    if left.known and right.known:
        const = _fold(op, left.const, right.const)
        if const is not UNKNOWN:
            labels = left.labels | right.labels
            if isinstance(const, str):
                labels = labels | path_labels(const)
            return Value(const, labels, text=const if isinstance(const, str) else "")
    if (
        isinstance(op, ast.Add)
        and left.kind in ("seq", "literal")
        and right.kind
        in (
            "seq",
            "literal",
        )
    ):
        return Value(UNKNOWN, left.labels | right.labels, "seq", [*left.data, *right.data][:64])
    if isinstance(op, ast.Mult) and left.kind in ("seq", "literal"):
        return Value(UNKNOWN, left.labels, "seq", list(left.data))
    one, other = m.read_all((left,)), m.read_all((right,))
    labels = one | other if one and other else one or other
    if not labels:
        return Value(text=left.text or right.text)
    if isinstance(op, _HASHING) and has(labels, "val"):
        labels = labels | {("hashed",)}
    elif isinstance(op, ast.Div):
        if has(one, "loss") and ("bytes",) in other and has(other, "val"):
            labels = labels | {("share",)}
        if has(one, "lookup") and has(other, "lookup"):
            labels = labels | {("ratio",)}
            if ("smoothed",) in one:
                labels = labels | {("dirichlet",)}
            m.trace.ratios.update(product(ids(one, "lookup"), ids(other, "lookup")))
        if ("given",) in other and not has(other, "loss"):
            labels = labels | {("by_given",)}
        if has(one, "loss") and right.known and isinstance(right.const, float):
            labels = labels | m.divisor(node, right.const / (LN2[0] if has(other, "bits") else 1.0))
    elif isinstance(op, ast.Add) and has(one, "lookup") is not has(other, "lookup"):
        if has(one, "loss") or has(other, "loss"):
            labels = labels | {("smoothed",)}
    elif isinstance(op, ast.Pow) and has(one, "loss") and ("bytes",) in other:
        labels = labels | {("shares",)}  # a root of a probability, one for each byte
    elif isinstance(op, ast.Mult) and ("logp",) in one and ("logp",) in other:
        labels = without(labels, "logp") | {("entropy",)}
    return Value(UNKNOWN, labels, text=left.text or right.text)


def _fold(op: ast.operator, left: Any, right: Any) -> Any:
    function = _OPERATORS.get(type(op))
    small = (int, float, str, bool, bytes)
    if function is None:
        if isinstance(op, ast.Pow) and isinstance(left, int | float):
            if isinstance(right, int | float) and abs(right) <= 64 and abs(left) <= 1 << 20:
                return _guarded(operator.pow, left, right)
        elif isinstance(op, ast.LShift) and isinstance(left, int) and isinstance(right, int):
            return left << right if 0 <= right <= 64 and abs(left) < _SMALL else UNKNOWN
        return UNKNOWN
    if not isinstance(left, small) or not isinstance(right, small):
        return UNKNOWN
    if isinstance(op, ast.Mult | ast.Mod) and (
        isinstance(left, str | bytes) or isinstance(right, str | bytes)
    ):
        return UNKNOWN
    if any(isinstance(number, int) and abs(number) > _SMALL for number in (left, right)):
        return UNKNOWN
    if isinstance(left, str | bytes) and len(left) > 10_000:
        return UNKNOWN
    return _guarded(function, left, right)


def _guarded(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    try:
        return function(left, right)
    except (TypeError, ValueError, ArithmeticError):
        return UNKNOWN


def _unary(m: Machine, node: ast.UnaryOp) -> Value:
    value = m.eval(node.operand)
    if isinstance(node.op, ast.Not):
        known = truth(value)
        return Value(UNKNOWN if known is None else not known, only(value.labels, "choice"))
    if value.known and isinstance(value.const, int | float):
        if isinstance(node.op, ast.USub):
            return Value(-value.const, value.labels)
        if isinstance(node.op, ast.UAdd):
            return value
    return derived(m.read_all((value,)))


def _boolean(m: Machine, node: ast.BoolOp) -> Value:
    conjunction = isinstance(node.op, ast.And)
    out: Value | None = None
    unknown = False
    for part in node.values:
        value = m.eval(part)
        known = truth(value)
        if known is not None and known is not conjunction:
            return (
                value
                if not unknown
                else (constant(known) if conjunction else merge(out or value, value))
            )
        unknown = unknown or known is None
        if known is None or out is None or not conjunction:
            out = value if out is None else merge(out, value)
        elif not unknown:
            out = value
    if out is None:
        return Value()
    return out if not unknown else Value(UNKNOWN, out.labels, out.kind, out.data, out.cells)


def _compare(m: Machine, node: ast.Compare) -> Value:
    left = m.eval(node.left)
    rights = [m.eval(part) for part in node.comparators]
    if len(rights) == 1:
        const = _compare_known(m, node.ops[0], left, rights[0])
        if const is not None:
            return Value(const)
    if len(rights) == 1:
        _clock(m, left, rights[0])
    one = m.read(left)
    other = m.read_all(rights)
    labels = one | other
    if not labels:
        return Value()
    ordering = isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE)
    if ordering and m.rivals(one, other):
        labels = labels | m.choice(node, labels)
    elif not ordering:
        labels = labels | token_match(m, node, one, other)
    if has(labels, "val") or ("train",) in labels:
        labels = labels | {("mask",)}
    return derived(labels)


_MINUTES = 300.0, 3_600.0  # limits in seconds; a thousand times that in milliseconds


def _clock(m: Machine, left: Value, right: Value) -> None:
    """Remember a limit that something unknown, such as a clock, is compared with."""
    limit = right.const if right.known else left.const
    if isinstance(limit, bool) or not isinstance(limit, int | float):
        return
    if _MINUTES[0] <= limit <= _MINUTES[1]:
        m.clock_limits.add(limit * 1e3)
    elif _MINUTES[0] * 1e3 <= limit <= _MINUTES[1] * 1e3:
        m.clock_limits.add(float(limit))


def token_match(m: Machine, node: ast.AST, one: Labels, other: Labels) -> Labels:
    """Scored tokens against tokens that came with the model, position by position."""
    for tokens, kept in ((one, other), (other, one)):
        if has(tokens, "val") and _runs_along(kept, tokens):
            return m.match(node, "tokens stored with the model")
    return NONE


def _runs_along(kept: Labels, tokens: Labels) -> bool:
    """Whether stored content is cut to the very positions at which tokens are looked at."""
    if has(kept, "val") or not has(kept, "stored"):
        return False
    turns = frozenset((label[1], label[2]) for label in kept if label[0] == "turn")
    regions = regions_of(tokens)
    return has(kept, "cut") if frozenset() in regions else any(turns & own for own in regions)


def _compare_later(op: ast.cmpop, start: int, right: Any) -> bool | None:
    """A counter past its first turn, compared with a number."""
    if not isinstance(right, int | float) or right > start:
        return None
    if isinstance(op, ast.Eq | ast.Lt | ast.LtE):
        return False
    return True if isinstance(op, ast.NotEq | ast.Gt | ast.GtE) else None


def _compare_known(m: Machine, op: ast.cmpop, left: Value, right: Value) -> bool | None:
    if left.kind == "later" and left.data is not None and right.known:
        return _compare_later(op, left.data, right.const)
    if isinstance(op, ast.Is | ast.IsNot):
        if right.known and right.const is None:
            if left.known:
                return (left.const is None) is isinstance(op, ast.Is)
            if left.kind != "maybe" and (left.kind or left.cells):
                return isinstance(op, ast.IsNot)
        return None
    if isinstance(op, ast.In | ast.NotIn):
        if left.known and right.known and isinstance(right.const, str | tuple):
            try:
                return (left.const in right.const) is isinstance(op, ast.In)
            except TypeError:
                return None
        if left.known and right.kind in ("literal",) and all(item.known for item in right.data):
            inside = any(item.const == left.const for item in right.data)
            return inside is isinstance(op, ast.In)
        if right.kind == "environ" and left.known:
            found = m.settings.values(str(left.const)) or left.const in m.fixed_environment
            return bool(found) is isinstance(op, ast.In) if found else None
        return None
    if left.known and right.known:
        try:
            return bool(_COMPARISONS[type(op)](left.const, right.const))
        except (TypeError, KeyError):
            return None
    return None


def _if_expression(m: Machine, node: ast.IfExp) -> Value:
    condition = m.eval(node.test)
    known = truth(condition)
    if known is not None:
        return m.eval(node.body if known else node.orelse)
    value = merge(m.eval(node.body), m.eval(node.orelse))
    return tagged(value, only(condition.labels, "choice", "match"))


def _joined(m: Machine, node: ast.JoinedStr) -> Value:
    parts: list[str] = []
    labels = NONE
    known = True
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
            continue
        if isinstance(part, ast.FormattedValue):
            value = m.eval(part.value)
            labels = labels | m.read_all((value,))
            if value.known and part.format_spec is None and not isinstance(value.const, float):
                parts.append(str(value.const))
            else:
                known = False
                parts.append("\0")
    text = "".join(parts)
    labels = labels | path_labels(text.replace("\0", "*"))
    return Value(text if known else UNKNOWN, labels, text=text)


def _lambda(m: Machine, node: ast.Lambda) -> Value:
    return Value(UNKNOWN, NONE, "function", Function(node, m.frame, "<lambda>"))


def _comprehension(m: Machine, node: Any) -> Value:
    frame = Frame({}, m.frame, m.frame.module)
    m.frame = frame
    entered: list[int] = []
    filtered: Labels = NONE  # turns that decide which elements stay
    try:
        for generator in node.generators:
            iterable = m.eval(generator.iter)
            if drops_tail(generator):
                m.dropped_tail(node)
            serial = m.next_loop()
            first, _later, count = iterate(m, iterable, serial)
            if count == 0:
                return Value(UNKNOWN, NONE, "seq", [])
            entered.append(serial)
            m.active.add(serial)
            m.loops.append((serial, 0))
            if count != 1 and first.known:
                first = Value(UNKNOWN, first.labels, first.kind, first.data, first.cells)
            assign_target(m, generator.target, first)
            for condition in generator.ifs:
                filtered = filtered | only(m.eval(condition).labels, "turn")
        if isinstance(node, ast.DictComp):
            key, value = m.eval(node.key), m.eval(node.value)
            return Value(
                UNKNOWN,
                m.read(key),
                "dict",
                {("*", 0): value},
                frozenset({m.new_cell(CellKind.BUFFER)}),
            )
        item = m.eval(node.elt)
        if filtered:
            labels = m.select(item.labels, filtered) | filtered
            item = Value(UNKNOWN, labels, item.kind, item.data, item.cells, item.text)
        return Value(UNKNOWN, NONE, "seq", [item])
    finally:
        m.frame = frame.parent or frame
        for serial in entered:
            m.active.discard(serial)
            m.loops.pop()


def iterate(m: Machine, iterable: Value, serial: int) -> tuple[Value, Value, int | None]:
    """What a loop variable is in the first and in a later turn, and how many turns if known."""
    now, later = frozenset({("turn", serial, 0)}), frozenset({("turn", serial, 1)})
    m.active.add(serial)
    try:
        if iterable.kind == "range":
            start, count = iterable.data
            first = Value(start if start is not None else UNKNOWN, iterable.labels | now)
            return first, Value(UNKNOWN, iterable.labels | later, "later", start), count
        if iterable.kind == "zip":
            ones, twos, count = [], [], None
            for part in iterable.data:
                one, two, number = iterate(m, part, serial)
                m.active.add(serial)
                ones.append(one)
                twos.append(two)
                count = number if number is not None else count
            return (
                Value(UNKNOWN, NONE, "literal", ones),
                Value(UNKNOWN, NONE, "literal", twos),
                count,
            )
        if iterable.kind in ("seq", "literal", "dict"):
            items = list(iterable.data.values() if iterable.kind == "dict" else iterable.data)
            if iterable.kind == "dict":
                items = [Value(UNKNOWN, iterable.labels)]
            if not items and iterable.kind == "literal":
                return Value(), Value(), 0
            item = _any_element(m, Value(UNKNOWN, iterable.full(), "seq", items), NONE)
            return _turned(m, item, now), _turned(m, item, later), None
        item = Value(
            UNKNOWN,
            iterable.full(),
            "weights" if iterable.kind == "weights" else "",
            None,
            iterable.cells,
        )
        return _turned(m, item, now), _turned(m, item, later), None
    finally:
        m.active.discard(serial)


def _turned(m: Machine, item: Value, turn: Labels) -> Value:
    if item.kind == "literal":
        parts = [_turned(m, part, turn) for part in item.data]
        return Value(UNKNOWN, item.labels | turn, "literal", parts, item.cells)
    m_active = {label[1] for label in turn}
    added = m_active - m.active
    m.active |= added
    try:
        labels = m.select(item.labels, turn) | turn
    finally:
        m.active -= added
    return Value(UNKNOWN, labels, item.kind, item.data, item.cells, item.text)


def _named(m: Machine, node: ast.NamedExpr) -> Value:
    value = m.eval(node.value)
    m.assign(node.target.id, value)
    return value


def _yield(m: Machine, node: ast.Yield) -> Value:
    value = m.eval(node.value) if node.value else constant(None)
    frame = m.frame
    frame.yielded = value if frame.yielded is None else merge(frame.yielded, value)
    return Value()


def _yield_from(m: Machine, node: ast.YieldFrom) -> Value:
    inner = m.eval(node.value)
    first, _later, _count = iterate(m, inner, m.next_loop())
    frame = m.frame
    frame.yielded = first if frame.yielded is None else merge(frame.yielded, first)
    return Value()


def _starred(m: Machine, node: ast.Starred) -> Value:
    return m.eval(node.value)


def _await(m: Machine, node: ast.Await) -> Value:
    return m.eval(node.value)


def assign_target(m: Machine, target: ast.expr, value: Value) -> None:
    """Bind a value to a name, a pattern, an attribute or an element."""
    if isinstance(target, ast.Name):
        m.assign(target.id, value)
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(m, target.elts, value)
    elif isinstance(target, ast.Attribute):
        m.set_attribute(m.eval(target.value), target.attr, value, target)
    elif isinstance(target, ast.Subscript):
        m.write_element(m.eval(target.value), m.eval(target.slice), value, target)
    elif isinstance(target, ast.Starred):
        assign_target(m, target.value, value)


def _unpack(m: Machine, targets: list[ast.expr], value: Value) -> None:
    plain = not any(isinstance(target, ast.Starred) for target in targets)
    if value.kind == "literal" and plain and len(value.data) == len(targets):
        for target, item in zip(targets, value.data, strict=True):
            assign_target(m, target, tagged(item, value.labels))
        return
    if value.kind in ("seq", "literal") and value.data:
        item = _any_element(m, value, NONE)
    elif value.known and isinstance(value.const, tuple) and len(value.const) == len(targets):
        for target, const in zip(targets, value.const, strict=True):
            assign_target(m, target, Value(const, value.labels))
        return
    else:
        item = Value(UNKNOWN, value.labels, "", None, value.cells)
    for target in targets:
        assign_target(m, target, item)


EXPRESSIONS: Mapping[type[ast.expr], Evaluate] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _if_expression,
    ast.JoinedStr: _joined,
    ast.Lambda: _lambda,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.NamedExpr: _named,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.Starred: _starred,
    ast.Await: _await,
}
