"""Finds the statistics that a text quotes: t, df, p, standard deviations, sigmas, differences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from pgolf_check.measure.samples import half_unit

_LINES = 5_000  # of one text; READMEs have hundreds
_CHARACTERS = 1_000  # of one line
_QUOTES = 200  # of one text
_AROUND = 12  # lines before and after in which people name what they compare with
_NEAR = 4  # lines in which a number may be that very score


class Figure(StrEnum):
    """What a quoted number is said to be."""

    T = "t"
    DF = "df"
    P = "p"
    SD = "sd"
    SIGMA = "sigmas"
    NATS = "nats"
    NATS_PER_BYTE = "nats/byte"
    BPB = "bpb"


@dataclass(frozen=True, slots=True)
class Quote:
    """One quoted number. `half_unit` is what its rounding may hide.

    `around` is where people name what they compare with, `near` a smaller circle.
    """

    figure: Figure
    value: float
    half_unit: float
    below: bool  # "p < value"
    line: int
    text: str
    around: str
    near: str

    def shows(self, value: float) -> bool:
        """Whether this number, rounded or cut to as many digits, is the one quoted."""
        quoted, found = abs(self.value), abs(value)
        return quoted - self.half_unit * 1.001 <= found < quoted + 2 * self.half_unit

    def nearly_shows(self, value: float) -> bool:
        """Whether rounding on the way could have led from one to the other."""
        return abs(abs(value) - abs(self.value)) <= 0.02 * abs(self.value)

    @property
    def digits(self) -> int:
        """How many significant digits were given."""
        return len(f"{abs(self.value) / (2 * self.half_unit):.0f}") if self.value else 0


_NUMBER = r"(?P<number>(?<![\d.])[-+]?(?:\d{1,9}(?:\.\d{0,12})?|\.\d{1,12})(?:[eE]-?\d{1,2})?)"
_EQUALS = r"\s*(?P<relation><<|<=|<|≤|=|≈|~|:)\s*~?\s*"
_DELTA = r"(?P<number>[-+]?\d?\.\d{2,10})[ -]?"

_PATTERNS: tuple[tuple[Figure, re.Pattern[str]], ...] = (
    (Figure.T, re.compile(r"(?<![\w.])t(?:\s*\([^()]{0,40}\))?\s*[=≈]\s*~?" + _NUMBER)),
    (Figure.T, re.compile(r"(?i)(?<!\w)t[- ]?stat(?:istic)?\s*[:=≈|]+\s*" + _NUMBER)),
    (Figure.DF, re.compile(r"(?i)(?<!\w)df\s*[:=≈]\s*~?" + _NUMBER)),
    (Figure.P, re.compile(r"(?<![\w.])[pP]" + _EQUALS + _NUMBER)),
    (Figure.P, re.compile(r"(?i)(?<!\w)p[- ]val(?:ue)?(?:[^=<≤≈~|]{0,80}?)" + _EQUALS + _NUMBER)),
    (
        Figure.SD,
        re.compile(
            r"(?i)(?<!\w)(?:std(?:ev)?|sd|standard deviation)(?: ?\([^)]{0,20}\))?[\s:=≈|]{1,6}"
            r"(?P<number>0?\.\d{2,10})"
        ),
    ),
    (Figure.SD, re.compile(r"\d\.\d+\s*(?:±|\+/-)\s*(?P<number>0?\.\d{2,10})")),
    (Figure.SIGMA, re.compile(r"(?i)" + _NUMBER + r"\s*(?:\u03c3|sigmas?(?!\w)|standard errors?)")),
    (
        Figure.SIGMA,
        re.compile(r"(?i)significance ratio[^≈]{0,80}[≈]\s*" + _NUMBER),
    ),
    (
        Figure.NATS_PER_BYTE,
        re.compile(r"(?i)" + _DELTA + r"nats?\s*(?:/|per|-per-)\s*byte"),
    ),
    (Figure.NATS, re.compile(r"(?i)" + _DELTA + r"nats?(?!\s*(?:/|per|-per-)\s*byte)(?!\w)")),
    (Figure.BPB, re.compile(r"(?i)" + _DELTA + r"(?:bpb|bpp|bits?[ -]per[ -]byte)(?!\w)")),
)
_STATISTICAL = re.compile(
    r"(?i)welch|t-?test|t-?stat|signific|p-val|(?<!\w)p\s*[<≈]|seed|(?<!\w)df"
)
_TEST = re.compile(r"(?i)welch|t-?test|t-?stat|p-val|(?<!\w)p\s*[<=≈]|(?<!\w)df")
_CRITICAL = re.compile(r"(?i)crit")
_RULE = re.compile(r"(?i)requir|cut-?off|must|need|policy|criteri|critical|\bbar\b|crit\.")
_COMPARING = re.compile(r"(?i)improv|beat|delta|Δ|gain|better|lower|diff|\bvs\b|over|reduc|surpass")
_MARGINS = (0.005, 0.0072, 0.00721)  # the rule itself, in the readings people give it
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−–", "0123456789---")  # noqa: RUF001
_POWER = re.compile(r"(\d)\s*(?:×|·|x|\\times)\s*10\s*\^?\s*\{?(-\d+)\}?")  # noqa: RUF001
_MARKUP = re.compile(r"\*\*|\*|`|\$|\\(?=[_~*])")


def quotes_in(text: str) -> Iterator[Quote]:
    """Every figure, in order of appearance; rules that are merely cited are left out."""
    lines = [plain(line[:_CHARACTERS]) for line in text.splitlines()[:_LINES]]
    return islice(_quotes(lines), _QUOTES)


def _quotes(lines: list[str]) -> Iterator[Quote]:
    for at, line in enumerate(lines):
        matches = [
            (figure, match) for figure, pattern in _PATTERNS for match in pattern.finditer(line)
        ]
        if not matches:
            continue
        around, near = (
            "\n".join(lines[max(at - reach, 0) : at + reach + 1]) for reach in (_AROUND, _NEAR)
        )
        statistical = _STATISTICAL.search(around) is not None
        taken: set[int] = set()
        for figure, match in matches:
            quote = _quote(figure, match, at + 1, line, around, near)
            if taken.isdisjoint(range(*match.span("number"))) and _is_meant(
                quote, match, line, statistical
            ):
                taken.update(range(*match.span("number")))
                yield quote


def plain(line: str) -> str:
    """The line without Markdown emphasis, powers of ten as `e-7`."""
    return _POWER.sub(r"\1e\2", _MARKUP.sub("", line.translate(_SUPERSCRIPTS)))


def _quote(
    figure: Figure, match: re.Match[str], line: int, text: str, around: str, near: str
) -> Quote:
    number = match["number"]
    value = float(number)
    relation = match.groupdict().get("relation") or "="
    below = relation in ("<", "<<", "<=", "≤")
    return Quote(figure, value, half_unit(number), below, line, text.strip()[:200], around, near)


def _is_meant(quote: Quote, found: re.Match[str], line: str, statistical: bool) -> bool:
    """Letters like t and p have other uses, and some figures only repeat the rule."""
    before = line[max(found.start() - 40, 0) : found.start()]
    match quote.figure:
        case Figure.T:
            telling = "." in found["number"] or _TEST.search(line)
            return bool(statistical and telling and not _CRITICAL.search(before))
        case Figure.P:
            after = line[found.end() : found.end() + 25]
            cited = quote.below and _RULE.search(before + after)
            return (
                statistical and 0 < quote.value < 0.5 and not cited and not _CRITICAL.search(before)
            )
        case Figure.DF:
            return statistical
        case Figure.SD:
            return 0 < quote.value < 0.5
        case Figure.SIGMA:
            comparing = _COMPARING.search(line) is not None
            return comparing and quote.digits > 1 and "clip" not in line.lower()
    compared = _COMPARING.search(line) is not None and abs(quote.value) not in _MARGINS
    return compared and quote.digits > 1 and 0 < abs(quote.value) < 1.0
