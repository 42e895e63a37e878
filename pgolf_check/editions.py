"""The numbers of the rulebook, by date: one file per edition in `rules/editions`."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pgolf_check.errors import PgolfError

# A path beside this package: another installed package may also be called `rules`.
_FOLDER = Path(__file__).resolve().parent.parent / "rules" / "editions"


@dataclass(frozen=True, slots=True)
class Edition:
    """What the contest demanded from `since` on, until the next edition."""

    name: str
    since: date
    size_cap_bytes: int
    train_seconds: float
    train_tolerance_seconds: float
    eval_seconds: float
    margin_nats_per_token: float
    p_threshold: float
    seeds_expected: int
    plausible_bpb: float
    sources: tuple[str, ...] = ()
    cutoff: datetime | None = None


@cache
def editions() -> tuple[Edition, ...]:
    """Every edition, oldest first."""
    found = (_edition(tomllib.loads(path.read_text("utf-8"))) for path in _FOLDER.glob("*.toml"))
    return tuple(sorted(found, key=lambda edition: edition.since))


def edition_named(name: str) -> Edition:
    """The edition of that name, or a complaint that lists the names there are."""
    for edition in editions():
        if edition.name == name:
            return edition
    names = ", ".join(edition.name for edition in editions())
    raise PgolfError("unknown edition of the rules", where=name, cure=f"Use one of: {names}.")


def edition_at(day: date) -> Edition:
    """The edition in force on a day; the first one for days before the contest."""
    past = [edition for edition in editions() if edition.since <= day]
    return past[-1] if past else editions()[0]


def _edition(numbers: dict[str, Any]) -> Edition:
    sources = tuple(numbers.pop("sources", ()))
    return Edition(**numbers, sources=sources)
