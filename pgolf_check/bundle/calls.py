"""Calls: who is called with what, and what comes back."""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pgolf_check.bundle.program import Function, decorators
from pgolf_check.bundle.values import ANY, NOTHING, Value, applied, code, constant, union
from pgolf_check.minify.scopes import parameters

if TYPE_CHECKING:
    from pgolf_check.bundle.follow import Follower

# Calls of the outside that give back what they are given.
_SAME = {
    "torch.compile",
    "copy.deepcopy",
    "copy.copy",
    "typing.cast",
    "torch.nn.parallel.DistributedDataParallel",
}
_SAME_METHODS = {"to", "cuda", "cpu", "eval", "train", "half", "float", "double", "bfloat16"}
_SAME_METHODS |= {"requires_grad_", "copy", "__enter__"}
_COLLECTIONS = {
    "list",
    "tuple",
    "set",
    "frozenset",
    "sorted",
    "reversed",
    "iter",
    "collections.deque",
    "torch.nn.ModuleList",
    "torch.nn.ParameterList",
    "torch.nn.Sequential",
}
_FILLERS = {"append", "appendleft", "add", "insert", "extend"}
_PURE: dict[str, Callable[..., Any]] = {
    "len": len,
    "int": int,
    "float": float,
    "bool": bool,
    "str": str,
    "abs": abs,
    "max": max,
    "min": min,
}
_TEXT_METHODS = {"startswith", "endswith", "removeprefix", "removesuffix", "lower", "upper"}
# What code outside calls on instances of our classes, besides `__call__`.
_CALLED_BACK = {
    "state_dict",
    "load_state_dict",
    "_load_from_state_dict",
    "_save_to_state_dict",
    "get_extra_state",
    "set_extra_state",
    "extra_repr",
    "reset_parameters",
    "_apply",
    "parameters",
    "named_parameters",
    "run",
}
_MADE = {"__init__", "__post_init__", "__call__", "__enter__", "__exit__"}


def call(f: "Follower", node: ast.Call) -> Value:
    """The value of a call, after everything it sets in motion."""
    if isinstance(node.func, ast.Attribute):
        special = _method_call(f, node, node.func)
        if special is not None:
            return special
    name = f.tables.dotted(node.func)
    if name:
        return _outside(f, node, name)
    callee = f.value(node.func)
    arguments = _positional(f, node)
    named = {k.arg: f.value(k.value) for k in node.keywords}
    return invoke(f, callee, arguments, named, node)


def invoke(
    f: "Follower",
    callee: Value,
    arguments: Sequence[Value],
    named: Mapping[str | None, Value],
    node: ast.Call | None,
) -> Value:
    """Call all that a value can be."""
    result = NOTHING
    for kind, what in callee.consts:
        if kind == "function":
            result = result | _enter(f, what, None, arguments, named, node)
        elif kind == "bound":
            result = result | _enter(f, what[0], what[1], arguments, named, node)
        elif kind == "class":
            result = result | _construct(f, what, arguments, named, node)
        else:
            result = ANY
    for kind in callee.kinds:
        method_node = f.tables.method(kind, "__call__") or f.tables.method(kind, "forward")
        if method_node is None:
            result = ANY
        else:
            result = result | _enter(f, method_node, kind, arguments, named, node)
    if callee.open or callee.items or callee.parts:
        for value in (*arguments, *named.values()):
            escape(f, value)
        return ANY
    return result


def method(f: "Follower", owner: Value, name: str, arguments: Sequence[Value]) -> Value:
    """Call a method by its name, as syntax does."""
    found = NOTHING
    for kind in owner.kinds:
        node = f.tables.method(kind, name)
        found = ANY if node is None else found | _enter(f, node, kind, arguments, {}, None)
    return found | ANY if owner.open else found


def escape(f: "Follower", value: Value) -> None:
    """A value goes where it cannot be followed: what it can run may be run with anything."""
    for kind, what in value.consts:
        if kind == "function":
            _call_back(f, what, None)
        elif kind == "bound":
            _call_back(f, what[0], what[1])
        elif kind == "class":
            invoke(f, code("class", what), [], {"": ANY}, None)
            lose(f, what)
        elif kind == "dict":
            escape(f, f.entry(what, ANY))
    for kind in value.kinds:
        lose(f, kind)
    for part in value.parts or ():
        escape(f, part)
    if value.items is not None:
        escape(f, value.items)


