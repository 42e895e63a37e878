"""How each statement behaves when a program is followed."""

import ast
from collections.abc import Mapping
from typing import Any

from pgolf_check.program.events import CellKind, UpdateKind
from pgolf_check.program.expressions import assign_target, iterate, truth
from pgolf_check.program.machine import Execute, Machine, Signal, derived
from pgolf_check.program.neural import is_neural_base, is_optimizer_base
from pgolf_check.program.values import (
    NONE,
    UNKNOWN,
    Class,
    Frame,
    Function,
    Module,
    Value,
    constant,
    has,
    merge,
    only,
)


def _assign(m: Machine, node: ast.Assign) -> Signal:
    value = m.eval(node.value)
    for target in node.targets:
        assign_target(m, target, value)
    return ""


def _annotated(m: Machine, node: ast.AnnAssign) -> Signal:
    if node.value is not None:
        assign_target(m, node.target, m.eval(node.value))
    return ""


def _augmented(m: Machine, node: ast.AugAssign) -> Signal:
    value = m.eval(node.value)
    target = node.target
    if isinstance(target, ast.Subscript):
        # table[key] += n: read and write under the same key
        base, index = m.eval(target.value), m.eval(target.slice)
        write_element(m, base, index, value, target)
        return ""
    old = m.eval(target)
    labels = m.read_all((value,))
    if old.cells and not old.known:
        write_whole(m, old, labels, node)
        return ""
    combined = ast.BinOp(ast.Name("_", ast.Load()), node.op, ast.Name("_", ast.Load()))
    ast.copy_location(combined, node)
    result = m.binary(node.op, old, value, combined)
    if old.kind == "seq" and value.kind == "seq":
        result = Value(UNKNOWN, old.labels | value.labels, "seq", [*old.data, *value.data][:64])
    assign_target(m, target, result)
    return ""


def write_element(m: Machine, base: Value, index: Value, value: Value, node: ast.AST) -> None:
    """`base[index] = value` for every kind of base."""
    key, stored = m.read_all((index,)), m.read_all((value,))
    if any(label[0] == "turn" and label[1] in m.active for label in key):
        stored = m.settled(stored)
    if m.compared:
        stored = stored | m.compared
    if has(key, "loss") and has(stored, "loss") and has(base.full(), "loss"):
        # score[better] = other[better]: the mask came from comparing scores
        stored = stored | only(key, "choice")
    if base.kind == "dict" and index.known:
        try:
            old = base.data.get(index.const)
            base.data[index.const] = merge(old, value) if old is not None and m.branches else value
        except TypeError:
            pass
        if m.compared:
            base.labels = base.labels | m.compared
        return
    if base.kind in ("dict", "seq"):
        _store_in_container(m, base, value)
    labels = stored | only(key, "before", "from", "choice", "match", "unresolved")
    by_token = index.kind != "slice" and ("mask",) not in key and not has(key, "val")
    if by_token and ("train",) in key:
        labels = labels | m.fed(node)
    if ("mask",) in key:
        labels = labels | only(key, "val", "update")
    elif has(key, "val") and (base.cells or base.kind) and ("logp",) not in base.full():
        cell = next(iter(base.cells), None)
        if cell and cell.kind is CellKind.BUFFER:
            cell.kind = CellKind.TABLE
        labels = labels | m.update(UpdateKind.TABLE, cell, key | stored, node)
        labels = _known_by_update(labels)
    if not base.cells:
        base.labels = base.labels | labels
    for cell in base.cells:
        _learn(m, cell, labels, node)


def _known_by_update(labels: Any) -> Any:
    return frozenset(label for label in labels if label[0] not in ("val", "slice", "hashed"))


def _store_in_container(m: Machine, base: Value, value: Value) -> None:
    if base.kind == "seq":
        if not any(item is value for item in base.data):
            base.data.append(value)
    else:
        base.data[("*", len(base.data) % 8)] = value


def write_whole(m: Machine, value: Value, labels: Any, node: ast.AST) -> None:
    """`value += …` and other changes in place."""
    labels = labels | only(m.compared, "match")
    for cell in value.cells:
        _learn(m, cell, labels, node)


def _learn(m: Machine, cell: Any, labels: Any, node: ast.AST) -> None:
    """Memory takes labels in; trainable memory that takes in tokens has learnt."""
    if cell.kind in (CellKind.MODULE, CellKind.PARAMETER) and has(labels, "val"):
        labels = m.update(UpdateKind.INPLACE, cell, labels, node)
    if has(labels, "loss") and not has(cell.labels, "loss"):
        m.changes += 1  # a later turn may compare against what this one kept
    cell.labels = cell.labels | labels


def _expression(m: Machine, node: ast.Expr) -> Signal:
    if not isinstance(node.value, ast.Constant):
        m.eval(node.value)
    return ""


