"""The commands by which a README or a shell script says the program is run."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pgolf_check.findings import Place

_SHELL = (".sh", ".bash")
_MARKDOWN = (".md", ".txt")
_FENCE = re.compile(r"^\s{0,8}(?:```|~~~)")
_LEAD = re.compile(r"^\s*(?:#|echo\s|[\w|*-]{1,40}\)\s*$)")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.{1,200})")
_ASSIGNMENT = re.compile(r"^([A-Za-z_]\w{0,80})=(.*)$", re.DOTALL)
_POWERSHELL = re.compile(r"^\s*\$env:(\w{1,80})\s{0,4}=\s{0,4}['\"]?([^'\"]{0,200})")
_VARIABLE = re.compile(r"\$(?:\{(\w{1,80})(?::?-([^{}]{0,200}))?\}|(\w{1,80}))")
_FOR = re.compile(r"^\s*for\s+(\w{1,80})\s+in\s+([^;]{1,300})")
_LAUNCHERS = frozenset({"torchrun", "python", "python3", "accelerate", "deepspeed", "uv"})
_ASIDE = re.compile(
    r"ablat|baseline|control|compar|without|previous|original|prior|upstream|smoke|debug|sanity"
    r"|quick|local|single.?gpu|1x|test|old\b|parent|alternativ|optional|disabl|base model",
    re.IGNORECASE,
)
_MEANT = re.compile(
    r"reproduc|run|usage|command|launch|how to|training|final|record|submission", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class RunCommand:
    """One launch: the script, the variables and flags given to it, and what its heading says."""

    place: Place
    script: str
    variables: Mapping[str, str]
    flags: Mapping[str, str]
    standing: int  # above 0 where its surroundings present it as the way to run the submission


def run_commands(texts: Mapping[str, str]) -> tuple[RunCommand, ...]:
    """Every launch in the texts, in their order."""
    found: list[RunCommand] = []
    bare: list[RunCommand] = []
    for path, text in texts.items():
        lowered = path.lower()
        if lowered.endswith(_SHELL):
            found.extend(_in_block(path, _numbered(text), path.replace("_", " ")))
        elif lowered.endswith(_MARKDOWN) and "requirements" not in lowered:
            for heading, block in _fenced(text):
                found.extend(_in_block(path, block, heading))
                bare += _bare(path, block, heading)
    return tuple(found or bare)


def _bare(path: str, lines: list[tuple[int, str]], title: str) -> list[RunCommand]:
    """A block of nothing but assignments: settings of a launch that is not spelt out."""
    variables: dict[str, str] = {}
    for _, line in _joined(lines):
        for words in _simple_commands(line):
            own, rest = _assignments(words, variables)
            if rest and not rest[0].startswith("#"):
                return []
            variables |= own
    if not variables:
        return []
    number, first = lines[0]
    place = Place(path, number, first.strip()[:300])
    return [RunCommand(place, "", variables, {}, _standing(title))]


def _stretches(lines: list[tuple[int, str]]) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """A script cut at its comments, messages and case labels, each with what these say."""
    lead, stretch = "", list[tuple[int, str]]()
    for number, line in lines:
        if _LEAD.match(line):
            yield lead, stretch
            lead, stretch = line[:200], []
        stretch.append((number, line))
    yield lead, stretch


def _fenced(text: str) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """The fenced blocks of Markdown under their headings, with the line that leads up to each."""
    heading = lead = ""
    block: list[tuple[int, str]] | None = None
    for number, line in _numbered(text):
        if _FENCE.match(line):
            if block is None:
                block = []
            else:
                yield f"{heading} {lead}", block
                block = None
        elif block is not None:
            block.append((number, line))
        elif match := _HEADING.match(line):
            heading, lead = match[1], ""
        elif line.strip():
            lead = line[:200]


def _in_block(path: str, lines: list[tuple[int, str]], title: str) -> Iterator[RunCommand]:
    """The launches of one script or block; what it exports holds for those that follow."""
    exported: dict[str, str] = {}
    for lead, stretch in _stretches(lines):
        standing = _standing(f"{title} {lead}")
        for number, line in _joined(stretch):
            yield from _on_line(Place(path, number, line.strip()[:300]), line, standing, exported)


def _on_line(
    place: Place, line: str, standing: int, exported: dict[str, str]
) -> Iterator[RunCommand]:
    """The launches on one line; what it exports is added to `exported`."""
    if match := _POWERSHELL.match(line):
        exported[match[1]] = match[2]
        return
    if match := _FOR.match(line):
        exported[match[1]] = match[2].split()[0]
    for words in _simple_commands(line):
        variables, rest = _assignments(words, exported)
        launch = _launch(rest)
        if launch is None:
            if not rest or rest[0] in ("export", "declare", "set", "env"):
                exported |= variables
            continue
        script, arguments = launch
        merged = MappingProxyType(exported | variables)
        yield RunCommand(place, script, merged, _flags(arguments), standing)


def _joined(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines with their continuations; a command stands at the line where it begins."""
    begun = 0
    parts: list[str] = []
    for number, line in lines:
        begun = begun or number
        stripped = line.rstrip()
        if stripped.endswith(("\\", "`")) and len(parts) < 400:
            parts.append(stripped[:-1])
            continue
        yield begun, " ".join([*parts, stripped])
        begun, parts = 0, []
    if parts:
        yield begun, " ".join(parts)


