"""The leaderboard as it stood at a date, from a dated data file."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pgolf_check.errors import PgolfError
from pgolf_check.measure.samples import Sample, Seed, Summary, half_unit
from pgolf_check.measure.units import Unit

SHIPPED = Path(__file__).with_name("leaderboard.toml")
_SAME = 1e-7  # two runs never agree in eight digits


@dataclass(frozen=True, slots=True)
class Row:
    """One accepted record. Pull requests are numbered in the order they were opened."""

    pr: int
    date: date
    name: str
    author: str
    score: str  # as the leaderboard prints it
    tokenizer: str
    seeds: tuple[Seed, ...]
    bytes_per_token: float | None

    @property
    def label(self) -> str:
        """How reports call it."""
        return f"#{self.pr}" if self.pr else self.name

    @property
    def sample(self) -> Sample:
        """The row as one side of a comparison."""
        published = None if self.seeds else Summary(1, float(self.score), None)
        digits = [repr(seed.value) for seed in self.seeds] or [self.score]
        return Sample(
            self.label,
            Unit.BPB,
            self.seeds,
            published,
            rounding=min(map(half_unit, digits)),
            bytes_per_token=self.bytes_per_token,
            about=f"{self.name}, {self.date}",
        )

    def holds(self, sample: Sample) -> bool:
        """Whether the sample is this very record."""
        values = sample.measured_in(Unit.BPB).values if sample.seeds else ()
        return any(abs(a - b.value) < _SAME for a in values for b in self.seeds)


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Rows, newest first, and the tokenizers' bytes per token."""

    rows: tuple[Row, ...]
    tokenizers: dict[str, float]

    def row(self, wanted: str) -> Row | None:
        """By pull request (`1855`, `#1855`) or by a part of the name that only one row has."""
        if match := re.fullmatch(r"(?:PR *)?#?(\d{1,6})", wanted.strip(), re.IGNORECASE):
            return next((row for row in self.rows if row.pr == int(match[1])), None)
        named = [row for row in self.rows if wanted.lower() in row.name.lower()]
        if len(named) > 1:
            labels = ", ".join(row.label for row in named[:8])
            raise PgolfError(
                "several rows have this name", where=wanted, cure=f"Name one: {labels}."
            )
        return named[0] if named else None

    def frontier(self, as_of: date | int, new: Sample) -> Row:
        """The best row there was on a day, or when a pull request of that number was opened.

        The new record itself, should it be on the leaderboard by now, does not count.
        """
        rows = [
            row
            for row in self.rows
            if (row.pr < as_of if isinstance(as_of, int) else row.date <= as_of)
            and not row.holds(new)
        ]
        if not rows:
            raise PgolfError("the leaderboard was empty", where=str(as_of), cure="Name a row.")
        return min(rows, key=lambda row: row.sample.summary.mean)

    def bytes_per_token(self, tokenizer: str) -> float:
        """Of a named tokenizer, or the number itself."""
        if tokenizer in self.tokenizers:
            return self.tokenizers[tokenizer]
        try:
            value = float(tokenizer)
        except ValueError:
            value = 0.0
        if not 0.1 <= value <= 1_000:
            names = ", ".join(self.tokenizers)
            cure = f"Use one of {names}, or its bytes per token as a number."
            raise PgolfError("unknown tokenizer", where=tokenizer, cure=cure)
        return value


def load(path: Path = SHIPPED) -> Leaderboard:
    """The leaderboard in a file; the shipped one unless another is named."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        tokenizers = {str(key): float(value) for key, value in data["tokenizers"].items()}
        rows = tuple(_row(row, tokenizers) for row in data["row"])
    except (OSError, UnicodeDecodeError) as error:
        raise PgolfError(f"cannot read the leaderboard: {error}", where=str(path)) from None
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        cure = f"It must look like the shipped one, {SHIPPED}."
        problem = f"not a leaderboard ({type(error).__name__}: {error})"
        raise PgolfError(problem, where=str(path), cure=cure) from None
    return Leaderboard(rows, tokenizers)


def _row(data: dict[str, Any], tokenizers: dict[str, float]) -> Row:
    seeds = tuple(Seed(float(value), int(seed)) for seed, value in data.get("seeds", ()))
    if not all(0.0 < seed.value < 100.0 for seed in seeds):
        raise ValueError("a score that is none")
    if not isinstance(data["date"], date):
        raise TypeError("date is no date")
    if not 0.0 < float(data["score"]) < 100.0:
        raise ValueError("a score that is none")
    return Row(
        pr=int(data["pr"]),
        date=data["date"],
        name=str(data["name"]),
        author=str(data["author"]),
        score=str(data["score"]),
        tokenizer=str(data["tokenizer"]),
        seeds=seeds,
        bytes_per_token=data.get("bytes_per_token", tokenizers.get(data["tokenizer"])),
    )