def _return(m: Machine, node: ast.Return) -> Signal:
    value = m.eval(node.value) if node.value is not None else constant(None)
    value = m.chosen(value)
    frame = m.frame
    frame.returned = value if frame.returned is None else merge(frame.returned, value)
    return "return"


def _if(m: Machine, node: ast.If) -> Signal:
    condition = m.eval(node.test)
    known = truth(condition)
    if known is False and m.witnessed(node.body):
        known = True
    if known is not None:
        return m.run(node.body if known else node.orelse)
    outer = m.compared
    m.compared = outer | only(condition.labels, "choice", "match")
    m.tests[id(node)] = node.test
    before, guard = m.branches, m.guard
    m.guard = guard | only(condition.labels, "turn")
    try:
        m.branches = (*before, (id(node), 1))
        then = m.run(node.body)
        m.branches = (*before, (id(node), 0))
        otherwise = m.run(node.orelse) if node.orelse else ""
    finally:
        m.branches = before
        m.guard = guard
        m.compared = outer
    if then and then == otherwise:
        return then
    if then or otherwise:
        m.compared = m.compared | only(condition.labels, "match")  # decides what the rest does
    return ""


def _with(m: Machine, node: ast.With) -> Signal:
    silent = 0
    for item in node.items:
        value = m.eval(item.context_expr)
        if value.kind == "no_grad":
            silent += 1
        if item.optional_vars is not None:
            assign_target(m, item.optional_vars, value)
    m.no_grad += silent
    try:
        return m.run(node.body)
    finally:
        m.no_grad -= silent


def _try(m: Machine, node: ast.Try) -> Signal:
    signal = m.run(node.body)
    before = m.branches
    try:
        for number, handler in enumerate(node.handlers):
            m.branches = (*before, (id(node), number))
            m.run(handler.body)
    finally:
        m.branches = before
    if not signal:
        signal = m.run(node.orelse)
    return m.run(node.finalbody) or signal


def _for(m: Machine, node: ast.For) -> Signal:
    iterable = m.eval(node.iter)
    return loop(m, node, iterable, node.target, node.body, node.orelse)


def loop(
    m: Machine,
    node: ast.AST,
    iterable: Value,
    target: ast.expr,
    body: list[ast.stmt],
    orelse: list[ast.stmt],
) -> Signal:
    """A `for` loop: literal sequences one by one, others for a first and a later turn."""
    items = _spelt_out(iterable)
    if items is not None and len(items) <= 8:
        for item in items:
            assign_target(m, target, item)
            signal = m.run(body)
            if signal == "break":
                return ""
            if signal == "return":
                return signal
        return m.run(orelse)
    serial = m.next_loop()
    first, later, count = iterate(m, iterable, serial)
    if count == 0:
        return m.run(orelse)
    carried = _carried(m, node, body)
    compared = m.compared
    m.active.add(serial)
    try:
        for turn in (0, 1):
            m.compared = compared
            element = first if turn == 0 else later
            m.loops.append((serial, turn))
            before = m.changes
            _loosen(m, carried, serial, turn)
            assign_target(m, target, element)
            signal = m.run(body)
            m.loops.pop()
            if signal in ("break", "return"):
                return "" if signal == "break" else signal
            if count == 1 or (m.changes == before and signal != "continue"):
                break  # a turn that was skipped says nothing of the others
    finally:
        m.active.discard(serial)
        m.compared = compared
    return m.run(orelse)


def _spelt_out(iterable: Value) -> list[Value] | None:
    """The items of a sequence that is written down."""
    if iterable.kind == "literal":
        return list(iterable.data)
    if iterable.known and isinstance(iterable.const, tuple):
        return [constant(item) for item in iterable.const]
    return None


def _while(m: Machine, node: ast.While) -> Signal:
    if truth(m.eval(node.test)) is False:
        return m.run(node.orelse)
    serial = m.next_loop()
    carried = _carried(m, node, node.body)
    compared = m.compared
    m.active.add(serial)
    try:
        for turn in (0, 1):
            m.compared = compared
            m.loops.append((serial, turn))
            before = m.changes
            _loosen(m, carried, serial, turn)
            m.eval(node.test)
            signal = m.run(node.body)
            m.loops.pop()
            if signal in ("break", "return"):
                return "" if signal == "break" else signal
            if m.changes == before:
                break
    finally:
        m.active.discard(serial)
        m.compared = compared
    return ""


def _carried(m: Machine, node: ast.AST, body: list[ast.stmt]) -> frozenset[str]:
    """Variables that exist before a loop and are assigned in it."""
    cached = m.assigned.get(id(node))
    if cached is None or cached[0] is not node:
        names = frozenset(
            inner.id
            for statement in body
            for inner in ast.walk(statement)
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
        )
        m.assigned[id(node)] = cached = (node, names)
    return frozenset(name for name in cached[1] if name in m.frame.names)