def _simple_commands(line: str) -> Iterator[list[str]]:
    """The words of each command of a line that `;`, `&&` or `|` part."""
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|")
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:  # an apostrophe in prose, or a quote that goes on in the next line
        words = line.split()
    command: list[str] = []
    for word in words:
        if set(word) <= {";", "&", "|"} or word in ("do", "then", "else"):
            yield command
            command = []
        else:
            command.append(word)
    yield command


def _assignments(words: list[str], known: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The variables that a command sets, and its remaining words."""
    variables: dict[str, str] = {}
    rest: list[str] = []
    for word in words:
        match = _ASSIGNMENT.match(word)
        if match and (not rest or rest[0] in _BEFORE_ASSIGNMENTS):
            value = _expanded(match[2], {**known, **variables})
            if value is not None:
                variables[match[1]] = value
        else:
            rest.append(word)
    return variables, rest


_BEFORE_ASSIGNMENTS = frozenset(
    {"export", "env", "declare", "docker", "sudo", "nohup", "time", "$"}
)


def _expanded(value: str, known: Mapping[str, str]) -> str | None:
    """The value with variables filled in; None where one is not known or a command is run."""
    if "$(" in value or "`" in value:
        return None
    unknown = False

    def fill(match: re.Match[str]) -> str:
        nonlocal unknown
        name = match[1] or match[3]
        filled = known.get(name, match[2])
        unknown = unknown or filled is None
        return filled or ""

    text = _VARIABLE.sub(fill, value[:400])
    return None if unknown else text


def _launch(words: list[str]) -> tuple[str, list[str]] | None:
    """The Python script a command starts, and what is passed to it."""
    if not any(word.rpartition("/")[2] in _LAUNCHERS for word in words[:12]):
        return None
    for at, word in enumerate(words):
        if word.endswith(".py"):
            return word, words[at + 1 :]
    return None


def _flags(arguments: list[str]) -> Mapping[str, str]:
    flags: dict[str, str] = {}
    for at, word in enumerate(arguments):
        if not word.startswith("--"):
            continue
        name, given, value = word[2:].partition("=")
        if not given:
            follower = arguments[at + 1] if at + 1 < len(arguments) else "--"
            value = "True" if follower.startswith("--") else follower
        flags[name.replace("-", "_")] = value
    return MappingProxyType(flags)


def _standing(words: str) -> int:
    return 2 * bool(_MEANT.search(words)) - 3 * bool(_ASIDE.search(words))


def _numbered(text: str) -> list[tuple[int, str]]:
    return list(enumerate(text.splitlines(), 1))
