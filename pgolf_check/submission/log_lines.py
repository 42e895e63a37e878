"""A log as lines of text: colours, ranks and clocks taken off, the script at its top set apart."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission.facts import LogLine

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)?|[@-Z\\^_])")
_PREFIX = re.compile(
    r"(?:\[?rank\s?\d{1,4}\]?:\s?|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.,+Z:]{0,16}\]?:?\s+"
    r"|\[\d\d:\d\d:\d\d(?:\.\d{1,6})?\]\s*|\[(?:default)?\d{1,3}\]:\s?){1,3}"
)
_MAYBE_PREFIX = frozenset("[r2")
_RULE = re.compile(r"={50,}\s*$")
_CODE = ("import ", "from ", "def ", "class ", "@", "exec(", '"""')
_CODE_STARTS = re.compile(
    r"import \w|from [\w.]+ import|\"\"\"|'''|\"[A-Z]|#|def \w|class \w|exec\(|try:|os\.environ"
    r"|__\w+__ ?="
)
_IMPORT = re.compile(r"(?:import \w|from [\w.]+ import)")
STEP = re.compile(r"(?:step[: ]\s*)?(\d{1,9})/(\d{1,9})[ :]")
_WARMED_UP = 10  # steps; a smaller return to the start is no new run
_STEP_STARTS = frozenset("s0123456789")


@dataclass(frozen=True, slots=True)
class Script:
    """The source a log recorded, and the lines it filled."""

    text: str
    first: int
    last: int
    whole: bool  # False where lines of the run were written over its beginning


def lines_of(data: bytes, limits: Limits = LIMITS) -> list[str]:
    """The lines of a log, each as its last carriage return left it and no longer than the limit."""
    text = _decoded(data)
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    lines = text.split("\n")
    if "\r" in text:
        lines = [line.rstrip("\r").rpartition("\r")[2] if "\r" in line else line for line in lines]
    longest = limits.line_chars
    return [
        _bare(line[:longest]) if line[:1] in _MAYBE_PREFIX else line[:longest] for line in lines
    ]


def logged_scripts(lines: Sequence[str]) -> list[Script]:
    """The scripts a log recorded: each before a rule of `=` signs, or up to its own last line."""
    rules = [at for at, line in enumerate(lines) if line[:1] == "=" and _RULE.match(line)]
    return _between(lines, rules) or _between(lines, _mains(lines))


def _between(lines: Sequence[str], ends: Sequence[int]) -> list[Script]:
    found: list[Script] = []
    start = 0
    for end in ends:
        segment = lines[start:end]
        if end != ends[-1] and sum(line.count('"""') for line in segment) % 2:
            continue  # the rule underlines a title inside a docstring
        if script := _script(segment, start):
            found.append(script)
        start = end + 1
    return found


def is_step(line: str) -> bool:
    """Whether a line reports a training step."""
    return line[:1] in _STEP_STARTS and "_loss" in line and STEP.match(line) is not None


def split_runs(lines: Sequence[LogLine]) -> list[list[LogLine]]:
    """The runs of a file: a new one begins where the steps start again."""
    runs: list[list[LogLine]] = []
    begin = tail = 0  # where the run begins; where its last result stood
    highest = -1
    for at, line in enumerate(lines):
        if is_step(line.text):
            match = STEP.match(line.text)
            assert match is not None
            step = int(match[1])
            if step <= 1 and highest > _WARMED_UP:
                runs.append(list(lines[begin : tail + 1]))
                begin = tail + 1
                highest = step
            highest = max(highest, step)
            tail = at
        elif "bpb" in line.text or line.text.startswith(("Serialized", "Total sub", "peak mem")):
            tail = at
    runs.append(list(lines[begin:]))
    return runs


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # what PowerShell's redirection writes
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def _bare(line: str) -> str:
    match = _PREFIX.match(line)
    return line[match.end() :] if match else line


def _mains(lines: Sequence[str]) -> list[int]:
    """Where the blocks under `if __name__ == "__main__"` end."""
    ends = []
    for at, line in enumerate(lines):
        if line.startswith("if __name__ =="):
            end = at + 1
            while end < len(lines) and (not lines[end] or lines[end][:1].isspace()):
                end += 1
            ends.append(end)
    return ends


def _script(segment: Sequence[str], offset: int) -> Script | None:
    """The part of a segment that is code, if enough of its lines begin as code does."""
    marks = sum(line.startswith(_CODE) for line in segment)
    packed = any(line.startswith("exec(") for line in segment)
    if marks < 5 and not (packed and marks >= 2):
        return None
    first = next((at for at, line in enumerate(segment) if _CODE_STARTS.match(line)), 0)
    whole = any(_IMPORT.match(line) for line in segment[first:])
    last = len(segment)
    while last > first and not segment[last - 1].strip():
        last -= 1
    return Script("\n".join(segment[first:last]) + "\n", offset + first + 1, offset + last, whole)
