"""Follows a program without running it: one walk through the code, in the order it would run.

The machine keeps what is common to all constructs: variables, memory, loops, the record of events.
How each construct behaves is in `expressions`, `statements`, `calls`, `library` and `methods`,
which `build` hands in as tables, so that nothing here needs to know them.
"""

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pgolf_check.findings import Place
from pgolf_check.program.events import (
    CellKind,
    Choice,
    DataRun,
    Divisor,
    Fed,
    Fetch,
    Lookup,
    Loss,
    Match,
    Report,
    Saved,
    Trace,
    Unresolved,
    Update,
    UpdateKind,
)
from pgolf_check.program.regions import Region, any_overlap
from pgolf_check.program.values import (
    NONE,
    UNKNOWN,
    Cell,
    Frame,
    Labels,
    Module,
    Value,
    has,
    ids,
    merge,
    only,
    regions_of,
)
from pgolf_check.submission.facts import Settings, Source

MAX_STEPS = 700_000  # about three seconds; the longest real script takes a tenth of it
MAX_DEPTH = 40
MAX_LABELS = 500  # of one value; more means regions multiply, and every step gets slower
MAX_EVENTS = 500  # updates, and losses; labels grow with both, real programs have under 200
_LIVING = frozenset({"instance", "optimizer", "weights", "function", "bound", "part"})
_CONTAINERS = frozenset({"seq", "dict", "literal", "zip"})

Branches = tuple[tuple[int, int], ...]

# What a statement or block did to control flow, for certain.
Signal = str  # "", "break", "continue", "return"

Evaluate = Callable[["Machine", Any], Value]
Execute = Callable[["Machine", Any], Signal]


class TooLongError(Exception):
    """The walk was cut off; whatever comes after is unknown."""