def _loosen(m: Machine, names: frozenset[str], serial: int, turn: int) -> None:
    """Variables that a loop changes lose their constants and depend on the turn."""
    mark = frozenset({("turn", serial, turn)})
    for name in names:
        value = m.frame.names[name]
        if value.kind in ("", "range") or value.known:
            if value.known and (value.const is None or isinstance(value.const, bool)):
                continue
            # A counter that has moved on picks another place than it did in the turn before.
            kept = frozenset(label for label in value.labels if label[:2] != ("turn", serial))
            m.frame.names[name] = Value(
                UNKNOWN, kept | mark, value.kind, value.data, value.cells, value.text
            )


def _function(m: Machine, node: ast.FunctionDef) -> Signal:
    m.frame.names[node.name] = decorated(m, node, m.frame, None)
    return ""


def decorated(m: Machine, node: Any, scope: Frame, owner: Class | None) -> Value:
    """A function as its decorators leave it."""
    function = Function(node, scope, node.name, owner)
    arguments = node.args
    for argument, default in zip(
        reversed([*arguments.posonlyargs, *arguments.args]),
        reversed(arguments.defaults),
        strict=False,
    ):
        function.defaults[argument.arg] = m.eval(default)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=False):
        if default is not None:
            function.defaults[argument.arg] = m.eval(default)
    value = Value(UNKNOWN, NONE, "function", function)
    for decorator in reversed(node.decorator_list):
        wrapper = m.eval(decorator)
        if wrapper.kind == "function":
            value = m.call(wrapper, [value], {}, decorator)
            if value.kind != "function":
                value = Value(UNKNOWN, value.labels, "function", function)
        elif wrapper.kind == "lib":
            last = wrapper.data.rsplit(".", 1)[-1]
            if last in ("staticmethod", "classmethod", "property", "cached_property"):
                function.binding = {"staticmethod": "static", "classmethod": "class"}.get(
                    last, "property"
                )
        elif wrapper.kind == "no_grad":
            function.binding = function.binding or "no_grad"
    return value


def _class(m: Machine, node: ast.ClassDef) -> Signal:
    bases = tuple(m.eval(base) for base in node.bases)
    neural = any(is_neural_base(base) for base in bases)
    frame = Frame({}, m.frame, m.frame.module)
    cls = Class(node, m.frame.module, bases, frame, neural, any(map(is_optimizer_base, bases)))
    m.frame.names[node.name] = Value(UNKNOWN, NONE, "class", cls)
    outer, m.frame = m.frame, frame
    try:
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                # Methods see the enclosing scope, not the class body.
                m.frame = outer
                value = decorated(m, statement, outer, cls)
                m.frame = frame
                frame.names[statement.name] = value
            else:
                m.run([statement])
    finally:
        m.frame = outer
    return ""


def _import(m: Machine, node: ast.Import) -> Signal:
    for alias in node.names:
        local = m.load_module(alias.name)
        if local is not None:
            value = Value(UNKNOWN, NONE, "module", local)
        else:
            dotted = alias.name if alias.asname else alias.name.split(".")[0]
            value = Value(UNKNOWN, NONE, "lib", dotted)
        m.frame.names[alias.asname or alias.name.split(".")[0]] = value
    return ""


def _import_from(m: Machine, node: ast.ImportFrom) -> Signal:
    name = node.module or ""
    local: Module | None = m.load_module(name)
    for alias in node.names:
        if local is not None:
            if alias.name == "*":
                m.frame.names.update(local.frame.names)
                continue
            value = local.frame.names.get(alias.name) or derived(NONE)
        else:
            inner = m.load_module(f"{name}.{alias.name}" if name else alias.name)
            value = (
                Value(UNKNOWN, NONE, "module", inner)
                if inner is not None
                else Value(UNKNOWN, NONE, "lib", f"{name}.{alias.name}")
            )
        m.frame.names[alias.asname or alias.name] = value
    return ""


def _global(m: Machine, node: ast.Global) -> Signal:
    m.frame.shared = m.frame.shared | set(node.names)
    return ""


def _nonlocal(m: Machine, node: ast.Nonlocal) -> Signal:
    m.frame.outer = m.frame.outer | set(node.names)
    return ""


def _delete(m: Machine, node: ast.Delete) -> Signal:
    for target in node.targets:
        if isinstance(target, ast.Name) and not m.branches:
            m.frame.names.pop(target.id, None)
    return ""


def _raise(m: Machine, node: ast.Raise) -> Signal:
    return "return"


def _match(m: Machine, node: ast.Match) -> Signal:
    m.eval(node.subject)
    before = m.branches
    try:
        for number, case in enumerate(node.cases):
            m.branches = (*before, (id(node), number))
            m.run(case.body)
    finally:
        m.branches = before
    return ""


STATEMENTS: Mapping[type[ast.stmt], Execute] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Expr: _expression,
    ast.Return: _return,
    ast.If: _if,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Delete: _delete,
    ast.Raise: _raise,
    ast.Match: _match,
    ast.Break: lambda _m, _n: "break",
    ast.Continue: lambda _m, _n: "continue",
}
