"""One run of a log: its lines sorted into steps, progress and what is worth keeping."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from types import MappingProxyType

from pgolf_check.submission.facts import (
    EvalKind,
    EvalLine,
    LoggedValue,
    LogLine,
    RunLog,
    Source,
)
from pgolf_check.submission.log_facts import AVERAGE, DUMPED, LogFacts, milliseconds, number
from pgolf_check.submission.log_lines import STEP, is_step
from pgolf_check.submission.log_scores import reports_score, scores, training_score
from pgolf_check.submission.timeline import phases

_NO_DIGITS = {ord(character): None for character in "0123456789."}
_SHAPE = 40  # characters of a line that tell what print it came from
_REPEATED = 12  # lines of one shape; more are progress
_NOTABLE = 1_500
_DIGITS_IN_NAME = re.compile(
    r"seed[_-]?(\d{1,9})(?!\d)|(?:^|[_-])s(\d{1,9})(?:[_.]|$)", re.IGNORECASE
)


class Run:
    """One run: its lines sorted into steps, progress and what is worth keeping."""

    def __init__(self, lines: list[LogLine], before: Sequence["Run"]) -> None:
        self._steps: list[LogLine] = []
        self._notable: list[LogLine] = []
        self._evals: list[EvalLine] = []
        self._facts = LogFacts()
        self._sort(lines)
        self._read()
        for earlier in before:
            self._facts.inherit(earlier._facts)

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
        seed = facts.whole("seed")
        return RunLog(
            path,
            digest,
            seed=seed if seed is not None else _seed_of(path),
            world_size=facts.whole("world_size"),
            gpu=facts.gpu,
            torch=facts.torch,
            python=facts.python,
            train_shards=facts.whole("train_shards"),
            train_path=facts.text("train_files", "train_path"),
            val_path=facts.val_path or facts.text("val_files", "val_path"),
            val_tokens=facts.val_tokens or facts.whole("val_tokens"),
            model_params=facts.whole("model_params"),
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
            traceback=facts.traceback,
            complete=self.complete,
            lines=tuple(sorted(self._quoted(), key=lambda line: line.number)),
        )

    def _quoted(self) -> set[LogLine]:
        quoted = set(self._facts.stated.values())
        if self._steps:
            quoted |= {self._steps[0], self._steps[-1]}
        return quoted

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
                if match := DUMPED.match(text):
                    self._facts.dumped[match[1]] = LoggedValue(match[2].strip(), line.number)
                    continue
                dumping = False
            self._facts.read(line)
            if reports_score(text):
                often = text[:_SHAPE].translate(_NO_DIGITS) in self._often
                self._evals.extend(scores(line, repeated=often))
        self._evals.sort(key=lambda score: score.line)

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
                train_ms = milliseconds(line.text)
            if step_ms is None and (average := AVERAGE.search(line.text)):
                step_ms = number(average[1])
            if step is not None and train_ms is not None and step_ms is not None:
                break
        if step_ms is None and train_ms and step:
            step_ms = round(train_ms / step, 2)
        return step, planned, train_ms, step_ms


def _capped(lines: Sequence[LogLine]) -> tuple[LogLine, ...]:
    """The first and the last lines, when there are too many."""
    if len(lines) <= _NOTABLE:
        return tuple(lines)
    half = _NOTABLE // 2
    return (*lines[:half], *lines[-half:])


def _seed_of(path: str) -> int | None:
    """The seed a file is named after."""
    match = _DIGITS_IN_NAME.search(PurePosixPath(path).stem)
    return int(match[1] or match[2]) if match else None