class Machine(ABC):
    """One walk through one program; `walk.Walk` supplies what the constructs ask of each other."""

    def __init__(
        self,
        settings: Settings,
        sources: Mapping[str, tuple[Source, ast.Module]],
        expressions: Mapping[type[ast.expr], Evaluate],
        statements: Mapping[type[ast.stmt], Execute],
    ) -> None:
        self.settings = settings
        self.sources = sources
        self.expressions = expressions
        self.statements = statements
        self.trace = Trace()
        self.frame = Frame({}, None, Module("", None))
        self.modules: dict[str, Module] = {}
        self.cells: list[Cell] = []
        self.loops: list[tuple[int, int]] = []
        self.active: set[int] = set()
        self.calls: list[Any] = []  # functions being followed, to stop recursion
        self.branches: Branches = ()  # the branches we are in that may not be taken
        self.tests: dict[int, ast.expr] = {}  # what these branches ask
        self.no_grad = 0
        self.guard: Labels = NONE  # turns that decide whether this branch runs
        self.compared: Labels = NONE  # choices that decide whether this branch runs
        self.changes = 0  # grows whenever state that a later turn may read has changed
        self.assigned: dict[int, tuple[ast.AST, frozenset[str]]] = {}
        self.fixed_environment: dict[str, str] = {}
        self.hooks: list[tuple[Cell, Value]] = []
        self.disk: Labels = NONE  # what the files that the program wrote have learnt
        self.clock_limits: set[float] = set()  # milliseconds that loops compare a clock with
        self.stepped_at = -1  # order of the last optimizer step on training data
        self._steps = 0
        self._order = 0
        self._loop_serial = 0
        self._lines: dict[int, list[str]] = {}
        self._update_keys: dict[Any, int] = {}
        self._loss_keys: dict[Any, int] = {}
        self._seen: set[Any] = set()

    # -- what constructs ask of each other -----------------------------------------------------

    @abstractmethod
    def call(
        self, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST
    ) -> Value:
        """Call a value."""

    @abstractmethod
    def unknown_call(
        self, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST
    ) -> Value:
        """Call something that cannot be followed."""

    @abstractmethod
    def call_method(self, receiver: Value, name: str, args: list[Value], node: ast.AST) -> Value:
        """Call a method of an object that is not the submission's own."""

    @abstractmethod
    def attribute(self, base: Value, name: str, node: ast.AST) -> Value:
        """Read an attribute."""

    @abstractmethod
    def set_attribute(self, base: Value, name: str, value: Value, node: ast.AST) -> None:
        """Set an attribute."""

    @abstractmethod
    def write_element(self, base: Value, index: Value, value: Value, node: ast.AST) -> None:
        """Store under an index or key."""

    @abstractmethod
    def write_whole(self, value: Value, labels: Labels, node: ast.AST) -> None:
        """Change memory in place."""

    @abstractmethod
    def binary(self, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
        """Combine two values."""

    @abstractmethod
    def environment(self, name: Value, default: Value | None) -> Value:
        """The value of an environment variable in the judged run."""

    @abstractmethod
    def load_module(self, name: str) -> Module | None:
        """A local module, followed at its first import."""

    @abstractmethod
    def witnessed(self, body: list[ast.stmt]) -> bool:
        """Whether a log shows that a branch ran which the settings say is off."""

    # -- walking ---------------------------------------------------------------------------------

    def eval(self, node: ast.expr) -> Value:
        """The abstract value of an expression."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TooLongError
        handler = self.expressions.get(type(node))
        return handler(self, node) if handler else Value()

    def run(self, body: Sequence[ast.stmt]) -> Signal:
        """Follow a block; says how it ended if that is certain."""
        for statement in body:
            self._steps += 1
            handler = self.statements.get(type(statement))
            if handler:
                signal = handler(self, statement)
                if signal:
                    return signal
        return ""

    def tick(self) -> int:
        """The next moment in time."""
        self._order += 1
        return self._order

    def next_loop(self) -> int:
        """A number for a loop that is being entered."""
        self._loop_serial += 1
        return self._loop_serial

    def place(self, node: ast.AST) -> Place:
        """Where a node stands in the source being followed."""
        source: Source | None = self.frame.module.source
        line = int(getattr(node, "lineno", 0))
        if source is None:
            return Place("", line)
        lines = self._lines.get(id(source))
        if lines is None:
            lines = self._lines[id(source)] = source.text.splitlines()
        text = lines[line - 1].strip()[:300] if 0 < line <= len(lines) else ""
        return Place(source.path, line, text, source.layer, source.anchor)

    # -- variables -------------------------------------------------------------------------------

    def lookup(self, name: str) -> Value | None:
        """The value of a variable, by Python's scoping."""
        frame: Frame | None = self.frame
        while frame is not None:
            value = frame.names.get(name)
            if value is not None:
                return value
            frame = frame.parent
        return self.frame.module.frame.names.get(name)

    def assign(self, name: str, value: Value) -> None:
        """Bind a variable; inside a branch that may not be taken the old value stays possible."""
        frame = self.frame
        if name in frame.shared:
            frame = frame.module.frame
        elif name in frame.outer:
            parent = frame.parent
            while parent is not None and name not in parent.names:
                parent = parent.parent
            frame = parent or frame
        old = frame.names.get(name)
        value = self.chosen(value)
        if old is not None:
            if has(value.labels, "loss") and not has(old.labels, "loss"):
                self.changes += 1
            if not self.certain(frame.marks.get(name, ())):
                value = merge(old, value)
        frame.names[name] = value
        frame.marks[name] = self.branches

    def certain(self, mark: Branches) -> bool:
        """Whether what was done under `mark` is surely undone by what is done here."""
        return mark[: len(self.branches)] == self.branches

    def kept(self, cell: Cell) -> Labels:
        """What memory still carries after all of it was replaced here.

        Inside a branch that may not be taken everything stays possible, but for what was learnt
        under the same condition: it is undone under that condition.
        """
        if self.certain(cell.mark):
            return NONE
        here = self._asked(self.branches[len(cell.mark) :])
        return frozenset(
            label
            for label in cell.labels
            if label[0] != "update"
            or not here <= self._asked(self.trace.updates[label[1]].branches)
        )

    def _asked(self, branches: Branches) -> frozenset[tuple[str, int]]:
        """The conditions of branches, one by one; whether something is there is none."""
        asked: set[tuple[str, int]] = set()
        for node, arm in branches:
            test = self.tests.get(node)
            if test is None:
                asked.add((str(node), arm))
                continue
            conjunction = arm == 1 and isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)
            parts = test.values if conjunction and isinstance(test, ast.BoolOp) else [test]
            asked |= {(ast.dump(part), arm) for part in parts if not _is_there(part)}
        return frozenset(asked)

    # -- memory ----------------------------------------------------------------------------------

    def new_cell(self, kind: CellKind, labels: Labels = NONE) -> Cell:
        """Fresh memory."""
        cell = Cell(len(self.cells), kind, labels, born=self.tick())
        cell.depth = len(self.loops)
        cell.mark = self.branches
        self.cells.append(cell)
        return cell

    def read(self, value: Value) -> Labels:
        """What a value carries when computed with, gradients included."""
        labels = value.labels
        for cell in value.cells:
            if cell.labels:
                labels = labels | cell.labels
            if not self.no_grad and cell.kind in (CellKind.MODULE, CellKind.PARAMETER):
                labels = labels | {("cell", cell.id)}
        return labels

    def read_all(self, values: Iterable[Value]) -> Labels:
        """What several values carry together."""
        out = NONE
        for value in values:
            labels = self.read(value) if value.cells else value.labels
            if value.kind in _CONTAINERS:
                labels = labels | self.contents(value)
            if labels:
                out = out | labels if out else labels
        return out

    def contents(self, value: Value, depth: int = 3) -> Labels:
        """What the elements of a container carry."""
        labels = self.read(value)
        if depth and value.kind in _CONTAINERS:
            items = value.data.values() if value.kind == "dict" else value.data
            for item in items:
                labels = labels | self.contents(item, depth - 1)
        return labels

    def deep_cells(self, value: Value, depth: int = 4) -> frozenset[Cell]:
        """All memory reachable from a value."""
        cells = value.cells
        if depth and value.kind in _CONTAINERS:
            items = value.data.values() if value.kind == "dict" else value.data
            for item in items:
                cells = cells | self.deep_cells(item, depth - 1)
        return cells

    def select(self, labels: Labels, index: Labels) -> Labels:
        """What a part of a value carries, given what picked the part."""
        turns = frozenset(
            (label[1], label[2])
            for label in index
            if label[0] == "turn" and label[1] in self.active
        )
        if not turns or not has(labels, "val"):
            return labels
        if len(labels) > MAX_LABELS:
            raise TooLongError
        return frozenset(
            ("val", label[1] | turns) if label[0] == "val" else label for label in labels
        )

    def now(self) -> Labels:
        """The turn of the innermost loop: what is drawn here differs from turn to turn."""
        return frozenset({("turn", *self.loops[-1])}) if self.loops else NONE

    def settled(self, labels: Labels) -> Labels:
        """What a result kept for this turn alone must answer for.

        State learnt in earlier turns only is a prefix of what this turn looks at: whoever reads
        the result at this turn's position later learns nothing of later tokens.
        """
        here = frozenset(self.loops)
        if not here or not has(labels, "update"):
            return labels
        return frozenset(
            label
            if label[0] != "update" or any_overlap(self.trace.updates[label[1]].regions, (here,))
            else ("settled", label[1])
            for label in labels
        )

    # -- the record ------------------------------------------------------------------------------

    def update(
        self,
        kind: UpdateKind,
        cell: Cell | None,
        labels: Labels,
        node: ast.AST,
        learnt_at: tuple[Place, ...] = (),
    ) -> Labels:
        """Record that state learnt from `labels`; the labels by which others will know it."""
        regions = regions_of(labels)
        inherited = only(labels, "update", "unresolved")
        if not regions:
            return inherited | only(labels, "train")
        key = (id(node), cell.id if cell else -1, regions, kind)
        known = self._update_keys.get(key)
        if known is None:
            known = self._update_keys[key] = len(self.trace.updates)
            if known >= MAX_EVENTS:
                raise TooLongError
            self.changes += 1
            self.trace.updates.append(
                Update(
                    id=known,
                    kind=kind,
                    cell=cell.kind if cell else CellKind.BUFFER,
                    place=self.place(node),
                    regions=regions,
                    order=self.tick(),
                    loops=tuple(loop for loop, _ in self.loops),
                    learnt_at=learnt_at,
                    prefix_only=has(labels, "before") and not has(labels, "from"),
                    fresh=bool(cell and cell.kind is not CellKind.MODULE and cell.depth),
                    shared=bool(cell and cell.shared),
                    cell_id=cell.id if cell else -1,
                    branches=self.branches,
                    local=bool(cell and (cell.depth or cell.renewed)),
                    width=cell.width if cell else None,
                )
            )
        return inherited | {("update", known)}

    def loss(
        self, node: ast.AST, targets: Labels, labels: Labels, *, mixed: bool = False
    ) -> Labels:
        """Record a loss over the tokens in `targets`; the labels that its value carries."""
        regions = regions_of(targets) or regions_of(labels)
        parts = ids(labels, "loss")
        if mixed and parts:
            regions = frozenset().union(*(self.trace.losses[part].regions for part in parts))
        if not regions and not parts:
            return labels
        current = dict(self.loops)
        fresh = frozenset(
            region
            for region in regions
            if all(current.get(loop, turn) == turn for loop, turn in region)
        )
        if mixed and not fresh:
            return labels  # the weight of an expert, made from what it scored in earlier turns
        regions = fresh or regions  # what an earlier turn left in a variable is not scored again
        updates = ids(labels, "update")
        shares = has(labels, "shares")
        key = (id(node), regions, updates, parts, shares)
        known = self._loss_keys.get(key)
        if known is None:
            known = self._loss_keys[key] = len(self.trace.losses)
            if known >= MAX_EVENTS:
                raise TooLongError
            offending = frozenset(
                u
                for u in updates
                if any_overlap(self.trace.updates[u].regions, regions)
                and not self._excluded(self.trace.updates[u])
            )
            self.trace.losses.append(
                Loss(
                    id=known,
                    place=self.place(node),
                    regions=regions,
                    updates=updates,
                    offending=offending,
                    order=self.tick(),
                    loops=tuple(loop for loop, _ in self.loops),
                    target_slices=ids(targets, "slice"),
                    mixed=mixed,
                    byte_shares=shares,
                    parts=parts,
                    drawn=("drawn",) in targets,
                )
            )
        return labels | {("loss", known)}

    def _excluded(self, update: Update) -> bool:
        """Whether an update stands in the other branch of an `if` that we are in."""
        if set(update.loops) & {loop for loop, _ in self.loops}:
            return False
        arms = dict(self.branches)
        return any(arms.get(node, arm) != arm for node, arm in update.branches)

    def lookup_read(self, node: ast.AST, key: Labels, table: Cell) -> Labels:
        """Record a read under a key made of tokens."""
        lookup = Lookup(
            id=len(self.trace.lookups),
            place=self.place(node),
            slices=ids(key, "slice"),
            hashed=("hashed",) in key,
            order=self.tick(),
            table=table.id,
            given=table.kind is not CellKind.TABLE,
        )
        mark = ("lookup", id(node), lookup.slices, lookup.hashed)
        if mark in self._seen:
            for old in self.trace.lookups:
                if old.place == lookup.place and old.slices == lookup.slices:
                    return frozenset({("lookup", old.id)})
        self._seen.add(mark)
        self.trace.lookups.append(lookup)
        return frozenset({("lookup", lookup.id)})

    def rivals(self, one: Labels, other: Labels) -> bool:
        """Whether two values are scores that can be of the same tokens."""
        first, second = (
            [self.trace.losses[number].regions for number in ids(labels, "loss")]
            for labels in (one, other)
        )
        return any(any_overlap(mine, theirs) for mine in first for theirs in second)

    def chosen(self, value: Value) -> Value:
        """What is kept because of a comparison; weights that are kept are no score."""
        if not self.compared or value.kind in _LIVING or any(map(_is_weight, value.cells)):
            return value
        if value.kind in _CONTAINERS and not has(self.contents(value), "loss"):
            return value
        return tagged(value, self.compared)

    def choice(self, node: ast.AST, labels: Labels, *, elementwise: bool = False) -> Labels:
        """Record that scores were compared to keep one: per token, or of whole runs."""
        if not elementwise:
            elementwise = any(
                turn[0] in self.active
                for number in ids(labels, "loss")
                for region in self.trace.losses[number].regions
                for turn in region
            )
        for old in self.trace.choices:
            if old.place == self.place(node):
                return frozenset({("choice", old.id)})
        number = len(self.trace.choices)
        self.trace.choices.append(Choice(number, self.place(node), elementwise))
        self.changes += 1
        return frozenset({("choice", number)})

    def match(self, node: ast.AST, source: str) -> Labels:
        """Record that target tokens were compared with other tokens."""
        place = self.place(node)
        for old in self.trace.matches:
            if old.place == place:
                return frozenset({("match", old.id)})
        number = len(self.trace.matches)
        self.trace.matches.append(Match(number, place, source))
        return frozenset({("match", number)})

    def divisor(self, node: ast.AST, value: float) -> Labels:
        """Record that losses were divided by a plain number."""
        number = len(self.trace.divisors)
        self.trace.divisors.append(Divisor(number, self.place(node), value))
        return frozenset({("divisor", number)})

    def fed(self, node: ast.AST) -> Labels:
        """Record that memory was filled under keys made of training tokens."""
        place = self.place(node)
        for old in self.trace.feeds:
            if old.place == place:
                return frozenset({("fed", old.id)})
        number = len(self.trace.feeds)
        self.trace.feeds.append(Fed(number, place, self.tick()))
        return frozenset({("fed", number)})

    def dropped_tail(self, node: ast.AST) -> None:
        """Record that a list of windows leaves out the last, shorter one."""
        place = self.place(node)
        if place not in self.trace.tails:
            self.trace.tails.append(place)

    def fetch(self, node: ast.AST, what: str) -> None:
        """Record that something was brought in from outside."""
        mark = ("fetch", id(node), self.stepped_at >= 0)
        if mark not in self._seen:
            self._seen.add(mark)
            self.trace.fetches.append(Fetch(self.place(node), what, self.tick(), not self.branches))

    def report(self, node: ast.AST, labels: Labels, template: str) -> None:
        """Record a score that leaves the program."""
        losses = ids(labels, "loss")
        if not losses or ("bits",) not in labels:
            return
        mark = ("report", id(node), template, labels)
        if mark in self._seen:
            return
        self._seen.add(mark)
        self.trace.reports.append(
            Report(
                place=self.place(node),
                template=template,
                depth=len(self.loops),
                losses=losses,
                ratio=("ratio",) in labels,
                entropic=("entropic",) in labels,
                smoothed=("dirichlet",) in labels,
                near=("near",) in labels,
                choices=ids(labels, "choice"),
                lookups=ids(labels, "lookup"),
                matches=ids(labels, "match"),
                divisors=ids(labels, "divisor"),
                fed=ids(labels, "fed"),
                clocks=ids(labels, "clock"),
                settled=ids(labels, "settled"),
                counts_bytes=("bytes",) in labels,
                given_bytes=("by_given",) in labels,
                sidecar=("sidecar",) in labels,
                unresolved=ids(labels, "unresolved"),
                order=self.tick(),
            )
        )

    def data_run(self, node: ast.AST, labels: Labels, *, learns: bool) -> None:
        """Record that the model ran on data."""
        data = "train" if ("train",) in labels else "val" if has(labels, "val") else ""
        if not data and ("sampled",) in labels:
            data = "model"
        mark = ("run", id(node), data, self.stepped_at >= 0, bool(self.hooks))
        if not data or mark in self._seen:
            return
        self._seen.add(mark)
        place = self.place(node)
        self.trace.runs.append(DataRun(place, data, self.tick(), learns, bool(self.hooks)))

    def saved(self, node: ast.AST) -> None:
        """Record that bytes of the model were written or compressed."""
        mark = ("saved", id(node))
        if mark not in self._seen:
            self._seen.add(mark)
            self.trace.saved.append(Saved(self.place(node), self.tick()))

    def unresolved(self, node: ast.AST, what: str, *, touches_state: bool = False) -> Labels:
        """Record something that could not be followed."""
        place = self.place(node)
        for old in self.trace.unresolved:
            if old.place == place:
                return frozenset({("unresolved", old.id)})
        number = len(self.trace.unresolved)
        self.trace.unresolved.append(Unresolved(number, place, what, self.tick(), touches_state))
        return frozenset({("unresolved", number)})


def _is_weight(cell: Cell) -> bool:
    return cell.kind in (CellKind.MODULE, CellKind.PARAMETER)


def _is_there(test: ast.expr) -> bool:
    """`x is not None`."""
    return isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.IsNot)


def tagged(value: Value, labels: Labels) -> Value:
    """The same value with more labels; memory stays shared."""
    if not labels or labels <= value.labels:
        return value
    return Value(
        value.const, value.labels | labels, value.kind, value.data, value.cells, value.text
    )


def derived(labels: Labels) -> Value:
    """A value computed from others, of which nothing more is known."""
    return Value(UNKNOWN, labels)


def whole(regions: Iterable[Region]) -> bool:
    """Whether any of the regions is the whole stream."""
    return any(not region for region in regions)
