"""Scores of several seeds, from wherever they came, in one unit."""

import math
import re
import statistics
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from pgolf_check.errors import PgolfError
from pgolf_check.measure.units import Unit, factor

_LARGEST = 1_000.0  # far beyond any loss; keeps squares of squares finite
_SUMMARY = re.compile(r"^(?P<mean>[^±+/]+)(?:±|\+-|\+/-)(?P<sd>[^/]+)/(?P<n>\d{1,6})$")
_FORMS = "Give values as 1.0801,1.0799 or 42:1.0801,0:1.0799 or a summary as 1.0801+-0.0004/3"


@dataclass(frozen=True, slots=True)
class Summary:
    """All that a t-test needs to know of a sample; sd (ddof = 1) is None where n is 1."""

    n: int
    mean: float
    sd: float | None

    @property
    def standard_error(self) -> float | None:
        """Of the mean."""
        return None if self.sd is None else self.sd / math.sqrt(self.n)


@dataclass(frozen=True, slots=True)
class Seed:
    """One run's score."""

    value: float
    seed: int | None = None
    log: str = ""
    other: float | None = None  # the same run in the other unit, where its log prints both


@dataclass(frozen=True, slots=True)
class Sample:
    """One side of a comparison. `rounding` is half a unit of the last digit that was printed."""

    name: str
    unit: Unit
    seeds: tuple[Seed, ...] = ()
    published: Summary | None = None  # where nobody gave the values behind it
    rounding: float = 0.0
    bytes_per_token: float | None = None
    logged: bool = True  # False: somebody claims these values, and no log shows them
    about: str = ""  # more than the name, for a heading

    @property
    def values(self) -> tuple[float, ...]:
        """The scores alone."""
        return tuple(seed.value for seed in self.seeds)

    @property
    def summary(self) -> Summary:
        """Count, mean and sample standard deviation."""
        return self.published or summarise(self.values)

    def measured_in(self, unit: Unit) -> "Sample":
        """The same scores in another unit."""
        if unit is self.unit:
            return self
        if self.bytes_per_token is None:
            cure = "Name the tokenizer or its bytes per token with --tokenizer."
            raise PgolfError(f"cannot turn {self.unit} into {unit}", where=self.name, cure=cure)
        scale = factor(self.unit, unit, self.bytes_per_token)
        seeds = tuple(
            replace(seed, value=seed.other or seed.value * scale, other=seed.value)
            for seed in self.seeds
        )
        old = self.published
        sd = None if old is None or old.sd is None else old.sd * scale
        published = old and Summary(old.n, old.mean * scale, sd)
        return replace(
            self, unit=unit, seeds=seeds, published=published, rounding=self.rounding * scale
        )


def summarise(values: tuple[float, ...]) -> Summary:
    """Count, mean and sample standard deviation of at least one value."""
    mean = math.fsum(values) / len(values)
    return Summary(len(values), mean, statistics.stdev(values) if len(values) > 1 else None)


def sample_of(text: str, name: str, unit: Unit) -> Sample:
    """A sample as typed: values, seeds with values, or a published summary."""
    if match := _SUMMARY.match(text.replace(" ", "")):
        mean, sd = _number(match["mean"], name), _number(match["sd"], name, least=0.0)
        n = int(match["n"])
        if n < 2:
            raise PgolfError("a standard deviation needs two runs", where=name, cure=_FORMS + ".")
        return Sample(name, unit, published=Summary(n, mean, sd), rounding=half_unit(match["mean"]))
    parts = [part for part in re.split(r"[,;\s]+", text) if part]
    if not parts:
        raise PgolfError("no values", where=name, cure=_FORMS + ".")
    seeds = tuple(_seed(part, name) for part in parts)
    rounding = min(half_unit(part.rpartition(":")[2]) for part in parts)
    return Sample(name, unit, seeds, rounding=rounding)


def half_unit(number: str) -> float:
    """Half a unit of the last digit: what rounding may have changed."""
    exponent = Decimal(number).as_tuple().exponent
    return 0.5 * 10.0**exponent if isinstance(exponent, int) else 0.0


def _seed(part: str, name: str) -> Seed:
    seed, colon, value = part.rpartition(":")
    if colon and not re.fullmatch(r"\d{1,18}", seed):
        raise PgolfError(f"{seed!r} is not a seed", where=name, cure=_FORMS + ".")
    return Seed(_number(value, name), int(seed) if seed else None)


def _number(text: str, name: str, least: float = 1e-9) -> float:
    try:
        value = float(Decimal(text))
    except InvalidOperation:
        raise PgolfError(f"{text!r} is not a number", where=name, cure=_FORMS + ".") from None
    if not least <= value <= _LARGEST:  # also refuses NaN
        problem = f"{text} cannot be a score; a score lies between 0 and {_LARGEST:.0f}"
        raise PgolfError(problem, where=name)
    return value
