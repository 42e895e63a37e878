"""What a submission is: the facts that reading leaves behind. Only data; nothing here reads."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from pgolf_check.findings import Place


class FileKind(StrEnum):
    """What a directory entry is. Only REGULAR ones are ever read."""

    REGULAR = "file"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    SPECIAL = "special"
    MISSING = "missing"  # listed by git, absent from this copy of the repository


class Track(StrEnum):
    """Which competition the folder enters, by its path."""

    RECORD = "record"
    NON_RECORD = "non-record"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the submission; `path` is relative to its folder, `digest` identifies content."""

    path: str
    size: int
    kind: FileKind
    digest: str


@dataclass(frozen=True, slots=True)
class Target:
    """What was asked for: a folder on disk, or a folder that a commit adds."""

    folder: str
    repo: str = ""
    ref: str = ""
    commit: str = ""
    base: str = ""


class ProblemKind(StrEnum):
    """Why something could not be read as it claims to be. Rules turn problems into findings."""

    UNREADABLE = "unreadable"  # a file that is not there, not regular, or beyond a limit
    HOSTILE = "hostile"  # escapes, bombs, links out of the folder
    UNPACKED = "not-unpacked"  # packed code that stays opaque
    UNPARSED = "not-parsed"  # source no parser accepts
    MALFORMED = "malformed"  # submission.json or a log that breaks its form
    NO_ENTRY = "no-entry"  # no script to judge


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that reading met and could not, or would not, digest."""

    kind: ProblemKind
    message: str
    place: Place


class SourceRole(StrEnum):
    """How a source takes part in the run."""

    ENTRY = "entry"
    MODULE = "module"  # Python the entry script reaches
    NATIVE = "native"  # .c/.cpp/.cu/.rs it compiles or loads
    LOGGED = "logged"  # the script as a train log recorded it


@dataclass(frozen=True, slots=True)
class Source:
    """One text of program code. `layer` > 0 was decoded from `path` at line `anchor`."""

    path: str
    text: str
    role: SourceRole
    module: str = ""  # the name by which other sources import it
    layer: int = 0
    anchor: int = 0
    codec: str = ""  # how this layer was packed, for people

    def place(self, line: int) -> Place:
        """The place of a line of this source, with its text."""
        lines = self.text.split("\n")  # as parsers count; splitlines knows eight more ends
        text = lines[line - 1].strip()[:300] if 0 < line <= len(lines) else ""
        return Place(self.path, line, text, self.layer, self.anchor)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A value of submission.json with the key it stood under."""

    value: float | int | str | None
    key: str
    raw: str = ""


@dataclass(frozen=True, slots=True)
class SeedClaim:
    """What submission.json says of one seed."""

    seed: int | None
    val_bpb: float | None = None
    val_loss: float | None = None
    bytes_total: int | None = None
    train_seconds: float | None = None
    eval_seconds: float | None = None
    steps: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """submission.json in canonical form; what it does not say is None."""

    path: str
    val_bpb: Claimed | None = None
    val_loss: Claimed | None = None
    val_bpb_std: Claimed | None = None
    author: Claimed | None = None
    name: Claimed | None = None
    date: Claimed | None = None
    track: Claimed | None = None
    hardware: Claimed | None = None
    bytes_total: Claimed | None = None
    bytes_code: Claimed | None = None
    bytes_model: Claimed | None = None
    train_seconds: Claimed | None = None
    eval_seconds: Claimed | None = None
    steps: Claimed | None = None
    seeds: tuple[SeedClaim, ...] = ()
    seed_count: int | None = None


class EvalKind(StrEnum):
    """Which evaluation a val_bpb line belongs to, strongest claim first."""

    MIXER = "mixer"
    NGRAM = "ngram"
    SLOT = "slot"
    TTT = "ttt"
    SLIDING = "sliding"
    ROUNDTRIP = "roundtrip"
    PREQUANT = "prequant"
    DIAGNOSTIC = "diagnostic"
    TRAINING = "training"  # validation during training
    RUNNING = "running"  # a running value inside an evaluation
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class EvalLine:
    """One line of a log that reports a score."""

    line: int
    label: str
    kind: EvalKind
    val_bpb: float
    val_loss: float | None = None
    seconds: float | None = None
    step: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class LoggedValue:
    """A value a log printed, with its line."""

    value: str
    line: int


