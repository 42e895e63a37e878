"""Models of library functions: torch, numpy and Python's own, by the last part of their name.

A function not listed is taken to be pure: its result depends on its arguments, no more.
"""

import ast
import math
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from pgolf_check.program.events import CellKind, UpdateKind
from pgolf_check.program.expressions import LN2, element, path_labels, token_match, truth
from pgolf_check.program.machine import Machine, derived, tagged
from pgolf_check.program.network import reaches_out
from pgolf_check.program.values import (
    NONE,
    UNKNOWN,
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
Handler = Callable[[Machine, str, Arguments, Keywords, Any], Value]


def call_library(
    m: Machine, callee: Value, args: Arguments, kwargs: Keywords, node: ast.AST
) -> Value:
    """Call a function of a library."""
    dotted: str = callee.data
    last = dotted.rsplit(".", 1)[-1]
    if what := reaches_out(dotted, _words(args)):
        m.fetch(node, what)
    handler = _HANDLERS.get(last)
    if handler is not None:
        return handler(m, dotted, args, kwargs, node)
    if ".optim" in dotted and last[:1].isupper():
        return _optimizer(m, dotted, args, kwargs, node)
    if ".nn." in dotted and last[:1].isupper():
        return _layer(m, dotted, args, kwargs, node)
    return plain(m, args, kwargs, node)


def _words(args: Arguments) -> Iterator[str]:
    for value in args:
        parts = value.data if value.kind in ("literal", "seq") else [value]
        yield from (part.text for part in parts if part.text)


def plain(m: Machine, args: Arguments, kwargs: Keywords, node: ast.AST) -> Value:
    """A pure function: the result depends on the arguments."""
    everything = [*args, *kwargs.values()]
    labels = m.read_all(everything)
    for value in everything:
        if value.kind in ("function", "bound") and not _running(m, value):
            labels = labels | m.contents(m.call(value, [derived(labels)], {}, node))
    return derived(labels)


def _running(m: Machine, value: Value) -> bool:
    function = value.data if value.kind == "function" else value.data[0]
    return function.node in m.calls


def _first(args: Arguments, kwargs: Keywords, *names: str) -> Value:
    for name in names:
        if name in kwargs:
            return kwargs[name]
    return args[0] if args else derived(NONE)


# -- likelihoods -----------------------------------------------------------------------------------


def _loss(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    labels = m.read_all([*args, *kwargs.values()])
    target = (
        args[1] if len(args) > 1 else kwargs.get("target", kwargs.get("targets", derived(NONE)))
    )
    return derived(without(m.loss(node, m.read(target), labels), "logp"))


def _loss_object(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    return Value(UNKNOWN, NONE, "lib", "torch.nn.functional.cross_entropy")


def _distribution(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    return derived(m.read_all([*args, *kwargs.values()]) | {("logp",)})


def logarithm(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """A logarithm: of a probability made of losses or counts it is a new loss."""
    value = _first(args, kwargs, "input", "x")
    bits = name.endswith("2")
    if value.known and isinstance(value.const, int | float) and value.const > 0:
        const = math.log2(value.const) if bits else math.log(value.const)
        if name.endswith("1p"):
            const = math.log1p(value.const)
        labels: Labels = frozenset({("bits",)}) if any(abs(const - x) < 1e-6 for x in LN2) else NONE
        return Value(const, labels)
    labels = m.read_all(args)
    if has(labels, "loss") or has(labels, "lookup"):
        labels = m.loss(node, only(labels, "val"), labels, mixed=True)
    elif has(labels, "update") and ("logp",) not in labels:
        labels = m.loss(node, only(labels, "val"), labels)
    if bits and has(labels, "loss"):
        labels = labels | {("bits",)}
    return derived(labels)


def exponential(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """An exponential: of a loss spread over bytes it is a per-byte probability."""
    value = _first(args, kwargs, "input", "x")
    if value.known and isinstance(value.const, int | float) and abs(value.const) < 100:
        return Value(math.exp(value.const))
    labels = m.read_all(args)
    if ("share",) in labels:
        labels = labels | {("shares",)}
    return derived(labels)


def smaller(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """min, max and their elementwise forms; between two scores a choice."""
    if len(args) == 1 and args[0].kind == "literal":
        args = args[0].data
    if args and all(a.known and isinstance(a.const, int | float) for a in args):
        pick = min if "min" in name.rsplit(".", 1)[-1] else max
        return Value(pick(a.const for a in args), m.read_all(args))
    labels = m.read_all([*args, *kwargs.values()])
    scored = [m.contents(a) for a in args]
    rivalry = any(m.rivals(*pair) for pair in combinations(scored, 2))
    if rivalry and "max" not in name.rsplit(".", 1)[-1]:
        labels = labels | m.choice(node, labels, elementwise=not name.startswith("builtins"))
    out = derived(labels)
    if len(args) == 1 and args[0].kind in ("seq", "dict"):
        return derived(m.contents(args[0]))
    return out


def where(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """`where(mask, a, b)`; a mask made by comparing scores is a choice between scores."""
    if len(args) == 1:
        return positions(m, name, args, kwargs, node)
    labels = m.read_all([*args[1:], *kwargs.values()])
    if args:
        mask = m.read(args[0])
        labels = labels | only(mask, "choice", "update", "unresolved", "match", "turn")
        if len(args) > 1:
            labels = labels | only(mask, "val") if has(labels, "val") else labels | mask
    return derived(labels)


def equality(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """`eq(a, b)` and kin, like `a == b`."""
    labels = m.read_all([*args, *kwargs.values()])
    if len(args) > 1:
        labels = labels | token_match(m, node, m.read(args[0]), m.read(args[1]))
    return derived(labels | {("mask",)} if has(labels, "val") else labels)


def _distance(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """How far contexts are from others that are remembered."""
    return derived(m.read_all([*args, *kwargs.values()]) | {("near",)})


def positions(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """Where something stands, such as document starts: places, not tokens."""
    return derived(without(m.read_all(args), "val", "slice", "loss", "stored", "cut"))


def stack(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """Join tensors; losses joined with an entropy make an expert that is no distribution."""
    value = _first(args, kwargs, "tensors", "arrays")
    labels = m.contents(value) | m.read_all(kwargs.values())
    if value.kind in ("literal", "seq"):
        parts = [m.contents(part) for part in value.data]
        if any(has(part, "loss") for part in parts) and any(
            ("entropy",) in part and not has(part, "loss") for part in parts
        ):
            labels = labels | {("entropic",)}
    return Value(UNKNOWN, labels, "", None, frozenset({m.new_cell(CellKind.BUFFER)}))


# -- memory ----------------------------------------------------------------------------------------


def allocate(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """Fresh memory without content."""
    wants_grad = kwargs.get("requires_grad")
    trainable = wants_grad is not None and truth(wants_grad) is True
    cell = m.new_cell(CellKind.PARAMETER if trainable else CellKind.BUFFER)
    shape = args[0] if args else derived(NONE)
    sizes = shape.data if shape.kind == "literal" else args
    cell.shared = bool(sizes) and sizes[0].known and sizes[0].const == 1
    if sizes and sizes[-1].known and isinstance(sizes[-1].const, int):
        cell.width = sizes[-1].const
    return Value(UNKNOWN, NONE, "", None, frozenset({cell}))


def draw(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """Whole numbers at random; used as places they pick tokens at random."""
    cell = m.new_cell(CellKind.BUFFER, frozenset({("random",)}))
    return Value(UNKNOWN, NONE, "", None, frozenset({cell}))


def sample(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """Tokens drawn from a prediction."""
    return derived(m.read_all([*args, *kwargs.values()]) | {("sampled",)})


def wrap(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """Fresh memory with the content of the argument."""
    value = _first(args, kwargs, "data", "object")
    labels = m.contents(value)
    wants_grad = kwargs.get("requires_grad")
    trainable = name.endswith("Parameter") or (wants_grad is not None and truth(wants_grad) is True)
    cell = m.new_cell(CellKind.PARAMETER if trainable else CellKind.BUFFER)
    if value.cells:
        cell.shared = any(c.shared for c in value.cells)
        cell.width = next((c.width for c in value.cells), None)
    return Value(UNKNOWN, without(labels, "cell"), "", None, frozenset({cell}))


def _layer(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    if args and args[0].kind == "instance" and name.endswith("Parallel"):
        return args[0]
    cells = frozenset({m.new_cell(CellKind.MODULE)})
    if name.rsplit(".", 1)[-1].startswith(_HOLDERS):  # a size read off a model is not held
        for value in (*args, *kwargs.values()):
            cells = cells | m.deep_cells(value)
    return Value(UNKNOWN, NONE, "part", None, cells)


_HOLDERS = ("Sequential", "Module", "Data", "Distributed", "Fully", "Parallel", "Transformer")


def _optimizer(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    cells = m.deep_cells(_first(args, kwargs, "params"))
    for cell in cells:
        if cell.kind is CellKind.BUFFER:
            cell.kind = CellKind.PARAMETER
    return Value(UNKNOWN, NONE, "optimizer", None, cells)


def _copy(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    value = _first(args, kwargs)
    if value.kind == "instance" and value.data is not None:
        twin = Instance(value.data.cls, dict(value.data.attributes), value.data.uses)
        cells = frozenset(m.new_cell(cell.kind, cell.labels) for cell in value.cells)
        return Value(UNKNOWN, value.labels, "instance", twin, cells)
    return derived(m.contents(value))


def _count(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """Counting tokens makes a table of them."""
    labels = m.read_all([*args, *kwargs.values()])
    if not has(labels, "val"):
        return derived(labels)
    cell = m.new_cell(CellKind.TABLE)
    cell.labels = m.update(UpdateKind.TABLE, cell, labels, node)
    return Value(UNKNOWN, NONE, "", None, frozenset({cell}))


def _at(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """`np.add.at(table, key, n)`."""
    if len(args) >= 2:
        m.write_element(args[0], args[1], args[2] if len(args) > 2 else derived(NONE), node)
    return constant(None)


def _take(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """`torch.gather(x, dim, index)` and kin; `distributed.gather` collects what the ranks have."""
    if "distributed" in name:
        if len(args) > 1:
            return _gather_objects(m, name, [args[1], args[0]], kwargs, node)
        return constant(None)
    index = next((a for a in reversed(args[1:]) if has(m.read(a), "val")), None)
    index = kwargs.get("index", index)
    if args and index is not None:
        return element(m, args[0], index, node)
    return plain(m, args, kwargs, node)


def _gradient(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    if args and args[0].kind in ("function", "bound", "instance"):
        return Value(UNKNOWN, NONE, "gradient", args[0])
    if name.endswith("autograd.grad") or "grad" in name:
        labels = m.contents(args[0]) if args else NONE
        cell = next(iter(m.deep_cells(args[1])), None) if len(args) > 1 else None
        return derived(m.update(UpdateKind.GRADIENT, cell, labels, node))
    return plain(m, args, kwargs, node)


# -- containers and control ------------------------------------------------------------------------


def _range(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    labels = frozenset().union(*(only(a.labels, "turn", "update") for a in args))
    numbers = [a.const for a in args if a.known and isinstance(a.const, int)]
    start: int | None = 0 if len(args) == 1 else None
    if len(args) > 1 and args[0].known and isinstance(args[0].const, int):
        start = args[0].const
    count = None
    if len(numbers) == len(args) and args:
        try:
            count = len(range(*numbers))
        except (ValueError, OverflowError):
            count = None
    return Value(UNKNOWN, labels, "range", (start, count))


def _enumerate(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    counter = Value(UNKNOWN, NONE, "range", (0, None))
    if not args:
        return derived(NONE)
    if args[0].kind == "literal" and len(args[0].data) <= 8:
        pairs = [
            Value(UNKNOWN, NONE, "literal", [constant(i), item])
            for i, item in enumerate(args[0].data)
        ]
        return Value(UNKNOWN, NONE, "literal", pairs)
    return Value(UNKNOWN, NONE, "zip", [counter, args[0]])


def _zip(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    return Value(UNKNOWN, NONE, "zip", args)


def _same(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """Wrappers that leave what they wrap as it is."""
    if not args:
        if kwargs and name.rsplit(".", 1)[-1] not in ("list", "tuple", "set"):
            return Value(UNKNOWN, NONE, "identity")
        return Value(UNKNOWN, NONE, "seq", [])
    if name.endswith("sorted") and "key" in kwargs and kwargs["key"].kind == "function":
        plain(m, [kwargs["key"]], {}, node)
    return args[0]


def _list(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    if not args:
        return Value(UNKNOWN, NONE, "seq", [])
    value = args[0]
    if value.kind in ("literal", "seq"):
        return Value(UNKNOWN, value.labels, value.kind, list(value.data), value.cells)
    if value.kind in ("zip", "range"):
        return value
    return Value(UNKNOWN, value.full(), value.kind, value.data, value.cells)


def _mapping(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    if args and args[0].kind in ("part", "weights") and args[0].cells:
        return args[0]  # the weights of a network by name are still its weights
    cell = frozenset({m.new_cell(CellKind.BUFFER)})
    content: dict[Any, Value] = dict(kwargs)
    labels = NONE
    if args and args[0].kind == "dict":
        content = {**args[0].data, **content}
    elif args and name.rsplit(".", 1)[-1] == "Counter":
        return _count(m, name, args, kwargs, node)
    elif args and args[0].kind != "function":
        labels = without(m.contents(args[0]), "cell")
    return Value(UNKNOWN, labels, "dict", content, cell)


def _map(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    if len(args) < 2:
        return derived(m.read_all(args))
    items = [_member(m, part) for part in args[1:]]
    if name.endswith("filter"):
        if args[0].kind in ("function", "bound"):
            m.call(args[0], items, {}, node)
        return Value(UNKNOWN, NONE, "seq", items)
    return Value(UNKNOWN, NONE, "seq", [m.call(args[0], items, {}, node)])


def _member(m: Machine, value: Value) -> Value:
    if value.kind in ("seq", "literal") and value.data:
        out: Value = value.data[0]
        for item in value.data[1:]:
            out = merge(out, item)
        return out
    return Value(UNKNOWN, m.contents(value), "", None, value.cells)


def _length(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    if args and args[0].kind == "literal":
        return constant(len(args[0].data))
    return derived(only(m.read_all(args), "turn", "bytes"))


def _convert(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    kind: dict[str, Callable[[Any], Any]]
    kind = {"int": int, "float": float, "str": str, "bool": bool, "abs": abs, "round": round}
    value = _first(args, kwargs)
    last = name.rsplit(".", 1)[-1]
    if value.known and len(args) == 1 and last in kind:
        const = value.const
        if last in ("int", "float") and const in ("True", "False"):
            const = const == "True"  # as a log prints what became of an environment variable
        try:
            return Value(kind[last](const), value.labels)
        except (TypeError, ValueError, OverflowError):
            return derived(value.labels)
    labels = m.read_all(args)
    if last == "str":
        return Value(UNKNOWN, labels, text=value.text)
    return Value(UNKNOWN, labels, "", None, value.cells if last == "abs" else frozenset())


def _next(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """The next item differs from turn to turn."""
    if not args:
        return derived(NONE)
    item = element(m, args[0], derived(m.now()), node)
    return tagged(item, m.now())


def _getattr(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    if len(args) >= 2 and args[1].known and isinstance(args[1].const, str):
        found = m.attribute(args[0], args[1].const, node)
        unknown = found.kind in ("", "part") and not found.known and not found.full()
        if len(args) > 2 and unknown and args[0].kind in ("instance", "namespace"):
            return merge(found, args[2]) if found.cells else args[2]
        return found
    if args and args[0].kind in ("module", "instance", "class"):
        return derived(m.unresolved(node, "an attribute chosen at run time", touches_state=True))
    return derived(m.read_all(args))


def _setattr(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    if len(args) == 3 and args[1].known:
        m.set_attribute(args[0], str(args[1].const), args[2], node)
    return constant(None)


def _hasattr(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    if len(args) == 2 and args[0].kind == "instance" and args[0].data and args[1].known:
        known = args[1].const in args[0].data.attributes or args[0].data.cls.find(args[1].const)
        if known:
            return constant(True)
    return derived(NONE)


def _no_grad(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    if args and args[0].kind == "function":
        args[0].data.binding = args[0].data.binding or "no_grad"
        return args[0]
    enabled = args and name.endswith(("inference_mode", "set_grad_enabled"))
    if enabled and truth(args[0]) is (not name.endswith("set_grad_enabled")) is False:
        return derived(NONE)
    return Value(UNKNOWN, NONE, "no_grad")


def _compile(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    target = args[0] if args else kwargs.get("model", kwargs.get("fn"))
    if target is None:
        return Value(UNKNOWN, NONE, "identity")
    return target


def _partial(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    if not args:
        return derived(NONE)
    return Value(UNKNOWN, NONE, "partial", (args[0], args[1:], kwargs))


def _field(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """`dataclasses.field`: the value that an object gets when none is given."""
    factory = kwargs.get("default_factory")
    if factory is not None:
        return m.call(factory, [], {}, node)
    return kwargs.get("default", derived(NONE))


def _apply(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """`checkpoint(f, *args)`, `functional_call(model, weights, args)`."""
    if name.endswith("functional_call") and len(args) > 2:
        inputs = args[2].data if args[2].kind == "literal" else [args[2]]
        result = m.call(args[0], list(inputs), {}, node)
        return tagged(result, m.contents(args[1]))
    if args and args[0].kind in ("function", "bound", "instance", "partial"):
        return m.call(args[0], args[1:], {}, node)
    return plain(m, args, kwargs, node)


def _thread(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    target = kwargs.get("target")
    if target is not None:
        given = kwargs.get("args")
        inputs = given.data if given is not None and given.kind == "literal" else []
        m.call(target, list(inputs), {}, node)
    return derived(NONE)


def _dynamic(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    what = name.rsplit(".", 1)[-1]
    if what == "compile" and len(args) < 2:
        return _compile(m, name, args, kwargs, node)
    return derived(m.unresolved(node, f"{what}() of text", touches_state=True))


# -- the outside -----------------------------------------------------------------------------------


def _print(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    labels = m.read_all(args)
    m.report(node, labels, " ".join(a.text for a in args if a.text))
    return constant(None)


def _environment(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    if not args:
        return derived(NONE)
    default = args[1] if len(args) > 1 else kwargs.get("default", constant(None))
    return m.environment(args[0], default)


def read_data(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """Read a file: what its path says becomes what its content is."""
    labels = content_labels(m.read_all([*args, *kwargs.values()]))
    if kwargs.get("dtype", derived(NONE)).const in _HEADER_TYPES and "count" in kwargs:
        labels = without(labels, "val", "train")  # tokens are two bytes wide; this is a header
    if ("stored",) in labels:
        labels = labels | m.disk | m.now()
    return Value(UNKNOWN, labels, "", None, frozenset({m.new_cell(CellKind.BUFFER)}))


_HEADER_TYPES = ("<i4", "i4", "int32")


def content_labels(labels: Labels) -> Labels:
    """The labels of a file's content, from those of its path."""
    out = without(labels, "path")
    if ("path", "val") in labels:
        out = out | {("val", frozenset())}
    elif ("path", "train") in labels:
        out = out | {("train",)}
    elif ("path", "bytes") in labels:
        out = out | {("bytes",), ("sidecar",)}
    elif not has(labels, "val") and not has(labels, "train"):
        out = out | {("stored",)}
    return out


def _open(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    labels = m.read_all([*args, *kwargs.values()])
    return Value(UNKNOWN, labels, "file")


def _save(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    m.saved(node)
    labels = without(m.contents(args[0]) if args else NONE, "cell")
    m.disk = m.disk | only(labels, "update", "unresolved", "train")
    return derived(labels)


def _native(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    return Value(UNKNOWN, NONE, "native")


def _nothing(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    return constant(None)


def _gather_objects(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """What the ranks know, in a list; this rank's part stands for all."""
    if len(args) >= 2:
        if args[0].kind in ("seq", "literal"):
            args[0].kind, args[0].data = "seq", [args[1]]
        else:
            m.write_whole(args[0], without(m.contents(args[1]), "cell"), node)
            args[0].labels = args[0].labels | without(m.contents(args[1]), "cell")
    return constant(None)


def _true(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    return constant(True)


def _clock(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    return derived(frozenset({("clock", m.tick())}))


def _neutral(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    return derived(NONE)


def _namespace(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    return Value(UNKNOWN, NONE, "namespace", dict(kwargs))


def _parser(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    return Value(UNKNOWN, NONE, "argparser", {})


def _math(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    function = getattr(math, name.rsplit(".", 1)[-1], None)
    if function and args and all(a.known and isinstance(a.const, int | float) for a in args):
        try:
            return constant(function(*(a.const for a in args)))
        except (ValueError, TypeError, OverflowError):
            return derived(NONE)
    return plain(m, args, kwargs, node)


def _join_path(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    labels = m.read_all(args)
    if args and all(a.known and isinstance(a.const, str) for a in args):
        text = "/".join(a.const for a in args)
        return Value(text, labels | path_labels(text), text=text)
    return Value(UNKNOWN, labels, text="/".join(a.text for a in args))


def _string(m: Machine, name: str, args: Arguments, kwargs: Keywords, node: Any) -> Value:
    """`Path(x)` keeps what the string says."""
    if not args:
        return derived(NONE)
    value = args[0]
    labels = value.labels | (path_labels(value.text) if value.text else NONE)
    return Value(UNKNOWN, labels, text=value.text)


def _table(handlers: dict[Handler, str]) -> dict[str, Handler]:
    return {name: handler for handler, names in handlers.items() for name in names.split()}


_HANDLERS: dict[str, Handler] = _table(
    {
        _loss: "cross_entropy nll_loss",
        _loss_object: "CrossEntropyLoss NLLLoss",
        _distribution: "log_softmax softmax logsumexp",
        logarithm: "log log2 log1p log10",
        exponential: "exp exp2",
        smaller: "min max minimum maximum fmin fmax amin amax",
        where: "where",
        equality: "eq ne equal not_equal isin in1d",
        positions: "nonzero flatnonzero argwhere",
        stack: "stack cat concatenate concat vstack hstack column_stack",
        allocate: "zeros ones empty full randn rand zeros_like ones_like empty_like full_like "
        "randn_like rand_like bytearray",
        draw: "randint randrange integers",
        sample: "multinomial argmax",
        wrap: "tensor array asarray as_tensor from_numpy Parameter ascontiguousarray Buffer",
        _copy: "deepcopy copy",
        _count: "bincount histc histogram Counter",
        _at: "at",
        _take: "gather take index_select take_along_dim take_along_axis",
        _gradient: "grad value_and_grad grad_and_value jacrev",
        _range: "range trange prange",
        _enumerate: "enumerate",
        _zip: "zip",
        _same: "sorted reversed iter tqdm cycle track njit jit script no_compile disable "
        "DistributedDataParallel DDP record_function cached",
        _list: "list tuple set frozenset deque",
        _mapping: "dict OrderedDict defaultdict ChainMap",
        _map: "map filter",
        _length: "len id hash numel",
        _convert: "int float str bool abs round",
        _next: "next",
        _getattr: "getattr",
        _setattr: "setattr",
        _hasattr: "hasattr",
        _no_grad: "no_grad inference_mode set_grad_enabled",
        _compile: "compile",
        _partial: "partial",
        _field: "field",
        _apply: "checkpoint functional_call",
        _thread: "Thread Process",
        _dynamic: "exec eval __import__ import_module",
        _print: "print pprint",
        _environment: "getenv",
        read_data: "fromfile memmap load frombuffer from_file open_memmap load_file loadtxt",
        _open: "open",
        _save: "save savez savez_compressed dump dumps compress",
        _native: "CDLL PyDLL load_inline LoadLibrary load_library",
        _nothing: "barrier all_reduce broadcast synchronize init_process_group manual_seed "
        "manual_seed_all set_device empty_cache seed destroy_process_group collect",
        _gather_objects: "all_gather_object broadcast_object_list all_gather "
        "all_gather_into_tensor",
        _true: "is_available is_initialized",
        _distance: "cdist pairwise_distance",
        _clock: "time perf_counter monotonic time_ns perf_counter_ns",
        _neutral: "nvidia_smi run check_output getsize device "
        "dtype Generator Stream Event isinstance issubclass callable type urandom uuid4 now "
        "exists isfile isdir",
        _parser: "ArgumentParser",
        _namespace: "SimpleNamespace Namespace",
        _math: "ceil floor sqrt cos sin pow isclose prod tanh",
        _join_path: "join",
        _string: "Path PurePath PosixPath",
    }
)
