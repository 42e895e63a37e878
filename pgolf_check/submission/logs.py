"""A train log as facts: what ran, for how long, how large it came out and how it scored."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType

from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission.facts import (
    EvalKind,
    EvalLine,
    LoggedValue,
    LogLine,
    RunLog,
    Source,
    SourceRole,
)
from pgolf_check.submission.log_lines import (
    STEP,
    Script,
    is_step,
    lines_of,
    logged_scripts,
    split_runs,
)
from pgolf_check.submission.log_scores import reports_score, scores, training_score
from pgolf_check.submission.timeline import phases

_SUFFIXES = (".log", ".txt", ".out", ".stdout", ".stderr")
_NO_LOGS = re.compile(r"requirements|readme|license|cmake|constraints|vocab|notes?\b|manifest|todo")
_NO_DIGITS = {ord(character): None for character in "0123456789."}
_SHAPE = 40  # characters of a line that tell what print it came from
_REPEATED = 12  # lines of one shape; more are progress
_NOTABLE = 1_500
_DIGITS_IN_NAME = re.compile(
    r"seed[_-]?(\d{1,9})(?!\d)|(?:^|[_-])s(\d{1,9})(?:[_.]|$)", re.IGNORECASE
)

_PAIR = re.compile(r"(?<![\w./])([A-Za-z_][\w.]{0,60})\s{0,2}[:=]\s{0,2}([^\s,;|()]{1,120})")
_DUMPED = re.compile(r"^\s{1,8}([A-Za-z_]\w{0,60})\s{0,30}[:=]\s{0,4}(.{0,400})$")
_TIME = re.compile(r"train_time:\s{0,4}([\d.]{1,15})\s?(ms|s|m)")
_AVERAGE = re.compile(r"step_avg:\s{0,4}([\d.]{1,15})\s?ms")
_STOP = re.compile(r"stopping_early:?\s{0,4}(\w{1,40})|(wallclock[_ ]cap) reached", re.IGNORECASE)
_STOP_STEP = re.compile(r"step:\s{0,4}(\d{1,9})/(\d{1,9})")
_GPU = re.compile(r"\|\s+\d+\s+(NVIDIA [^|]{1,40}?)\s{2,}")
_GPU_NAME = re.compile(
    r"\b(?:gpu|device)(?:_name|_type)?\s{0,3}[:=]\s{0,3}((?:NVIDIA |Tesla |AMD )[^|,]{1,40})",
    re.IGNORECASE,
)
_VERSION = re.compile(r"Running (Python|PyTorch) (\S{1,60})")
_SIZES = re.compile(
    r"^\s{0,4}(Serialized model|Total submission size|Code size)\s{0,2}([^:]{0,60})"
    r":\s{0,4}([\d,]{1,15}) bytes",
    re.IGNORECASE,
)
_VAL_LOADER = re.compile(r"val_loader:shards pattern=(\S{1,400}) tokens:\s{0,2}(\d{1,15})")
_PEAK = re.compile(r"peak memory(?: allocated)?:\s{0,4}(\d{1,9}) ?MiB", re.IGNORECASE)
_EVAL_TOTAL = re.compile(r"total_eval_time:\s{0,4}([\d.]{1,15})\s?s")
_MILLISECONDS = {"ms": 1.0, "s": 1e3, "m": 6e4}


def looks_like_log(path: str, size: int, limits: Limits = LIMITS) -> bool:
    """Whether a file may be a train log, by its name and size alone."""
    name = PurePosixPath(path).name.lower()
    named = name.endswith(_SUFFIXES) or ("." not in name and "log" in name)
    return named and 0 < size <= limits.log_bytes and not _NO_LOGS.search(name)


def read_log(path: str, data: bytes, digest: str, limits: Limits = LIMITS) -> RunLog | None:
    """The last complete run that a log tells of; None where it tells of no run."""
    texts = lines_of(data, limits)
    scripts = logged_scripts(texts)
    runs: list[_Run] = []
    for lines in split_runs(_outside(texts, scripts)):
        runs.append(_Run([line for line in lines if line.text.strip()], runs[-1:]))
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


@dataclass(slots=True)
class _Facts:
    """Values as they are met; what is met later replaces what was met before."""

    pairs: dict[str, LoggedValue] = field(default_factory=dict[str, LoggedValue])
    dumped: dict[str, LoggedValue] = field(default_factory=dict[str, LoggedValue])
    stated: dict[str, LogLine] = field(default_factory=dict[str, LogLine])
    gpu: str | None = None
    torch: str | None = None
    python: str | None = None
    val_path: str | None = None
    val_tokens: int | None = None
    raw_model: int | None = None
    model: int | None = None
    code: int | None = None
    total: int | None = None
    total_labelled: bool = False
    total_line: int | None = None
    peak: int | None = None
    eval_total: float | None = None
    stop_reason: str | None = None
    stop_line: int | None = None
    stop_step: int | None = None
    planned: int | None = None
    train_ms: float | None = None


class _Run:
    """One run: its lines sorted into steps, progress and what is worth keeping."""

    def __init__(self, lines: list[LogLine], before: Sequence["_Run"]) -> None:
        self._steps: list[LogLine] = []
        self._notable: list[LogLine] = []
        self._evals: list[EvalLine] = []
        self._facts = _Facts()
        self._traceback = False
        self._sort(lines)
        self._read()
        for earlier in before:
            self._inherit(earlier._facts)

    @property
    def tells_of_a_run(self) -> bool:
        """Whether there is a step, a size or a score."""
        facts = self._facts
        return bool(self._steps or self._evals or facts.total or facts.model)

    @property
    def complete(self) -> bool:
        """Whether a score or size was reported after training."""
        facts = self._facts
        scored = any(e.kind not in (EvalKind.TRAINING, EvalKind.RUNNING) for e in self._evals)
        return scored or facts.total is not None

    def facts(self, path: str, digest: str, source: Source | None, runs: int) -> RunLog:
        """The run as one immutable record."""
        facts = self._facts
        step, planned, train_ms, step_ms = self._progress()
        trained = None
        if self._steps:
            stop = facts.stop_line or self._steps[-1].number
            seconds = train_ms / 1000 if train_ms is not None else None
            trained = (self._steps[0].number, seconds, max(stop, self._steps[-1].number))
        number = _whole(facts.pairs.get("seed") or facts.dumped.get("seed"))
        return RunLog(
            path,
            digest,
            seed=number if number is not None else _seed_of(path),
            world_size=self._whole("world_size"),
            gpu=facts.gpu,
            torch=facts.torch,
            python=facts.python,
            train_shards=self._whole("train_shards"),
            train_path=self._text("train_files", "train_path"),
            val_path=facts.val_path or self._text("val_files", "val_path"),
            val_tokens=facts.val_tokens or self._whole("val_tokens"),
            model_params=self._whole("model_params"),
            steps=step,
            planned_steps=planned,
            step_ms=step_ms,
            train_ms=train_ms,
            stop_reason=facts.stop_reason,
            stop_line=facts.stop_line,
            raw_model_bytes=facts.raw_model,
            model_bytes=facts.model,
            code_bytes=facts.code,
            total_bytes=facts.total,
            total_line=facts.total_line,
            peak_mib=facts.peak,
            eval_seconds_total=facts.eval_total,
            evals=tuple(self._evals),
            phases=phases(self._notable, self._evals, trained),
            counters=MappingProxyType(facts.pairs),
            hyperparameters=MappingProxyType(facts.dumped),
            notable=_capped(self._notable),
            source=source,
            runs=runs,
            traceback=self._traceback,
            complete=self.complete,
            lines=tuple(sorted(self._quoted(), key=lambda line: line.number)),
        )

    def _quoted(self) -> set[LogLine]:
        quoted = set(self._facts.stated.values())
        if self._steps:
            quoted |= {self._steps[0], self._steps[-1]}
        return quoted

    def _inherit(self, earlier: _Facts) -> None:
        """What a file says once holds for each of its runs."""
        facts = self._facts
        facts.gpu = facts.gpu or earlier.gpu
        facts.torch = facts.torch or earlier.torch
        facts.python = facts.python or earlier.python
        if "model_params" not in facts.pairs:  # this run printed no header of its own
            facts.pairs = earlier.pairs | facts.pairs
            facts.dumped = facts.dumped or earlier.dumped
            facts.val_path = facts.val_path or earlier.val_path
            facts.val_tokens = facts.val_tokens or earlier.val_tokens
            facts.peak = facts.peak or earlier.peak

    def _sort(self, lines: list[LogLine]) -> None:
        shapes: dict[str, int] = {}
        last: dict[str, LogLine] = {}
        for line in lines:
            text = line.text
            shape = text[:_SHAPE].translate(_NO_DIGITS)
            seen = shapes.get(shape, 0)
            shapes[shape] = seen + 1
            if seen >= _REPEATED:
                last[shape] = line
                if "val_bpb" in text and is_step(text):
                    self._steps.append(line)
            elif is_step(text):
                self._steps.append(line)
            else:
                self._notable.append(line)
        for line in last.values():
            (self._steps if is_step(line.text) else self._notable).append(line)
        self._steps = sorted(set(self._steps), key=lambda line: line.number)
        self._notable.sort(key=lambda line: line.number)
        self._often = frozenset(s for s, count in shapes.items() if count > _REPEATED)

    def _read(self) -> None:
        for line in self._steps:
            if "bpb" in line.text and (score := training_score(line)):
                self._evals.append(score)
        dumping = False
        for line in self._notable:
            text = line.text
            if text.startswith("Hyperparameters"):
                dumping = True
                continue
            if dumping:
                if match := _DUMPED.match(text):
                    self._facts.dumped[match[1]] = LoggedValue(match[2].strip(), line.number)
                    continue
                dumping = False
            self._read_line(line)
            if reports_score(text):
                often = text[:_SHAPE].translate(_NO_DIGITS) in self._often
                self._evals.extend(scores(line, repeated=often))
        self._evals.sort(key=lambda score: score.line)

    def _read_line(self, line: LogLine) -> None:
        text, facts = line.text, self._facts
        if match := _SIZES.match(text):
            self._read_size(line, match)
        elif text.startswith("val_loader:shards") and (match := _VAL_LOADER.match(text)):
            facts.val_path, facts.val_tokens = match[1], int(match[2])
            facts.stated["val_tokens"] = line
        elif "stopping_early" in text or "wallclock" in text:
            self._read_stop(line)
        elif match := _VERSION.search(text):
            if match[1] == "Python":
                facts.python = match[2]
            else:
                facts.torch = match[2]
        elif text.startswith("Traceback (most recent call last)"):
            self._traceback = True
        elif match := _PEAK.search(text):
            facts.peak = int(match[1])
        elif match := _EVAL_TOTAL.search(text):
            facts.eval_total = _float(match[1])
            facts.stated["eval_total"] = line
        if facts.gpu is None and ("NVIDIA" in text or "gpu" in text.lower()):
            match = _GPU.search(text) or _GPU_NAME.search(text)
            facts.gpu = match[1].strip() if match else None
        if "=" in text or ":" in text:
            for name, value in _PAIR.findall(text):
                facts.pairs[name] = LoggedValue(value, line.number)
                if name in _STATED:
                    facts.stated[name] = line

    def _read_size(self, line: LogLine, match: re.Match[str]) -> None:
        facts = self._facts
        what, label, size = match[1].lower(), match[2].strip(), int(match[3].replace(",", ""))
        if what == "serialized model":
            if label:
                facts.model = size
            else:
                facts.raw_model = size
            facts.stated[f"model {bool(label)}"] = line
        elif what == "code size":
            if "uncompressed" not in label:
                facts.code = size
                facts.stated["code"] = line
        elif label or not facts.total_labelled:
            # Without a label it is the size before compression, if a labelled line stands there.
            facts.total, facts.total_line = size, line.number
            facts.total_labelled = bool(label)
            facts.stated["total"] = line

    def _read_stop(self, line: LogLine) -> None:
        match = _STOP.search(line.text)
        if not match:
            return
        facts = self._facts
        facts.stop_reason = (match[1] or "wallclock_cap").lower()
        facts.stop_line = line.number
        facts.stated["stop"] = line
        facts.train_ms = _milliseconds(line.text)
        if at := _STOP_STEP.search(line.text):
            facts.stop_step, facts.planned = int(at[1]), int(at[2])

    def _progress(self) -> tuple[int | None, int | None, float | None, float | None]:
        """Steps made, steps planned, milliseconds of training, milliseconds a step."""
        facts = self._facts
        step, planned, train_ms, step_ms = facts.stop_step, facts.planned, facts.train_ms, None
        for line in reversed(self._steps):
            match = STEP.match(line.text)
            if match and step is None:
                step = int(match[1])
            if match and planned is None:
                planned = int(match[2])
            if train_ms is None:
                train_ms = _milliseconds(line.text)
            if step_ms is None and (average := _AVERAGE.search(line.text)):
                step_ms = _float(average[1])
            if step is not None and train_ms is not None and step_ms is not None:
                break
        if step_ms is None and train_ms and step:
            step_ms = round(train_ms / step, 2)
        return step, planned, train_ms, step_ms

    def _whole(self, name: str) -> int | None:
        return _whole(self._facts.pairs.get(name) or self._facts.dumped.get(name))

    def _text(self, *names: str) -> str | None:
        for name in names:
            found = self._facts.dumped.get(name) or self._facts.pairs.get(name)
            if found:
                return found.value
        return None


_STATED = frozenset({"seed", "world_size", "train_shards", "val_tokens", "model_params"})


def _capped(lines: Sequence[LogLine]) -> tuple[LogLine, ...]:
    """The first and the last lines, when there are too many."""
    if len(lines) <= _NOTABLE:
        return tuple(lines)
    half = _NOTABLE // 2
    return (*lines[:half], *lines[-half:])


def _milliseconds(text: str) -> float | None:
    match = _TIME.search(text)
    value = _float(match[1]) if match else None
    return value * _MILLISECONDS[match[2]] if match and value is not None else None


def _whole(logged: LoggedValue | None) -> int | None:
    digits = logged.value.replace(",", "").replace("_", "") if logged else ""
    return int(digits) if digits.isdecimal() and len(digits) < 20 else None


def _float(digits: str) -> float | None:
    try:
        return float(digits)
    except ValueError:
        return None


def _seed_of(path: str) -> int | None:
    """The seed a file is named after."""
    match = _DIGITS_IN_NAME.search(PurePosixPath(path).stem)
    return int(match[1] or match[2]) if match else None
