"""How many bytes the evaluations of a log count, against those of the official validation text."""

import math
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pgolf_check.findings import Evidence, Place
from pgolf_check.submission.facts import EvalKind, EvalLine, Headline, RunLog

_FILE = Path(__file__).parent / "bytes" / "ratios.toml"
_UNRELATED = (EvalKind.RUNNING, EvalKind.MIXER, EvalKind.NGRAM)  # may print another score's loss
_BATCH = 100_000  # tokens; two in a thousand
_ALIKE = 0.003  # four printed decimals leave less
_BYTES = re.compile(r"(?<![a-z])(?:n_)?(?:scored_|sidecar_)?bytes\s?[=:]\s?(\d{5,12})", re.I)


@dataclass(frozen=True, slots=True)
class Split:
    """One encoding of the official text."""

    name: str
    tokens: int
    slack: int


@dataclass(frozen=True, slots=True)
class Damage:
    """A known mistake, and the factor by which it swells the byte count."""

    factor: float
    cause: str


@dataclass(frozen=True, slots=True)
class OfficialText:
    """The text that every score is about."""

    bytes: int
    tolerance: float
    splits: tuple[Split, ...]
    damages: tuple[Damage, ...]

    def split(self, tokens: int | None) -> Split | None:
        """The known encoding with that many tokens."""
        if tokens is None:
            return None
        near = (split for split in self.splits if abs(split.tokens - tokens) <= split.slack)
        return next(near, None)

    def published(self, tokens: int) -> bool:
        """Whether so many tokens are a published encoding, give or take a batch that was cut."""
        return any(abs(split.tokens - tokens) <= _BATCH for split in self.splits)

    def cause(self, factor: float) -> str:
        """What is known to swell the byte count by that factor, or nothing."""
        near = (damage for damage in self.damages if abs(damage.factor - factor) < 0.005)
        damage = next(near, None)
        return f" So it comes out when {damage.cause}." if damage else ""


@cache
def official_text() -> OfficialText:
    """The figures of `bytes/ratios.toml`."""
    table = tomllib.loads(_FILE.read_text("utf-8"))
    return OfficialText(
        table["bytes"],
        table["tolerance"],
        tuple(Split(**split) for split in table["split"]),
        tuple(Damage(**damage) for damage in table["damage"]),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """A line of a log and the bytes per token that its loss and score imply."""

    line: EvalLine
    bytes_per_token: float


def readings(log: RunLog) -> Iterator[Reading]:
    """Every line that states the loss and the score of one evaluation."""
    for line in log.evals:
        if line.kind not in _UNRELATED and line.val_loss and line.val_bpb:
            yield Reading(line, line.val_loss / (line.val_bpb * math.log(2)))


def agreed(found: list[Reading]) -> float | None:
    """The bytes per token on which all lines agree, which makes it a fact of the byte table."""
    if not found:
        return None
    values = sorted(reading.bytes_per_token for reading in found)
    middle = values[len(values) // 2]
    return middle if values[-1] - values[0] <= _ALIKE * middle else None


def tokens_line(log: RunLog) -> tuple[Evidence, ...]:
    """The line of a log that states its validation tokens."""
    for kept in (*log.lines, *log.notable):
        if str(log.val_tokens) in kept.text and "val" in kept.text:
            place = Place(log.path, kept.number, kept.text)
            return (Evidence(place, "the tokens that were loaded"),)
    return ()


def headline_line(log: RunLog, headline: Headline) -> EvalLine | None:
    """The line of a log that gives its part of the headline."""
    matching = [e for e in log.evals if e.kind is headline.kind and e.label == headline.label]
    return matching[-1] if matching else None


def stated_bytes(line: EvalLine, log: RunLog) -> int | None:
    """The number of bytes that a line says it scored, if it is not that of the tokens."""
    match = _BYTES.search(line.text)
    stated = int(match[1]) if match else None
    return stated if stated != log.val_tokens else None
