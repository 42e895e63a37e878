"""The vocabulary of a judgement: places, evidence, findings, verdicts. Imports nothing of pgolf."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The answer on one axis. HOLD means: not decided, and the findings say what is missing."""

    CLEAN = "clean"
    HOLD = "hold"
    VIOLATION = "violation"


class Status(StrEnum):
    """How much a single finding weighs. A NOTE never changes a verdict."""

    VIOLATION = "violation"
    HOLD = "hold"
    NOTE = "note"


class Axis(StrEnum):
    """The three questions a referee answers separately."""

    LEGALITY = "legality"
    BUDGET = "budget"
    EVIDENCE = "evidence"


class LawStatus(StrEnum):
    """Where a rule stands in the contest's law, whatever was found in a submission."""

    RULED = "ruled"
    NORM = "norm"
    CONTESTED = "contested"
    UNRULED = "unruled"


@dataclass(frozen=True, slots=True)
class Place:
    """One line of one file. Layer 0 is the file as it lies there; layer n came out of unpacking.

    `anchor` is the layer-0 line from which an unpacked layer was decoded, for reports that can
    point only into the repository.
    """

    file: str
    line: int = 0
    text: str = ""
    layer: int = 0
    anchor: int = 0

    def __str__(self) -> str:
        layer = f" (layer {self.layer})" if self.layer else ""
        return f"{self.file}:{self.line}{layer}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place and what it shows: "weights are updated here"."""

    place: Place
    role: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule has to say about one submission."""

    rule: str
    axis: Axis
    status: Status
    law: LawStatus
    message: str
    evidence: tuple[Evidence, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that the referee says of one submission."""

    verdicts: dict[Axis, Verdict]
    findings: tuple[Finding, ...]
    recognised: tuple["Recognised", ...]
    checked: tuple[str, ...]
    elapsed_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Recognised:
    """A legal mechanism that was understood, and where."""

    rule: str
    message: str
    evidence: tuple[Evidence, ...] = ()
