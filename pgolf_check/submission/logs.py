"""A train log as facts: what ran, for how long, how large it came out and how it scored."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission.facts import LogLine, RunLog, Source, SourceRole
from pgolf_check.submission.log_lines import Script, lines_of, logged_scripts, split_runs
from pgolf_check.submission.log_run import Run

_SUFFIXES = (".log", ".txt", ".out", ".stdout", ".stderr")
_NO_LOGS = re.compile(r"requirements|readme|license|cmake|constraints|vocab|notes?\b|manifest|todo")


def looks_like_log(path: str, size: int) -> bool:
    """Whether a file may be a train log, by its name alone, if it is not empty."""
    name = PurePosixPath(path).name.lower()
    named = name.endswith(_SUFFIXES) or ("." not in name and "log" in name)
    return named and size > 0 and not _NO_LOGS.search(name)


def read_log(path: str, data: bytes, digest: str, limits: Limits = LIMITS) -> RunLog | None:
    """The last complete run that a log tells of; None where it tells of no run."""
    texts = lines_of(data, limits)
    scripts = logged_scripts(texts)
    runs: list[Run] = []
    for lines in split_runs(_outside(texts, scripts)):
        runs.append(Run([line for line in lines if line.text.strip()], runs[-1:]))
    told = [run for run in runs if run.tells_of_a_run]
    if not told:
        return None
    complete = [run for run in told if run.complete]
    described = (complete or told)[-1]
    source = None
    if scripts and (last := scripts[-1]).whole:
        source = Source(path, last.text, SourceRole.LOGGED, anchor=last.first)
    return described.facts(path, digest, source, max(len(complete), 1))


def _outside(texts: Sequence[str], scripts: Sequence[Script]) -> list[LogLine]:
    """The numbered lines, those of recorded scripts left out."""
    lines: list[LogLine] = []
    begin = 0
    for script in scripts:
        lines += map(LogLine, range(begin + 1, script.first), texts[begin : script.first - 1])
        begin = script.last
    lines += map(LogLine, range(begin + 1, len(texts) + 1), texts[begin:])
    return lines
