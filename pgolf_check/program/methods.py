"""Models of methods of tensors, containers, optimizers and files, by name.

These are the methods of objects that are not the submission's own. One that is not listed is
taken to be pure: its result depends on the object and the arguments.
"""

import ast
from collections.abc import Callable
from typing import Any

from pgolf_check.program.events import CellKind, UpdateKind
from pgolf_check.program.expressions import element, truth
from pgolf_check.program.library import (
    allocate,
    content_labels,
    draw,
    equality,
    exponential,
    logarithm,
    plain,
    positions,
    sample,
    smaller,
)
from pgolf_check.program.machine import Machine, derived
from pgolf_check.program.values import (
    NONE,
    UNKNOWN,
    Value,
    constant,
    entry,
    has,
    merge,
    only,
    without,
)

Arguments = list[Value]
Keywords = dict[str, Value]
Handler = Callable[[Machine, Value, str, Arguments, Keywords, Any], Value]

_CASTS = frozenset(
    {
        "to", "cuda", "cpu", "float", "half", "double", "bfloat16", "long", "int", "short", "bool",
        "type", "eval", "train", "contiguous", "compile", "numpy", "pin_memory", "requires_grad_",
        "detach_", "share_memory_", "astype", "view_as", "type_as",
    }
)  # fmt: skip


def call_method(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: ast.AST
) -> Value:
    """Call a method of an object that is not the submission's own."""
    if receiver.known and receiver.kind == "" and isinstance(receiver.const, str | bytes):
        folded = _text_method(m, receiver, name, args, node)
        if folded is not None:
            return folded
    handler = _HANDLERS.get(name)
    if handler is not None:
        return handler(m, receiver, name, args, kwargs, node)
    if name.endswith("_") and not name.startswith("_"):
        return _in_place(m, receiver, name, args, kwargs, node)
    if receiver.kind == "instance" and receiver.data is not None and name not in _CASTS:
        if receiver.data.cls.is_neural or receiver.cells:
            labels = m.read(receiver) | m.read_all([*args, *kwargs.values()])
            return Value(UNKNOWN, labels, "part", None, receiver.cells)
        return m.unknown_call(derived(m.read(receiver)), args, kwargs, node)
    if any(cell.kind is CellKind.MODULE for cell in receiver.cells):
        labels = m.read(receiver) | m.read_all([*args, *kwargs.values()])
        m.data_run(node, labels, learns=not m.no_grad)
        return Value(UNKNOWN, labels, "part", None, receiver.cells)
    out = plain(m, [receiver, *args], kwargs, node)
    if name in _VIEWS:
        return Value(UNKNOWN, out.labels, "", None, receiver.cells)
    return out


_VIEWS = frozenset(
    {
        "view", "reshape", "flatten", "squeeze", "unsqueeze", "transpose", "permute", "expand",
        "narrow", "ravel", "t", "swapaxes", "movedim", "chunk", "split", "unbind",
    }
)  # fmt: skip


def _text_method(
    m: Machine, receiver: Value, name: str, args: Arguments, node: ast.AST
) -> Value | None:
    if not all(a.known for a in args):
        return None
    if name not in (
        "lower", "upper", "strip", "lstrip", "rstrip", "split", "startswith", "endswith",
        "replace", "encode", "decode", "isdigit", "partition",
    ):  # fmt: skip
        return None
    try:
        out = getattr(receiver.const, name)(*(a.const for a in args))
    except (TypeError, ValueError, LookupError):
        return None
    if isinstance(out, list):
        return Value(UNKNOWN, receiver.labels, "literal", [constant(part) for part in out])
    return Value(out, receiver.labels, text=out if isinstance(out, str) else "")


# -- learning --------------------------------------------------------------------------------------