def lose(f: "Follower", kind: str) -> None:
    """An instance of a class goes out of sight."""
    f.note(f.lost, kind)
    for c in f.tables.mro(kind):
        for name, node in c.methods.items():
            dunder = name.startswith("__") and name.endswith("__")
            if (dunder or name in ("forward", "backward")) and name != "__init__":
                _call_back(f, node, kind)


def _call_back(f: "Follower", function: Function, kind: str | None) -> None:
    f.escaped.add(function)
    f.note(f.reached, function)
    for number, argument in enumerate(parameters(function.args)):
        value = ANY
        if kind is not None and number == 0 and "staticmethod" not in decorators(function):
            value = Value(kinds=frozenset({kind}))
        f.grow(f.variables, f.tables.scopes.of[argument], _by_annotation(f, argument, value))


def _enter(
    f: "Follower",
    function: Function,
    kind: str | None,
    arguments: Sequence[Value],
    named: Mapping[str | None, Value],
    node: ast.Call | None,
) -> Value:
    """Call one function of the program."""
    f.note(f.reached, function)
    if node is None:
        f.fixed.add(function)
    else:
        f.targets.setdefault(node, set()).add((function, kind is not None))
    given = list(arguments)
    if kind is not None:
        bound = "classmethod" in decorators(function)
        given.insert(0, code("class", kind) if bound else Value(kinds=frozenset({kind})))
    known = {}
    spread = None in named or "" in named
    positional = [*function.args.posonlyargs, *function.args.args]
    starred = node is not None and any(isinstance(a, ast.Starred) for a in node.args)
    for number, argument in enumerate([*positional, *function.args.kwonlyargs]):
        value = _default(f, function, argument)
        if number < len(positional) and number < len(given):
            value = given[number]
        elif argument.arg in named:
            value = named[argument.arg]
        elif spread or starred:
            value = ANY
        binding = f.tables.scopes.of[argument]
        value = _by_annotation(f, argument, value)
        f.grow(f.variables, binding, value)
        known[binding] = value
    if function.args.vararg is not None or function.args.kwarg is not None:
        for value in (*given[len(positional) :], *named.values()):
            escape(f, value)
    expression = f.expression_of(function)
    if expression is not None and f.shallow and not f.returned(function).settled:
        stored = any(isinstance(part, ast.NamedExpr) for part in ast.walk(expression))
        if not stored:
            return f.shortly(expression, known)
    return f.returned(function)


def _default(f: "Follower", function: Function, argument: ast.arg) -> Value:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    if argument in positional:
        at = positional.index(argument) - len(positional) + len(arguments.defaults)
        return f.value(arguments.defaults[at]) if at >= 0 else NOTHING
    default = arguments.kw_defaults[arguments.kwonlyargs.index(argument)]
    return f.value(default) if default is not None else NOTHING


def _by_annotation(f: "Follower", argument: ast.arg, value: Value) -> Value:
    """Anything at all, made an instance of the class that an annotation promises."""
    if not value.open or argument.annotation is None:
        return value
    names = [argument.annotation]
    while isinstance(names[-1], ast.BinOp):
        last = names.pop()
        assert isinstance(last, ast.BinOp)
        names += [last.right, last.left]
    result = Value(value.consts, value.kinds, value.items, value.parts)
    for name in names:
        if isinstance(name, ast.Constant) and name.value is None:
            result = result | constant(None)
        elif isinstance(name, ast.Name) and name.id in f.tables.classes:
            if any(ast.unparse(b) == "Protocol" for b in f.tables.classes[name.id].node.bases):
                return value
            result = result | Value(kinds=frozenset(f.tables.subclasses(name.id)))
        else:
            return value
    return result


