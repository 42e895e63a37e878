"""What was typed, as the two sides of each comparison."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pgolf_check.errors import PgolfError
from pgolf_check.measure.handed_in import HandedIn, from_folder, from_ref, pooled
from pgolf_check.measure.leaderboard import Leaderboard
from pgolf_check.measure.samples import Sample, sample_of
from pgolf_check.measure.units import Unit
from pgolf_check.submission.facts import Problem
from pgolf_check.worker import Worker

_PULL = re.compile(r"(?:refs/)?(?:pull/(\d{1,6})(?:/head)?|(\d{1,6}))|#(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Asked:
    """The new side as it was named, one way out of three."""

    targets: list[Path] = field(default_factory=list[Path])
    repo: Path | None = None
    ref: str | None = None
    base: str | None = None
    new: str | None = None
    unit: Unit = Unit.BPB
    tokenizer: float | None = None
    pool: bool = False


def new_sides(asked: Asked, worker: Worker) -> list[HandedIn]:
    """Every new record that was asked for."""
    ways = [bool(asked.targets) and asked.repo is None, asked.repo is not None, bool(asked.new)]
    if sum(ways) != 1 or (asked.repo is None) != (asked.ref is None):
        cure = "Name folders, or --repo and --ref, or values with --new."
        raise PgolfError("one new side is needed", cure=cure)
    if asked.new:
        typed = sample_of(asked.new, "new", asked.unit)
        return [HandedIn(_with(typed, asked.tokenizer), (), "", None)]
    if asked.repo is not None and asked.ref is not None:
        found = _read(worker, from_ref, asked.repo, asked.ref, asked.base)
        wanted = {Path(target).name for target in asked.targets}
        found = [one for one in found if not wanted or one.sample.name in wanted]
        if not found:
            raise PgolfError("hands in no such submission", where=asked.ref)
    else:
        found = [one for path in asked.targets for one in _read(worker, from_folder, path)]
    found = [replace(one, sample=_with(one.sample, asked.tokenizer)) for one in found]
    return [_together(found)] if asked.pool and len(found) > 1 else found


def old_side(
    against: str | None, old: str | None, asked: Asked, leaderboard: Leaderboard, worker: Worker
) -> Sample | None:
    """The old side as it was named: values, a row, a folder; None if the frontier is meant."""
    if against and old:
        raise PgolfError("--against and --old exclude each other", cure="Give one.")
    if old:
        return sample_of(old, "old", asked.unit)
    if against is None:
        return None
    if row := leaderboard.row(against):
        return row.sample
    if Path(against).is_dir():
        return _read(worker, from_folder, Path(against))[0].sample
    cure = "Name a pull request or a part of a title on the leaderboard, or a folder."
    raise PgolfError("neither a row of the leaderboard nor a folder", where=against, cure=cure)


def opening(as_of: str | None, asked: Asked, new: HandedIn) -> date | int:
    """When the new record was opened: as told, by its pull request, or by its own date."""
    if as_of:
        if number := _pull(as_of):
            return number
        try:
            return date.fromisoformat(as_of)
        except ValueError:
            cure = "Give a day as 2026-04-29 or a pull request as #1855."
            raise PgolfError("not a date", where=as_of, cure=cure) from None
    if asked.ref and (number := _pull(asked.ref)):
        return number
    return new.day or date.max


def _pull(text: str) -> int | None:
    match = _PULL.fullmatch(text)
    return int(next(filter(None, match.groups()))) if match else None


def _with(sample: Sample, tokenizer: float | None) -> Sample:
    return replace(sample, bytes_per_token=tokenizer) if tokenizer else sample


def _together(found: list[HandedIn]) -> HandedIn:
    warned = tuple(
        replace(each, message=f"{one.sample.name}: {each.message}")
        for one in found
        for each in one.warned
    )
    days = [one.day for one in found if one.day]
    readme = "\n".join(one.readme for one in found)
    sample = pooled([one.sample for one in found])
    return HandedIn(sample, warned, readme, min(days, default=None))


def _read(
    worker: Worker, reader: Callable[..., list[HandedIn]], *arguments: object
) -> list[HandedIn]:
    found = worker.run(reader, *arguments)
    if isinstance(found, Problem):
        raise PgolfError(f"cannot be read: it {found.message}", where=str(arguments[0]))
    return found