def _backward(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    labels = receiver.full()
    carried = only(labels, "val", "train", "update", "before", "from", "unresolved")
    for number in {label[1] for label in labels if label[0] == "cell"}:
        cell = m.cells[number]
        if cell.frozen:
            continue
        cell.grad = cell.grad | carried
        cell.learnt_at = (m.place(node),)
    return constant(None)


def _step(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if args and args[0].kind in ("optimizer", "part") and receiver.kind != "optimizer":
        return _step(m, args[0], name, [], {}, node)  # scaler.step(optimizer)
    closure = args[0] if args else kwargs.get("closure")
    if closure is not None and closure.kind in ("function", "bound"):
        m.call(closure, [], {}, node)
    for cell in receiver.cells:
        if not cell.grad:
            continue
        if has(cell.grad, "val"):
            learnt = m.update(UpdateKind.OPTIMIZER, cell, cell.grad, node, cell.learnt_at)
            cell.labels = cell.labels | learnt
        else:
            cell.labels = cell.labels | only(cell.grad, "update", "unresolved")
            if ("train",) in cell.grad:
                m.stepped_at = m.tick()
    return constant(None)


def _zero_grad(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    for cell in receiver.cells:
        if m.certain(cell.mark):
            cell.grad = NONE
    return constant(None)


def _weights(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    cells = receiver.cells
    if receiver.kind == "instance" and receiver.data is not None:
        cells = cells | receiver.data.uses if name in ("modules", "named_modules") else cells
    # All weights of a network at once: only these can be frozen for certain.
    whole = receiver.kind == "instance" and name == "parameters"
    return Value(UNKNOWN, NONE, "weights" if whole else "part", None, cells)


def _load_weights(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    labels = without(m.contents(args[0]) if args else NONE, "cell", "stored", "path")
    if has(labels, "val"):
        cell = next(iter(receiver.cells), None)
        labels = m.update(UpdateKind.LOAD, cell, labels, node)
    for cell in receiver.cells:
        cell.labels = m.kept(cell) | only(labels, "update", "train", "unresolved")
    return constant(None)


def _hook(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    hook = next((a for a in args if a.kind in ("function", "bound", "partial")), None)
    if hook is not None:
        for cell in receiver.cells:
            m.hooks.append((cell, hook))
    return Value(UNKNOWN, NONE, "hook", hook)


def _remove(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if receiver.kind == "hook" or not args:
        m.hooks.clear()
    return constant(None)


def _in_place(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    """`x.add_(y)`: memory takes in what it is given; `copy_` and kin replace what was there."""
    if name.startswith(("scatter", "index_", "masked_scatter", "put")) and len(args) >= 2:
        values = [a for a in args if not (a.known and isinstance(a.const, int))]
        index = next((a for a in values if has(m.read(a), "val")), None)
        if index is not None and ("logp",) not in m.read(receiver):
            m.write_element(receiver, index, values[-1], node)
            return receiver
    if name.startswith("requires_grad"):
        return receiver
    labels = without(m.read_all([*args, *kwargs.values()]), "cell", "stored")
    replaces = name in ("copy_", "zero_", "normal_", "uniform_", "set_", "random_")
    if replaces or (name == "fill_" and receiver.kind != "part"):  # a scale is not all weights
        for cell in receiver.cells:
            cell.labels = m.kept(cell)
        if not receiver.cells and not m.branches:
            receiver.labels = NONE
    m.write_whole(receiver, labels, node)
    if not receiver.cells:
        receiver.labels = receiver.labels | labels
    return receiver


def _requires_grad(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    wanted = truth(args[0]) if args else True
    for cell in receiver.cells:
        if wanted is not False:
            cell.frozen = False
            if cell.kind is CellKind.BUFFER:
                cell.kind = CellKind.PARAMETER
        elif receiver.kind == "weights" and m.certain(cell.mark):
            cell.frozen = True
    return receiver


# -- likelihoods -----------------------------------------------------------------------------------


def _distribution(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    return derived(m.read_all([receiver, *args]) | {("logp",)})


def _gather(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    index = kwargs.get("index")
    if index is None:
        index = next((a for a in reversed(args) if has(m.read(a), "val")), None)
    if index is None:
        return plain(m, [receiver, *args], kwargs, node)
    return element(m, receiver, index, node)


def _logarithm(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if args and name == "log":
        return _write(m, receiver, name, args, kwargs, node)
    return logarithm(m, name, [receiver], {}, node)


def _draw(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    return draw(m, name, args, kwargs, node)


def _sample(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    return sample(m, name, [receiver, *args], kwargs, node)


def _exponential(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    return exponential(m, name, [receiver], {}, node)


def _smaller(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    tensors = [a for a in args if not a.known and has(m.read(a), "loss")]
    if tensors:
        return smaller(m, name, [receiver, *tensors], {}, node)
    return plain(m, [receiver, *args], kwargs, node)


def _where(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    return plain(m, [receiver, *args], kwargs, node)


def _equality(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    return equality(m, name, [receiver, *args], kwargs, node)


# -- containers ------------------------------------------------------------------------------------


def _append(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if not args:
        return derived(m.read(receiver))
    value = args[-1]
    labels = m.select(m.settled(value.labels), m.guard) | m.guard
    if labels != value.labels:
        value = Value(value.const, labels, value.kind, value.data, value.cells, value.text)
    if m.compared:
        value = Value(
            value.const, value.labels | m.compared, value.kind, value.data, value.cells, value.text
        )
    if receiver.kind == "literal":
        receiver.kind, receiver.data, receiver.const = "seq", list(receiver.data), UNKNOWN
    if receiver.kind == "seq":
        items = receiver.data
        if name in ("extend", "extendleft") and value.kind in ("seq", "literal"):
            items.extend(item for item in value.data if item not in items)
        else:
            items.append(value if name not in ("extend", "extendleft") else _member(m, value))
        if len(items) > 12:
            merged = items[0]
            for item in items[1:]:
                merged = merge(merged, item)
            items[:] = [merged]
        if has(value.labels, "loss"):
            m.changes += 0
    else:
        m.write_element(receiver, derived(NONE), value, node)
    return constant(None)


def _member(m: Machine, value: Value) -> Value:
    return Value(UNKNOWN, m.contents(value), "", None, m.deep_cells(value))


def _take_out(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if receiver.kind in ("seq", "literal") and receiver.data:
        return element(m, receiver, derived(m.now()), node)
    if receiver.kind == "dict" and args:
        return _get(m, receiver, name, args, kwargs, node)
    return plain(m, [receiver, *args], kwargs, node)


def _get(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if receiver.kind == "environ":
        default = args[1] if len(args) > 1 else constant(None)
        return m.environment(args[0], default) if args else derived(NONE)
    if not args:
        return derived(m.contents(receiver))
    fallback = args[1] if len(args) > 1 else None
    if receiver.kind == "dict" and args[0].known:
        held = entry(receiver.data, args[0].const)
        if held is not None:
            return held
    found = element(m, receiver, args[0], node)
    if receiver.kind == "dict" and not receiver.data:
        found = Value(UNKNOWN, found.labels, "maybe", None, found.cells)
    if name == "setdefault" and fallback is not None:
        m.write_element(receiver, args[0], fallback, node)
        return merge(found, fallback)
    if receiver.kind == "dict" and fallback is not None:
        return merge(found, fallback) if found.full() or found.kind else fallback
    return found


def _items(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if receiver.kind != "dict":
        return Value(UNKNOWN, receiver.labels, "part", None, receiver.cells)
    values = list(receiver.data.values())
    if name == "keys":
        keys = [constant(k) for k in receiver.data if isinstance(k, str)]
        return Value(UNKNOWN, receiver.full(), "seq", keys)
    for value in values:
        value.cells = value.cells | receiver.cells if value.cells else value.cells
    if name == "values":
        return Value(UNKNOWN, receiver.full(), "seq", values)
    pairs = [
        Value(
            UNKNOWN,
            NONE,
            "literal",
            [constant(k) if isinstance(k, str) else derived(receiver.full()), value],
        )
        for k, value in receiver.data.items()
    ]
    return Value(UNKNOWN, receiver.full(), "seq", pairs)


def _update(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if receiver.kind in ("dict", "environ") and args and args[0].kind == "dict":
        if receiver.kind == "environ":
            for key, value in args[0].data.items():
                if isinstance(key, str) and value.known:
                    m.fixed_environment[key] = str(value.const)
        else:
            receiver.data.update(args[0].data)
        return constant(None)
    labels = m.read_all([*args, *kwargs.values()])
    if receiver.cells and has(labels, "val"):
        m.write_element(receiver, derived(labels), derived(labels), node)
    elif receiver.cells:
        m.write_whole(receiver, labels, node)
    else:
        receiver.labels = receiver.labels | labels
    return derived(labels)


def _set_default(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if receiver.kind == "environ" and len(args) == 2 and args[0].known and args[1].known:
        m.fixed_environment.setdefault(str(args[0].const), str(args[1].const))
        return m.environment(args[0], args[1])
    return _get(m, receiver, name, args, kwargs, node)


# -- shapes, files, strings ------------------------------------------------------------------------


def _shape(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    return derived(only(receiver.labels, "turn"))


def _cast(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if name in ("eval", "train", "to", "cuda", "compile", "cpu") or receiver.kind:
        return receiver
    if name == "type" and not args:
        return derived(NONE)
    return receiver


def _detach(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    return derived(without(receiver.full(), "cell"))


def _clone(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if receiver.kind in ("dict", "seq", "literal"):
        data = dict(receiver.data) if receiver.kind == "dict" else list(receiver.data)
        cells = frozenset({m.new_cell(CellKind.BUFFER, receiver.full())})
        return Value(UNKNOWN, receiver.full(), receiver.kind, data, cells)
    return derived(m.read(receiver))


def _write(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    labels = m.read_all([*args, *kwargs.values()])
    m.report(node, labels, " ".join(a.text for a in args if a.text))
    if receiver.kind == "file" and name == "write" and not has(labels, "loss"):
        m.disk = m.disk | only(labels, "update", "unresolved", "train")
        m.saved(node)
    return constant(None)


def _read(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    labels = content_labels(m.read(receiver) | m.read_all(args))
    if ("stored",) in labels:
        labels = labels | m.disk | m.now()
    return Value(UNKNOWN, labels, "", None, frozenset({m.new_cell(CellKind.BUFFER)}))


def _glob(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    return derived(m.read_all([receiver, *args]))


def _add_argument(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if receiver.kind != "argparser":
        return derived(NONE)
    flag = next((a.const for a in reversed(args) if a.known and str(a.const)[:1] == "-"), None)
    dest = kwargs["dest"].const if "dest" in kwargs else None
    title = str(dest or flag or (args[0].const if args and args[0].known else ""))
    title = title.lstrip("-").replace("-", "_")
    default = kwargs.get("default")
    action = kwargs.get("action")
    if default is None and action is not None and action.known:
        default = constant(action.const == "store_false")
    receiver.data[title] = m.environment(constant(title), default or constant(None))
    return derived(NONE)


def _parse_args(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if receiver.kind == "argparser":
        space = Value(UNKNOWN, NONE, "namespace", dict(receiver.data))
        if name == "parse_known_args":
            return Value(UNKNOWN, NONE, "literal", [space, derived(NONE)])
        return space
    return derived(NONE)


def _submit(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if args and args[0].kind in ("function", "bound", "partial"):
        return m.call(args[0], args[1:], kwargs, node)
    return plain(m, [receiver, *args], kwargs, node)


def _fresh(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    return allocate(m, name, args, kwargs, node)


def _positions(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    return positions(m, name, [receiver], {}, node)


def _join(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    out = m.contents(args[0]) if args else NONE
    text = ""
    if args and args[0].kind in ("seq", "literal"):
        text = " ".join(item.text for item in args[0].data)
    return Value(UNKNOWN, out | receiver.labels, text=text)


def _count(
    m: Machine, receiver: Value, name: str, args: Arguments, kwargs: Keywords, node: Any
) -> Value:
    if not args:
        return derived(NONE)
    return plain(m, [receiver, *args], kwargs, node)


def _table(handlers: dict[Handler, str]) -> dict[str, Handler]:
    return {name: handler for handler, names in handlers.items() for name in names.split()}


_HANDLERS: dict[str, Handler] = _table(
    {
        _backward: "backward",
        _step: "step",
        _zero_grad: "zero_grad",
        _weights: "parameters named_parameters buffers named_buffers modules named_modules "
        "children named_children state_dict",
        _load_weights: "load_state_dict",
        _hook: "register_forward_hook register_forward_pre_hook register_full_backward_hook",
        _remove: "remove",
        _requires_grad: "requires_grad_",
        _distribution: "log_softmax softmax logsumexp",
        _gather: "gather index_select take take_along_dim",
        _logarithm: "log log2 log1p",
        _exponential: "exp",
        _draw: "randint randrange integers",
        _sample: "multinomial argmax",
        _smaller: "min max minimum maximum fmin amin",
        _equality: "eq ne",
        _append: "append extend appendleft extendleft insert add put push put_nowait",
        _take_out: "pop popleft get_nowait popitem",
        _get: "get",
        _set_default: "setdefault",
        _items: "items values keys most_common",
        _update: "update",
        _shape: "numel size dim nelement element_size data_ptr stride storage_offset is_contiguous "
        "elapsed_time total_seconds",
        _cast: " ".join(sorted(_CASTS - {"requires_grad_", "detach_"})),
        _detach: "detach tolist item",
        _clone: "clone copy",
        _write: "write writelines info debug warning error log_metrics print",
        _read: "read read_bytes read_text readline readlines readinto",
        _glob: "glob rglob iterdir",
        _add_argument: "add_argument",
        _parse_args: "parse_args parse_known_args",
        _submit: "submit apply_async map",
        _fresh: "new_zeros new_ones new_empty new_full",
        _positions: "nonzero argwhere flatnonzero",
        _join: "join",
    }
)