def _construct(
    f: "Follower",
    kind: str,
    arguments: Sequence[Value],
    named: Mapping[str | None, Value],
    node: ast.Call | None,
) -> Value:
    f.made.add(kind)
    if node is not None:
        f.constructed.setdefault(node, set()).add(kind)
    for c in f.tables.mro(kind):
        for name, defined in c.methods.items():
            dunder = name.startswith("__") and name.endswith("__") and name not in _MADE
            if dunder or (c.outside and name in _CALLED_BACK):
                _call_back(f, defined, kind)
    init = f.tables.method(kind, "__init__")
    if init is not None:
        _enter(f, init, kind, arguments, named, node)
    elif f.tables.is_record(kind):
        spread = None in named or "" in named
        for number, (name, default) in enumerate(f.tables.fields(kind)):
            value = _field_default(f, default)
            if number < len(arguments):
                value = arguments[number]
            elif name in named:
                value = named[name]
            elif spread:
                value = ANY
            f.grow(f.attributes, (kind, name), value)
        post = f.tables.method(kind, "__post_init__")
        if post is not None:
            _enter(f, post, kind, [], {}, None)
    else:
        for value in (*arguments, *named.values()):
            escape(f, value)
    return Value(kinds=frozenset({kind}))


def _field_default(f: "Follower", default: ast.expr | None) -> Value:
    if default is None:
        return NOTHING
    if isinstance(default, ast.Call) and f.tables.dotted(default.func) == "dataclasses.field":
        for keyword in default.keywords:
            if keyword.arg == "default_factory":
                return invoke(f, f.value(keyword.value), [], {}, None)
            if keyword.arg == "default":
                return f.value(keyword.value)
    return f.value(default)


def _method_call(f: "Follower", node: ast.Call, target: ast.Attribute) -> Value | None:
    """Calls whose meaning lies in the name of the method; None for all others."""
    match target.value:
        case ast.Call(func=ast.Name(id="super")):
            return _super(f, node, target)
        case _:
            pass
    if f.tables.dotted(target):
        return None
    owner = f.value(target.value)
    if target.attr in _FILLERS and not owner.kinds:
        for value in _positional(f, node):
            element = value.elements if target.attr == "extend" else value
            f.put(target.value, element)
        return constant(None)
    if target.attr in _TEXT_METHODS and owner.settled:
        return applied(
            getattr(str, target.attr),
            owner,
            *_positional(f, node),
        )
    ours = any(f.tables.method(kind, target.attr) for kind in owner.kinds)
    if target.attr in _SAME_METHODS and owner.kinds and not owner.open and not ours:
        for value in _positional(f, node):
            escape(f, value)
        return owner
    if target.attr in ("items", "values", "get", "pop", "popleft", "setdefault", "keys"):
        return _from_container(f, node, target.attr, owner)
    return None


def _from_container(f: "Follower", node: ast.Call, name: str, owner: Value) -> Value | None:
    if owner.kinds or owner.open:
        return None
    given = _positional(f, node)
    found = owner.elements if owner.items is not None or owner.parts is not None else NOTHING
    for kind, what in owner.consts:
        if kind != "dict":
            return None
        key = given[0] if name in ("get", "pop", "setdefault") and given else ANY
        found = found | f.entry(what, key)
    if name == "items":
        return Value(items=Value(parts=(ANY, found)))
    if name == "values":
        return Value(items=found)
    if name == "keys":
        return Value(items=ANY)
    return found | union(given[1:]) | (constant(None) if name == "get" else NOTHING)


def _super(f: "Follower", node: ast.Call, target: ast.Attribute) -> Value:
    arguments = _positional(f, node)
    named = {k.arg: f.value(k.value) for k in node.keywords}
    inside = next(
        (c.name for c in f.tables.classes.values() for m in c.methods.values() if _holds(m, node)),
        None,
    )
    result = NOTHING
    if inside is not None:
        for parent in list(f.tables.mro(inside))[1:]:
            if target.attr in parent.methods:
                made = f.made & f.tables.subclasses(inside)
                for kind in made:
                    result = result | _enter(
                        f, parent.methods[target.attr], kind, arguments, named, node
                    )
                return result
            if parent.record and target.attr == "__init__":
                return ANY
    for value in (*arguments, *named.values()):
        escape(f, value)
    return ANY


