"""Abstract values: what is known of a value without computing it.

A value carries *labels*, small facts about where it comes from, that flow through every operation.
Memory that a program changes in place (weights, tables, buffers) is a *cell*, shared by the
values that alias it.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from pgolf_check.program.events import CellKind
from pgolf_check.program.regions import Region

# A label is a tuple whose first item says what it means:
#   ("val", region)  validation tokens      ("train",)   training tokens
#   ("turn", loop, n) picked by a loop      ("path", "val" | "train") a data path
#   ("cell", id)     computed from a trainable cell      ("update", id) learnt in that update
#   ("loss", id)     a loss                 ("lookup", id) a count read under a token key
#   ("choice", id)   kept by comparing scores            ("match", id) decided by target == token
#   ("slice", id)    one slice of the stream             ("hashed",) went through hash arithmetic
#   ("logp",)        a distribution over the vocabulary  ("bits",) in bits
#   ("before",) / ("from",)  cut to [:s] / [s:]          ("bytes",) a byte count per token
#   ("ratio",)       a count over a count
#   ("smoothed",) / ("dirichlet",) a count plus a probability / that, over a count
#   ("near",)        found by its distance to the context
#   ("share",) / ("shares",) a loss divided over the bytes of its token / its exponential
#   ("entropy",)     an entropy             ("unresolved", id) came out of something not followed
#   ("stored",)      read from a file       ("cut",) a stretch of it
#   ("random",)      random numbers         ("drawn",) tokens that these picked
#   ("sampled",)     tokens drawn from the model's own predictions
#   ("divisor", id)  divided by a plain number         ("fed", id) filled from training tokens
#   ("clock", order) a time                 ("given",) looked up in a table out of a file
#   ("by_given",)    divided by such a thing
#   ("sidecar",)     bytes of each token, out of a file
#   ("settled", id)  kept for a turn by which the update had learnt earlier turns only
Label = tuple[Any, ...]
Labels = frozenset[Label]

NONE: Final[Labels] = frozenset()


class _Unknown:
    """The constant of a value that has none."""

    def __repr__(self) -> str:
        return "?"


UNKNOWN: Final = _Unknown()


@dataclass(eq=False, slots=True)
class Cell:
    """Memory that can change."""

    id: int
    kind: CellKind
    labels: Labels = NONE
    grad: Labels = NONE
    learnt_at: tuple[Any, ...] = ()
    depth: int = 0  # loops around its creation
    mark: tuple[tuple[int, int], ...] = ()  # branches around its creation
    shared: bool = False
    frozen: bool = False  # takes no gradients
    born: int = 0
    width: int | None = None  # of its last dimension, where that is known
    renewed: bool = False  # reset inside a loop, as for each document


@dataclass(eq=False, slots=True)
class Value:
    """An abstract value. `kind` and `data` describe structure where it is known."""

    const: Any = UNKNOWN
    labels: Labels = NONE
    kind: str = ""
    data: Any = None
    cells: frozenset[Cell] = frozenset()
    text: str = ""  # literal parts of a string built at run time

    @property
    def known(self) -> bool:
        """Whether the concrete value is known."""
        return self.const is not UNKNOWN

    def full(self) -> Labels:
        """Its labels and those of the memory it lives in."""
        labels = self.labels
        for cell in self.cells:
            if cell.labels:
                labels = labels | cell.labels
        return labels


@dataclass(eq=False, slots=True)
class Frame:
    """The variables of one call, and where free names are looked up."""

    names: dict[str, Value]
    parent: "Frame | None"
    module: "Module"
    outer: frozenset[str] = frozenset()  # names declared nonlocal
    shared: frozenset[str] = frozenset()  # names declared global
    marks: dict[str, tuple[tuple[int, int], ...]] = field(
        default_factory=dict[str, tuple[tuple[int, int], ...]]
    )
    returned: Value | None = None
    yielded: Value | None = None


@dataclass(eq=False, slots=True)
class Module:
    """A source file as a namespace."""

    name: str
    source: Any
    frame: Frame = field(init=False)

    def __post_init__(self) -> None:
        self.frame = Frame({}, None, self)


@dataclass(eq=False, slots=True)
class Function:
    """A function with the scope that it closes over."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Frame
    name: str
    owner: "Class | None" = None
    defaults: dict[str, Value] = field(default_factory=dict[str, Value])
    binding: str = ""  # "static", "class", "property"


