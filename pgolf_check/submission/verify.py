"""Is it within the cap, and by whose count? The sizes of a submission with what was measured."""

import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pgolf_check.errors import PgolfError
from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission.facts import FileKind, Problem, ProblemKind, Submission, Target, Track
from pgolf_check.submission.headline import logs_behind
from pgolf_check.submission.minify import minimal_code
from pgolf_check.submission.read import handed_in, read_handed
from pgolf_check.submission.sizes import Part, RunSize, Way, model_files, run_sizes
from pgolf_check.submission.target import Handed, from_folder
from pgolf_check.submission.tree import FolderTree, UnreadableFileError
from pgolf_check.submission.weights import Weights, read_weights

_CODE_PROBLEMS = (ProblemKind.NO_ENTRY, ProblemKind.UNPACKED, ProblemKind.UNPARSED)


class Standing(StrEnum):
    """What the counts say together."""

    WITHIN = "within"
    OVER = "over"
    UNDECIDED = "undecided"


class Doubt(StrEnum):
    """Why there is no answer."""

    UNSIZED = "no run has a size that can be counted"
    PARTLY = "a run behind the score has no size that can be counted"
    UNSOUND = "a model file does not unpack as it should"
    DISAGREEING = "one count is within, another over"
    READ_OVER = "the log's total is over, and nothing could be counted beside it"
    SCRIPTLESS = "the log's total is within, but the code could not be counted"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A model file and what unpacking it showed."""

    path: str
    size: int
    weights: Weights


@dataclass(frozen=True, slots=True)
class Verified:
    """The sizes of one submission."""

    target: Target
    track: Track
    runs: tuple[RunSize, ...]
    artifacts: tuple[Artifact, ...]
    problems: tuple[Problem, ...]
    behind: frozenset[str] = frozenset()  # the logs that state the score, if any does
    claimed: int | None = None  # the total in submission.json

    @property
    def decisive(self) -> tuple[RunSize, ...]:
        """The runs behind the score, or all where none is: an ablation decides nothing."""
        return tuple(run for run in self.runs if run.log in self.behind) or self.runs


def verify_folder(path: Path, artifact: Path | None, unpack: bool) -> list[Verified]:
    """The sizes of the submission in a folder; for a worker."""
    with FolderTree(path) as tree:
        return [_verified(from_folder(path, tree), artifact, unpack)]


def verify_ref(
    repo: Path, ref: str, base: str | None, artifact: Path | None, unpack: bool
) -> list[Verified]:
    """The sizes of every submission that a ref hands in; for a worker."""
    return [_verified(handed, artifact, unpack) for handed in handed_in(repo, ref, base)]


def standing(verified: Verified, cap: int) -> Standing:
    """Over if every count of a decisive run says so; within if every count of all of them does."""
    if any(len(totals) > 1 and min(totals) > cap for totals in _totals(verified)):
        return Standing.OVER
    return Standing.UNDECIDED if doubt(verified, cap) else Standing.WITHIN


def doubt(verified: Verified, cap: int) -> Doubt | None:
    """What keeps a submission that is not over from being within."""
    known = _totals(verified)
    if not any(known):
        return Doubt.UNSIZED
    if any(artifact.weights.problems for artifact in verified.artifacts):
        return Doubt.UNSOUND
    if any(totals and min(totals) <= cap < max(totals) for totals in known):
        return Doubt.DISAGREEING
    if any(totals and min(totals) > cap for totals in known):
        return Doubt.READ_OVER
    if not all(known):
        return Doubt.PARTLY
    if any(run.count(Way.SHIPPED).code is None for run in verified.decisive):
        return Doubt.SCRIPTLESS
    return None


def _totals(verified: Verified) -> list[list[int]]:
    """The totals that could be had, of each decisive run."""
    return [
        [count.total for count in run.counts if count.total is not None]
        for run in verified.decisive
    ]


def _verified(handed: Handed, artifact: Path | None, unpack: bool) -> Verified:
    submission = read_handed(handed)
    measured, found = _artifact(artifact, unpack) if artifact else (None, [])
    if unpack and not artifact:
        found = _unpacked(handed, submission)
    runs = run_sizes(submission, artifact=measured, minimal=minimal_code(submission))
    claim = submission.manifest.bytes_total if submission.manifest else None
    return Verified(
        handed.target,
        handed.track,
        runs,
        tuple(found),
        _concerning(submission),
        frozenset(log.path for log in logs_behind(submission.headline, submission.logs)),
        claim.value if claim and isinstance(claim.value, int) else None,
    )


def _concerning(submission: Submission) -> tuple[Problem, ...]:
    """The problems of reading that make a count incomplete."""
    models = {entry.path for entry in model_files(submission)}
    return tuple(
        problem
        for problem in submission.problems
        if problem.kind in _CODE_PROBLEMS or problem.place.file in models
    )


def _artifact(path: Path, unpack: bool) -> tuple[Part, list[Artifact]]:
    """The size of a file that the user names, from its descriptor, and its contents if wanted."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise PgolfError(f"cannot be read ({error.strerror})", where=str(path)) from error
    facts = os.fstat(file)
    if not stat.S_ISREG(facts.st_mode):
        os.close(file)
        raise PgolfError("is not a file", where=str(path), cure="Name a model file.")
    with os.fdopen(file, "rb") as handle:
        part = Part(facts.st_size, True, path.name)
        if not unpack:
            return part, []
        data = handle.read(LIMITS.weights_bytes + 1)
    if len(data) > LIMITS.weights_bytes:
        problem = f"has more than {LIMITS.weights_bytes:,} bytes and is not unpacked"
        raise PgolfError(problem, where=str(path))
    return part, [Artifact(path.name, facts.st_size, read_weights(path.name, data))]


def _unpacked(handed: Handed, submission: Submission, limits: Limits = LIMITS) -> list[Artifact]:
    """The model files of the folder itself."""
    found = []
    for entry in model_files(submission):
        if entry.kind is not FileKind.REGULAR:
            continue
        try:
            data = handed.tree.read(entry.path, limits.weights_bytes)
        except UnreadableFileError as error:
            found.append(Artifact(entry.path, entry.size, Weights("", problems=(error.problem,))))
            continue
        found.append(Artifact(entry.path, entry.size, read_weights(entry.path, data)))
    return found