def _holds(function: ast.FunctionDef, node: ast.Call) -> bool:
    assert function.end_lineno is not None
    return function.lineno <= node.lineno <= function.end_lineno


def _outside(f: "Follower", node: ast.Call, name: str) -> Value:
    """A call of something imported or built in."""
    arguments = _positional(f, node)
    named = {k.arg: f.value(k.value) for k in node.keywords}
    first = arguments[0] if arguments else NOTHING
    if name in _COLLECTIONS:
        whole = len(arguments) == 1 and name != "torch.nn.Sequential"
        return Value(items=first.elements if whole else union(arguments))
    if name == "enumerate":
        return Value(items=Value(parts=(ANY, first.elements)))
    if name == "zip":
        return Value(items=Value(parts=tuple(a.elements for a in arguments)))
    if name == "range":
        return Value(items=ANY)
    if name in ("isinstance", "issubclass"):
        return _is_instance(f, node, first)
    if name == "next":
        return first.elements | union(arguments[1:])
    if name in _SAME:
        return arguments[-1] if name == "typing.cast" else first
    if name == "dataclasses.replace":
        for kind in first.kinds:
            for key, value in named.items():
                f.grow(f.attributes, (kind, str(key)), value)
        return first
    if name in ("dataclasses.asdict", "dataclasses.fields", "dataclasses.astuple", "vars"):
        kinds = first.kinds or set(f.tables.classes)
        for kind in kinds | {what for sort, what in first.consts if sort == "class"}:
            f.whole.add(kind)
        return ANY
    if name == "getattr" and len(arguments) > 1:
        found = union(arguments[2:])
        for kind, what in arguments[1].consts:
            found = found | (f.member(first, what) if kind == "str" else ANY)
        return found | ANY if arguments[1].open else found
    if name in ("len", "bool") and not first.settled:
        return _sized(f, name, first)
    if name in _PURE and not named:
        if name in ("max", "min") and len(arguments) == 1:
            return first.elements
        return applied(_PURE[name], *arguments)
    if name in ("map", "filter"):
        elements = [argument.elements for argument in arguments[1:]]
        made = invoke(f, first, elements, {}, None)
        return Value(items=made if name == "map" else elements[0])
    if name == "setattr" and len(arguments) > 2:
        escape(f, first)
        f.grow(f.anywhere, next((str(c) for _, c in arguments[1].consts), ""), arguments[2])
        return constant(None)
    harmless = name in ("print", "len", "id", "type", "repr", "str", "sum", "any", "all", "hash")
    for value in (*arguments, *named.values()):
        if harmless:
            continue
        escape(f, value)
    return ANY


def _sized(f: "Follower", name: str, value: Value) -> Value:
    if name == "bool":
        known = f.truth_of(value)
        return constant(known) if known is not None else ANY
    for kind in value.kinds:
        method(f, Value(kinds=frozenset({kind})), "__len__", [])
    if value.parts is not None and not (value.items or value.open or value.consts or value.kinds):
        return constant(len(value.parts))
    return ANY if value != NOTHING else NOTHING


def _is_instance(f: "Follower", node: ast.Call, value: Value) -> Value:
    """Whether instances of our classes belong to one of ours; of others nothing is known."""
    wanted = node.args[1]
    asked = wanted.elts if isinstance(wanted, ast.Tuple) else [wanted]
    ours = {name.id for name in asked if isinstance(name, ast.Name)} & set(f.tables.classes)
    if value == NOTHING:
        return NOTHING
    if value.open or len(ours) < len(asked) or value.items or value.parts:
        return ANY
    answers = {any(c.name in ours for c in f.tables.mro(kind)) for kind in value.kinds}
    answers |= {False for kind, _ in value.consts}
    return union(constant(answer) for answer in answers)


def _positional(f: "Follower", node: ast.Call) -> list[Value]:
    given: list[Value] = []
    for argument in node.args:
        value = f.value(argument)
        if isinstance(argument, ast.Starred):
            given += list(value.parts) if value.parts is not None else []
        else:
            given.append(value)
    return given
