"""What happens in a run that a referee asks about, in the order in which it happens."""

from dataclasses import dataclass, field
from enum import StrEnum

from pgolf_check.findings import Place
from pgolf_check.program.regions import Region


class UpdateKind(StrEnum):
    """How something learnt from tokens."""

    OPTIMIZER = "optimizer step"
    GRADIENT = "gradient"
    INPLACE = "in-place write"
    TABLE = "table write"
    LOAD = "state load"


class CellKind(StrEnum):
    """What kind of memory a value lives in."""

    MODULE = "module"
    PARAMETER = "parameter"
    BUFFER = "buffer"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Update:
    """State that changed because of validation tokens."""

    id: int
    kind: UpdateKind
    cell: CellKind
    place: Place
    regions: frozenset[Region]
    order: int
    loops: tuple[int, ...]
    learnt_at: tuple[Place, ...]  # where the loss or the key came from
    prefix_only: bool  # the loss was cut to positions before the scored ones
    fresh: bool  # the memory was created inside the evaluation, not trained
    shared: bool  # one memory for a batch of windows
    cell_id: int
    branches: tuple[tuple[int, int], ...]  # the branches it stands in that may not be taken
    local: bool  # the memory is made or reset inside a loop, as for each document
    width: int | None  # of the memory's last dimension


@dataclass(frozen=True, slots=True)
class Loss:
    """The negative log-likelihood of validation tokens, as computed at one place."""

    id: int
    place: Place
    regions: frozenset[Region]
    updates: frozenset[int]  # updates the value depends on
    offending: frozenset[int]  # those of them that learnt from the tokens scored here
    order: int
    loops: tuple[int, ...]
    target_slices: frozenset[int]  # the slices its targets came from
    mixed: bool  # a log of something already made from losses or table reads
    byte_shares: bool  # made from losses spread over the bytes of a token
    parts: frozenset[int]  # losses this one was made from
    drawn: bool  # its tokens were picked at random


@dataclass(frozen=True, slots=True)
class Lookup:
    """A read from a table of counts under a key made of tokens."""

    id: int
    place: Place
    slices: frozenset[int]  # the token slices in the key
    hashed: bool
    order: int
    table: int
    given: bool  # the counts came with the model


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several scores kept by looking at the scores themselves."""

    id: int
    place: Place
    elementwise: bool


@dataclass(frozen=True, slots=True)
class Report:
    """A score that leaves the program: printed, logged or written."""

    place: Place
    template: str
    depth: int  # loops around it
    ratio: bool  # a count was divided by a count
    entropic: bool  # an entropy was mixed in as if it were a loss
    smoothed: bool  # counts were smoothed with a probability before they were divided
    near: bool  # what was measured as near to the context was mixed in
    losses: frozenset[int]
    choices: frozenset[int]
    lookups: frozenset[int]
    matches: frozenset[int]
    divisors: frozenset[int]
    fed: frozenset[int]
    clocks: frozenset[int]  # when the clocks were read whose times stand in it
    settled: frozenset[int]  # updates behind results that were kept for their turn alone
    counts_bytes: bool  # bytes were looked up for the tokens
    given_bytes: bool  # in a table that was read from a file
    sidecar: bool  # the bytes of each token were read from a file of their own
    unresolved: frozenset[int]
    order: int


@dataclass(frozen=True, slots=True)
class Match:
    """Targets compared with other tokens, the outcome deciding a score."""

    id: int
    place: Place
    source: str


@dataclass(frozen=True, slots=True)
class Divisor:
    """A number by which losses were divided."""

    id: int
    place: Place
    value: float


@dataclass(frozen=True, slots=True)
class DataRun:
    """The model run on data outside a reported score: training, calibration, warm-up."""

    place: Place
    data: str  # "train", "val", or "model" where it sampled the text itself
    order: int
    learns: bool
    hooked: bool  # statistics are collected while it runs


@dataclass(frozen=True, slots=True)
class Fetch:
    """Something brought in from outside the machine."""

    place: Place
    what: str
    order: int
    certain: bool  # in no branch that may not be taken


@dataclass(frozen=True, slots=True)
class Fed:
    """Memory filled under keys made of training tokens."""

    id: int
    place: Place
    order: int


@dataclass(frozen=True, slots=True)
class Saved:
    """The model written out or compressed."""

    place: Place
    order: int


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A call or value that could not be followed."""

    id: int
    place: Place
    what: str
    order: int
    touches_state: bool


@dataclass(slots=True)
class Trace:
    """Everything recorded while following a program."""

    updates: list[Update] = field(default_factory=list[Update])
    losses: list[Loss] = field(default_factory=list[Loss])
    lookups: list[Lookup] = field(default_factory=list[Lookup])
    ratios: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])  # of lookups
    choices: list[Choice] = field(default_factory=list[Choice])
    matches: list[Match] = field(default_factory=list[Match])
    divisors: list[Divisor] = field(default_factory=list[Divisor])
    tails: list[Place] = field(default_factory=list[Place])  # windows without the last one
    fetches: list[Fetch] = field(default_factory=list[Fetch])
    feeds: list[Fed] = field(default_factory=list[Fed])
    reports: list[Report] = field(default_factory=list[Report])
    runs: list[DataRun] = field(default_factory=list[DataRun])
    saved: list[Saved] = field(default_factory=list[Saved])
    unresolved: list[Unresolved] = field(default_factory=list[Unresolved])