class Stage(StrEnum):
    """What a stretch of a run was spent on."""

    WARMUP = "warmup"
    TRAIN = "train"
    CALIBRATE = "calibrate"
    QUANTISE = "quantise"
    SERIALISE = "serialise"
    EVALUATE = "evaluate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a run as its log tells it; seconds are None where the log gives none."""

    stage: Stage
    label: str
    line: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line worth keeping."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class RunLog:
    """One run of one seed, as its log tells it. None means: the log does not say."""

    path: str
    digest: str
    seed: int | None = None
    world_size: int | None = None
    gpu: str | None = None
    torch: str | None = None
    python: str | None = None
    train_shards: int | None = None
    train_path: str | None = None
    val_path: str | None = None
    val_tokens: int | None = None
    model_params: int | None = None
    steps: int | None = None
    planned_steps: int | None = None
    step_ms: float | None = None
    train_ms: float | None = None
    stop_reason: str | None = None
    stop_line: int | None = None
    raw_model_bytes: int | None = None
    model_bytes: int | None = None
    code_bytes: int | None = None
    total_bytes: int | None = None
    total_line: int | None = None
    peak_mib: int | None = None
    eval_seconds_total: float | None = None
    evals: tuple[EvalLine, ...] = ()
    phases: tuple[Phase, ...] = ()
    counters: Mapping[str, LoggedValue] = field(default_factory=lambda: MappingProxyType({}))
    hyperparameters: Mapping[str, LoggedValue] = field(default_factory=lambda: MappingProxyType({}))
    notable: tuple[LogLine, ...] = ()  # every line but steps and source dump, capped
    source: Source | None = None  # the script the log carries at its top
    runs: int = 1  # complete runs in the file; the last one is described
    traceback: bool = False
    complete: bool = False
    lines: tuple[LogLine, ...] = ()  # lines that state the facts above, for quoting

    def place(self, line: int) -> Place:
        """The place of a line of this log; its text where it was kept."""
        for kept in (*self.lines, *self.notable):
            if kept.number == line:
                return Place(self.path, line, kept.text)
        return Place(self.path, line)


@dataclass(frozen=True, slots=True)
class Headline:
    """The score the submission stands for, and why this one was chosen."""

    val_bpb: float | None
    kind: EvalKind | None
    label: str
    reason: str
    supported: bool  # a logged line agrees with submission.json
    per_seed: tuple[tuple[int | None, float], ...] = ()
    nearest: float | None = None  # the logged value closest to an unsupported claim


class SettingSource(StrEnum):
    """Where a hyperparameter's value was read, strongest first."""

    LOG = "log"
    COMMAND = "command"
    PRESET = "preset"  # set in a wrapper before the script runs
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class SettingValue:
    """One reading of a hyperparameter."""

    value: str
    source: SettingSource
    place: Place


@dataclass(frozen=True, slots=True)
class Setting:
    """A hyperparameter with everything that was said of it, strongest source first."""

    name: str  # the environment variable, or the constant, as the code reads it
    values: tuple[SettingValue, ...]

    @property
    def effective(self) -> tuple[str, ...]:
        """The distinct values of the strongest source; more than one is a disagreement."""
        if not self.values:
            return ()
        strongest = self.values[0].source
        return tuple(dict.fromkeys(v.value for v in self.values if v.source is strongest))


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective settings of a submission."""

    by_name: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))

    def values(self, name: str) -> tuple[str, ...]:
        """What the run used for `name`; empty where nobody says."""
        setting = self.by_name.get(name)
        return setting.effective if setting else ()


@dataclass(frozen=True, slots=True)
class Submission:
    """Everything a referee knows before judging."""

    target: Target
    track: Track
    files: tuple[FileEntry, ...]
    outside: tuple[str, ...]  # paths the PR touches outside this folder
    siblings: tuple[str, ...]  # other record folders the same PR adds
    copy_of: str  # the earlier commit and folder that already hold every file, or ""
    entry: Source | None
    wrappers: tuple[Source, ...]  # the layers around a packed entry, outermost first
    modules: tuple[Source, ...]
    natives: tuple[Source, ...]
    manifest: Manifest | None
    readme: Source | None
    logs: tuple[RunLog, ...]
    headline: Headline
    settings: Settings
    problems: tuple[Problem, ...]
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    trees: Mapping[tuple[str, int], ast.Module] = field(
        default_factory=lambda: MappingProxyType({})
    )  # what parsing made of the sources, by path and layer
