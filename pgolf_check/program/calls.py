"""What happens when something is called, an attribute is read or set."""

import ast
from typing import Any

from pgolf_check.program.events import CellKind, UpdateKind
from pgolf_check.program.expressions import SHAPE_ATTRIBUTES
from pgolf_check.program.library import call_library
from pgolf_check.program.machine import MAX_DEPTH, Machine, derived
from pgolf_check.program.methods import call_method
from pgolf_check.program.neural import method_facts
from pgolf_check.program.values import (
    NONE,
    UNKNOWN,
    Cell,
    Class,
    Frame,
    Function,
    Instance,
    Labels,
    Value,
    constant,
    has,
    merge,
    only,
    without,
)

Arguments = list[Value]
Keywords = dict[str, Value]


def eval_call(m: Machine, node: ast.Call) -> Value:
    """A call expression."""
    func = node.func
    receiver: Value | None = None
    if isinstance(func, ast.Attribute):
        receiver = m.eval(func.value)
        callee = m.attribute(receiver, func.attr, func)
    else:
        callee = m.eval(func)
    arguments: Arguments = []
    for part in node.args:
        value = m.eval(part.value if isinstance(part, ast.Starred) else part)
        if isinstance(part, ast.Starred) and value.kind == "literal":
            arguments.extend(value.data)
        else:
            arguments.append(value)
    keywords: Keywords = {}
    for keyword in node.keywords:
        value = m.eval(keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif value.kind == "dict":
            keywords.update({k: v for k, v in value.data.items() if isinstance(k, str)})
        else:
            keywords["**"] = value
    if callee.kind == "lib" and callee.data == "builtins.super" and not arguments:
        return _super(m)
    followable = callee.kind in _FOLLOWED
    if receiver is not None and not followable and isinstance(func, ast.Attribute):
        return call_method(m, receiver, func.attr, arguments, keywords, node)
    return call(m, callee, arguments, keywords, node)


_FOLLOWED = frozenset(
    {"function", "bound", "class", "lib", "partial", "instance", "gradient", "native", "identity"}
)


def call(m: Machine, callee: Value, args: Arguments, kwargs: Keywords, node: ast.AST) -> Value:
    """Call a value."""
    match callee.kind:
        case "function":
            return follow(m, callee.data, args, kwargs, node)
        case "bound":
            function, owner = callee.data
            if owner.kind == "instance" and owner.data.cls.is_neural:
                return _neural_method(m, owner, function, args, kwargs, node)
            return follow(m, function, [owner, *args], kwargs, node)
        case "class":
            return instantiate(m, callee.data, args, kwargs, node)
        case "partial":
            function, first, named = callee.data
            return call(m, function, [*first, *args], {**named, **kwargs}, node)
        case "lib":
            return call_library(m, callee, args, kwargs, node)
        case "identity":
            return args[0] if args else callee
        case "gradient":
            result = call(m, callee.data, args, kwargs, node)
            learnt = m.update(UpdateKind.GRADIENT, None, m.contents(result), node)
            return derived(learnt)
        case "instance":
            return _call_instance(m, callee, args, kwargs, node)
        case "native":
            return _native(m, callee, args, kwargs, node)
    return unknown_call(m, callee, args, kwargs, node)


def unknown_call(
    m: Machine, callee: Value, args: Arguments, kwargs: Keywords, node: ast.AST
) -> Value:
    """Call something that cannot be followed; what it touches is unresolved from then on."""
    everything = [*args, *kwargs.values()]
    labels = m.read_all(everything) | m.read(callee)
    if any(cell.kind is CellKind.MODULE for cell in callee.cells) or callee.kind == "part":
        m.data_run(node, labels, learns=not m.no_grad)
        return derived(labels)
    holds_state = any(
        cell.kind in (CellKind.MODULE, CellKind.PARAMETER)
        for value in everything
        for cell in m.deep_cells(value)
    )
    if has(labels, "val") or holds_state:
        name = ast.unparse(node.func)[:60] if isinstance(node, ast.Call) else "a call"
        labels = labels | m.unresolved(node, name, touches_state=holds_state)
        if holds_state and has(labels, "val"):
            for value in everything:
                for cell in m.deep_cells(value):
                    cell.labels = cell.labels | only(labels, "unresolved")
    for value in everything:
        if value.kind == "function" and value.data.node not in m.calls:
            labels = labels | m.contents(call(m, value, [derived(labels)], {}, node))
    return derived(labels)


def _native(m: Machine, callee: Value, args: Arguments, kwargs: Keywords, node: ast.AST) -> Value:
    """Compiled code may write anything it is given."""
    everything = [*args, *kwargs.values()]
    labels = m.read_all(everything) | callee.labels
    if has(labels, "val"):
        labels = labels | m.unresolved(node, "compiled code", touches_state=False)
        for value in everything:
            for cell in m.deep_cells(value):
                cell.labels = cell.labels | labels
    return derived(labels)


def follow(
    m: Machine, function: Function, args: Arguments, kwargs: Keywords, node: ast.AST
) -> Value:
    """Walk through a function of the submission with these arguments."""
    body = function.node
    if len(m.calls) > MAX_DEPTH or m.calls.count(body) > 1:
        return derived(m.read_all([*args, *kwargs.values()]))
    frame = Frame({}, function.scope, function.scope.module)
    _bind(m, function, frame, args, kwargs)
    outer = m.frame
    m.frame = frame
    m.calls.append(body)
    silent = function.binding == "no_grad"
    m.no_grad += silent
    try:
        if isinstance(body, ast.Lambda):
            return m.eval(body.body)
        m.run(body.body)
    finally:
        m.no_grad -= silent
        m.calls.pop()
        m.frame = outer
    if frame.yielded is not None:
        return Value(UNKNOWN, NONE, "seq", [frame.yielded])
    return frame.returned if frame.returned is not None else constant(None)


def _bind(m: Machine, function: Function, frame: Frame, args: Arguments, kwargs: Keywords) -> None:
    spec = function.node.args
    names = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
    bound = frame.names
    for name, value in zip(names, args, strict=False):
        bound[name] = value
    if spec.vararg is not None:
        bound[spec.vararg.arg] = Value(UNKNOWN, NONE, "literal", args[len(names) :])
    rest: dict[Any, Value] = {}
    keyword_only = {argument.arg for argument in spec.kwonlyargs}
    for name, value in kwargs.items():
        if name in names or name in keyword_only:
            bound[name] = value
        else:
            rest[name] = value
    if spec.kwarg is not None:
        bound[spec.kwarg.arg] = Value(UNKNOWN, NONE, "dict", rest)
    for name in (*names, *keyword_only):
        if name not in bound:
            default = function.defaults.get(name)
            bound[name] = default if default is not None else derived(NONE)
    if function.owner is not None:
        bound["__class__"] = Value(UNKNOWN, NONE, "class", function.owner)
    if isinstance(function.node, ast.Lambda):
        for argument, default_node in zip(
            reversed(spec.args), reversed(spec.defaults), strict=False
        ):
            if len(args) <= names.index(argument.arg) and argument.arg not in kwargs:
                bound[argument.arg] = m.eval(default_node)


def _super(m: Machine) -> Value:
    owner = m.lookup("__class__")
    frame = m.frame
    self_value = next(iter(frame.names.values()), None)
    if owner is None or self_value is None or owner.kind != "class":
        return derived(NONE)
    return Value(UNKNOWN, NONE, "super", (self_value, owner.data))


def instantiate(m: Machine, cls: Class, args: Arguments, kwargs: Keywords, node: ast.AST) -> Value:
    """Make an object of a class of the submission."""
    everything = [*args, *kwargs.values()]
    if cls.is_optimizer:
        cells: frozenset[Cell] = frozenset().union(*(m.deep_cells(v) for v in everything))
        return Value(UNKNOWN, NONE, "optimizer", None, cells)
    instance = Instance(cls)
    if cls.is_neural:
        cell = m.new_cell(CellKind.MODULE)
        instance.uses = frozenset().union(*(m.deep_cells(v) for v in everything))
        return Value(UNKNOWN, NONE, "instance", instance, frozenset({cell}))
    value = Value(UNKNOWN, NONE, "instance", instance)
    initializer = cls.find("__init__")
    if initializer is not None and initializer.kind == "function":
        follow(m, initializer.data, [value, *args], kwargs, node)
    else:
        fields = [
            part.target.id
            for part in cls.node.body
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
        ]
        instance.attributes.update(zip(fields, args, strict=False))
        instance.attributes.update(kwargs)
        after = cls.find("__post_init__")
        if after is not None and after.kind == "function":
            follow(m, after.data, [value], {}, node)
    return value


def _call_instance(
    m: Machine, callee: Value, args: Arguments, kwargs: Keywords, node: ast.AST
) -> Value:
    instance: Instance | None = callee.data
    if instance is None:
        return unknown_call(m, callee, args, kwargs, node)
    if instance.cls.is_neural:
        return network(m, callee, "forward", args, kwargs, node)
    method = instance.cls.find("__call__")
    if method is not None and method.kind == "function":
        return follow(m, method.data, [callee, *args], kwargs, node)
    return unknown_call(m, callee, args, kwargs, node)


def _neural_method(
    m: Machine,
    owner: Value,
    function: Function,
    args: Arguments,
    kwargs: Keywords,
    node: ast.AST,
) -> Value:
    cls: Class = owner.data.cls
    facts = method_facts(cls, function.name)
    if facts.is_network or facts.has_loss:
        return network(m, owner, function.name, args, kwargs, node)
    if facts.resets and not has(m.read_all([*args, *kwargs.values()]), "val"):
        for cell in owner.cells:
            if m.certain(cell.mark):
                cell.labels = NONE
            cell.renewed = cell.renewed or bool(m.loops)
        return constant(None)
    if function.binding == "static":
        return follow(m, function, args, kwargs, node)
    return follow(m, function, [owner, *args], kwargs, node)


def network(
    m: Machine, owner: Value, method: str, args: Arguments, kwargs: Keywords, node: ast.AST
) -> Value:
    """Run a network: outputs depend on inputs and weights; some methods return losses."""
    everything = [*args, *kwargs.values()]
    instance: Instance = owner.data
    used = Value(UNKNOWN, NONE, "", None, instance.uses)
    labels = m.read_all(everything) | m.read(owner) | m.read(used)
    if m.no_grad:
        labels = without(labels, "cell")
    m.data_run(node, labels, learns=not m.no_grad)
    for cell, hook in list(m.hooks):
        if cell in owner.cells or cell in instance.uses:
            inputs = Value(UNKNOWN, NONE, "literal", args)
            call(m, hook, [owner, inputs, derived(labels)], {}, node)
    token_arguments = [
        value for value in everything if has(m.contents(value), "val") or value.labels & _TRAIN
    ]
    facts = method_facts(instance.cls, method)
    if facts.has_loss and len(token_arguments) >= 2:
        targets = m.read(token_arguments[1])
        labels = m.loss(node, targets, labels)
    return derived(labels)


_TRAIN: Labels = frozenset({("train",)})


def attribute(m: Machine, base: Value, name: str, node: ast.AST) -> Value:
    """`base.name` for every kind of base."""
    match base.kind:
        case "lib":
            dotted = f"{base.data}.{name}"
            if dotted == "os.environ":
                return Value(UNKNOWN, NONE, "environ")
            return Value(UNKNOWN, base.labels, "lib", dotted)
        case "module":
            return base.data.frame.names.get(name) or derived(NONE)
        case "instance" if base.data is not None:
            return _instance_attribute(m, base, name, node)
        case "class":
            member: Value | None = base.data.find(name)
            if member is not None and member.kind == "function" and member.data.binding == "class":
                return Value(UNKNOWN, NONE, "bound", (member.data, base))
            return member or derived(NONE)
        case "super":
            owner, cls = base.data
            for parent in cls.bases:
                found = parent.data.find(name) if parent.kind == "class" else None
                if found is not None and found.kind == "function":
                    return Value(UNKNOWN, NONE, "bound", (found.data, owner))
            return Value(UNKNOWN, NONE, "identity")
        case "native":
            return base
        case "namespace":
            found = base.data.get(name)
            return found if found is not None else derived(NONE)
    if name in SHAPE_ATTRIBUTES:
        return derived(only(base.labels, "turn"))
    if name == "grad":
        return _gradient(m, base, node)
    if name in ("data", "T", "mT", "real", "mH", "H", "flat"):
        return base
    return Value(UNKNOWN, base.labels, "part", None, base.cells)


def _gradient(m: Machine, base: Value, node: ast.AST) -> Value:
    labels: Labels = NONE
    for cell in base.cells:
        if cell.grad:
            labels = labels | m.update(UpdateKind.GRADIENT, cell, cell.grad, node, cell.learnt_at)
    return derived(labels)


def _instance_attribute(m: Machine, base: Value, name: str, node: ast.AST) -> Value:
    instance: Instance = base.data
    own = instance.attributes.get(name)
    if own is not None:
        return own
    found = instance.cls.find(name)
    if found is not None:
        if found.kind == "function":
            function: Function = found.data
            if function.binding == "property":
                return follow(m, function, [base], {}, node)
            if function.binding == "static":
                return found
            return Value(UNKNOWN, NONE, "bound", (function, base))
        return found
    if name == "grad":
        return _gradient(m, base, node)
    return Value(UNKNOWN, base.labels, "part", None, base.cells)


def set_attribute(m: Machine, base: Value, name: str, value: Value, node: ast.AST) -> None:
    """`base.name = value`."""
    value = m.chosen(value)
    if name == "grad":
        for cell in base.cells:
            cell.grad = m.read(value)
        return
    if base.kind == "instance" and base.data is not None and name not in ("data", "requires_grad"):
        old = base.data.attributes.get(name)
        base.data.attributes[name] = merge(old, value) if old is not None and m.branches else value
        return
    if base.kind == "namespace":
        old = base.data.get(name)
        base.data[name] = merge(old, value) if old is not None and m.branches else value
        return
    if base.kind == "class":
        base.data.frame.names[name] = value
        return
    if base.kind == "module":
        base.data.frame.names[name] = value
        return
    if name == "requires_grad":
        m.call_method(base, "requires_grad_", [value], node)
        return
    labels = without(m.contents(value), "cell", "stored")
    if has(labels, "val"):
        labels = m.update(UpdateKind.LOAD, next(iter(base.cells), None), labels, node)
    for cell in base.cells:
        cell.labels = cell.labels | labels
