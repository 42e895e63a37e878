"""How many bytes a submission is, in each of the ways that people count.

Nobody agrees on what counts as code, so no single number decides. Each count says which rule it
follows, which of its bytes were measured here and which were only read in a log.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pgolf_check.submission.facts import FileEntry, FileKind, RunLog, Submission

_MODEL_ENDS = (
    *(".pglf", ".ptz", ".pt", ".pth", ".bin", ".pkl", ".safetensors", ".npz"),
    *(".xz", ".lzma", ".br", ".zst"),
)
_SMALLEST_MODEL = 50_000  # bytes; what is smaller is a table or a tokenizer


class Way(StrEnum):
    """A way of counting."""

    LOGGED = "logged"
    SHIPPED = "shipped"
    MINIMAL = "minimal"


RULE_OF = {
    Way.LOGGED: "README: code and compressed model, as the run itself printed them",
    Way.SHIPPED: "README and ART-IMPORTED: the script, its local modules and native sources as "
    "they lie there, and the compressed model",
    Way.MINIMAL: "ART-CODECOUNT: the code minified and compressed, as #1855 and #2135 counted it",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A number of bytes and where it comes from; `measured` if it was counted here."""

    size: int
    measured: bool
    origin: str


@dataclass(frozen=True, slots=True)
class Count:
    """One run counted in one way. A part that is None could not be had; `missing` says why."""

    way: Way
    code: Part | None
    model: Part | None
    stated: Part | None = None  # a total that was printed as such
    missing: tuple[str, ...] = ()

    @property
    def total(self) -> int | None:
        """Code and model together, or the total that was printed."""
        if self.stated:
            return self.stated.size
        return self.code.size + self.model.size if self.code and self.model else None

    @property
    def measured(self) -> bool:
        """Whether every byte of the total was counted here."""
        parts = (self.stated,) if self.stated else (self.code, self.model)
        return all(part is not None and part.measured for part in parts)


@dataclass(frozen=True, slots=True)
class RunSize:
    """The counts of one run."""

    seed: int | None
    log: str  # "" where there is no log and the folder alone was counted
    counts: tuple[Count, ...]

    def count(self, way: Way) -> Count:
        """The count made in one way."""
        return next(count for count in self.counts if count.way is way)


def run_sizes(
    submission: Submission, *, artifact: Part | None = None, minimal: Part | None = None
) -> tuple[RunSize, ...]:
    """Each run that states a size, or the folder itself where none does.

    `artifact` is a model file measured apart; `minimal` the code as small as it gets, which costs
    a compression and is therefore measured only where it matters.
    """
    shipped, complaint = shipped_code(submission)
    sized = [log for log in submission.logs if log.total_bytes or log.model_bytes]
    return tuple(
        RunSize(
            log.seed if log else None,
            log.path if log else "",
            tuple(_counts(submission, log, shipped, complaint, artifact, minimal)),
        )
        for log in (sized or (None,))
    )


def shipped_code(submission: Submission) -> tuple[Part | None, str]:
    """The script with all it needs from its folder, or why that cannot be counted."""
    if submission.entry is None:
        return None, "there is no entry script"
    sizes = {entry.path: entry.size for entry in submission.files}
    sources = (
        submission.entry,
        *submission.wrappers,
        *submission.modules,
        *submission.natives,
    )
    paths = list(dict.fromkeys(source.path for source in sources))
    absent = [path for path in paths if path not in sizes]
    if absent:
        return None, f"{absent[0]} lies outside the folder"
    others = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return Part(sum(sizes[path] for path in paths), True, f"{paths[0]}{others}"), ""


def model_files(submission: Submission) -> tuple[FileEntry, ...]:
    """The files of the folder that may be the compressed model."""
    return tuple(
        entry
        for entry in submission.files
        if entry.path.lower().endswith(_MODEL_ENDS)
        and (entry.size >= _SMALLEST_MODEL or entry.kind is FileKind.MISSING)
    )


def _counts(
    submission: Submission,
    log: RunLog | None,
    shipped: Part | None,
    complaint: str,
    artifact: Part | None,
    minimal: Part | None,
) -> Iterator[Count]:
    yield _logged(log)
    model, missing = (artifact, "") if artifact else _model(submission, log)
    lacks = tuple(reason for reason in (complaint, missing) if reason)
    yield Count(Way.SHIPPED, shipped, model, missing=lacks)
    yield Count(Way.MINIMAL, minimal, model, missing=lacks)


def _logged(log: RunLog | None) -> Count:
    if log is None:
        return Count(Way.LOGGED, None, None, missing=("no log states a size",))
    code, model, total = (
        Part(size, False, log.path) if size else None
        for size in (log.code_bytes, log.model_bytes, log.total_bytes)
    )
    lacks = () if total or (code and model) else ("the log states no total",)
    return Count(Way.LOGGED, code, model, total, lacks)


def _model(submission: Submission, log: RunLog | None) -> tuple[Part | None, str]:
    """The model that belongs to a run: a file if there is one, else what its log says."""
    said = log.model_bytes if log else None
    files = model_files(submission)
    here = [entry for entry in files if entry.kind is FileKind.REGULAR]
    fitting = [entry for entry in here if entry.size == said] if said else here
    if len({entry.size for entry in fitting}) == 1:
        return Part(fitting[0].size, True, fitting[0].path), ""
    if log and said:
        return Part(said, False, log.path), ""
    if len(here) > 1:
        return None, f"which of {len(here)} model files is meant"
    if files:
        return None, f"{files[0].path} is listed, but its content is not here"
    return None, "there is no model file in the folder"