@dataclass(eq=False, slots=True)
class Class:
    """A class of the submission."""

    node: ast.ClassDef
    module: Module
    bases: tuple[Value, ...]
    frame: Frame
    is_neural: bool
    is_optimizer: bool

    def find(self, name: str) -> "Value | None":
        """A method or class attribute, own or inherited."""
        pending: list[Class] = [self]
        while pending:
            cls = pending.pop(0)
            if name in cls.frame.names:
                return cls.frame.names[name]
            pending.extend(base.data for base in cls.bases if base.kind == "class")
        return None


@dataclass(eq=False, slots=True)
class Instance:
    """An object of a class of the submission."""

    cls: Class
    attributes: dict[str, Value] = field(default_factory=dict[str, Value])
    uses: frozenset[Cell] = frozenset()  # memory it was built around


def constant(value: Any) -> Value:
    """A value known exactly."""
    return Value(value)


def entry(content: dict[Any, Value], key: Any) -> Value | None:
    """What a dictionary holds under a key known exactly."""
    try:
        return content.get(key)
    except TypeError:
        return None  # a key that cannot be hashed


def labels_of(values: Iterable[Value]) -> Labels:
    """The union of what several values carry."""
    out = NONE
    for value in values:
        labels = value.labels if not value.cells else value.full()
        if labels and labels is not out:
            out = out | labels if out else labels
    return out


def regions_of(labels: Labels) -> frozenset[Region]:
    """The regions of validation tokens that labels speak of."""
    return frozenset(label[1] for label in labels if label[0] == "val")


def ids(labels: Labels, kind: str) -> frozenset[int]:
    """The numbers that labels of one kind carry."""
    return frozenset(label[1] for label in labels if label[0] == kind)


def has(labels: Labels, kind: str) -> bool:
    """Whether any label is of this kind."""
    return any(label[0] == kind for label in labels)


def only(labels: Labels, *kinds: str) -> Labels:
    """The labels of the given kinds."""
    return frozenset(label for label in labels if label[0] in kinds) if labels else labels


def without(labels: Labels, *kinds: str) -> Labels:
    """The labels but for the given kinds."""
    return frozenset(label for label in labels if label[0] not in kinds) if labels else labels


def _differ(one: "Instance | None", other: "Instance | None") -> bool:
    """Whether two objects are of different classes of the submission, neither of them a network."""
    if one is None or other is None or one.cls is other.cls:
        return False
    return not one.cls.is_neural and not other.cls.is_neural


def _either(one: "Instance", other: "Instance") -> "Instance":
    """An object that may be either, such as the events that a generator yields."""
    attributes = dict(one.attributes)
    for name, value in other.attributes.items():
        attributes[name] = merge(attributes[name], value) if name in attributes else value
    return Instance(other.cls, attributes, one.uses | other.uses)


def merge(one: Value, other: Value) -> Value:
    """A value that may be either; structure is kept where both agree."""
    if one is other:
        return one
    if (
        one.known
        and other.known
        and type(one.const) is type(other.const)
        and one.const == other.const
    ):
        return Value(one.const, one.labels | other.labels, one.kind, one.data)
    if one.known and one.const is None and not one.labels:
        return Value(UNKNOWN, other.labels, other.kind, other.data, other.cells, other.text)
    if other.known and other.const is None and not other.labels:
        return Value(UNKNOWN, one.labels, one.kind, one.data, one.cells, one.text)
    if one.kind == other.kind == "literal" and len(one.data) == len(other.data):
        parts = [merge(left, right) for left, right in zip(one.data, other.data, strict=True)]
        return Value(UNKNOWN, one.labels | other.labels, "literal", parts, one.cells | other.cells)
    if one.kind == other.kind == "instance" and _differ(one.data, other.data):
        return Value(UNKNOWN, one.labels | other.labels, "instance", _either(one.data, other.data))
    same = one.kind == other.kind and one.data is other.data
    # Of two different structures the newer one is followed; labels of both are kept.
    newer = other if other.kind else one
    labels = one.labels | other.labels
    if not same and one.kind and other.kind:
        labels = labels | one.full() | other.full()
    return Value(
        UNKNOWN,
        labels,
        newer.kind,
        newer.data,
        one.cells | other.cells,
        one.text or other.text,
    )
