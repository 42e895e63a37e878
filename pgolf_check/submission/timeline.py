"""What a run spent its time on, in the order in which its log tells it."""

import math
import re
from collections.abc import Iterable

from pgolf_check.submission.facts import EvalKind, EvalLine, LogLine, Phase, RunLog, Stage
from pgolf_check.submission.log_scores import duration

_STAGES = (
    (Stage.CALIBRATE, re.compile(r"hessian|calibrat|autoregressive|self.?gen", re.IGNORECASE)),
    (
        Stage.SERIALISE,
        re.compile(
            r"^(?:serializ|deserializ|total submission)|compression (?:done|took)", re.IGNORECASE
        ),
    ),
    (
        Stage.QUANTISE,
        re.compile(r"^\s{0,2}(?:gptq|quantiz|selective_prune|prun|lqer|awq|int\d)", re.IGNORECASE),
    ),
    (
        Stage.EVALUATE,
        re.compile(
            r"^(?:beginning ttt|ttt\w*:\s?start|total_eval_time|final_eval_mode|eval(?:uat)?\w*:)",
            re.IGNORECASE,
        ),
    ),
    (Stage.WARMUP, re.compile(r"^(?:loop_)?warmup\w*[ :]", re.IGNORECASE)),
)
_SETTING = re.compile(
    r"^\s{2,}\w+\s*:|reserv", re.IGNORECASE
)  # a line of the settings dump, or of plans
_TOOK = re.compile(
    r"(?:\bin|took|done[^\d]{0,12}|collected[^\d]{0,30})\s{0,2}\(?([\d.]{1,12})\s?s\b",
    re.IGNORECASE,
)
_MOST = 200


def phases(
    notable: Iterable[LogLine],
    evals: Iterable[EvalLine],
    trained: tuple[int, float | None, int] | None,
) -> tuple[Phase, ...]:
    """Phases in order; `trained` holds the first step's line, the seconds and the last line."""
    scored = {e.line: e for e in evals if e.kind not in (EvalKind.TRAINING, EvalKind.RUNNING)}
    found: list[Phase] = []
    if trained:
        found.append(Phase(Stage.TRAIN, "training", trained[2], trained[1]))
    for line in notable:
        phase = _phase(line, scored)
        if phase and not (trained and trained[0] < line.number < trained[2]):
            found.append(phase)
    found.sort(key=lambda phase: phase.line)
    return tuple(_merged(found))[:_MOST]


def after_training(log: RunLog) -> float:
    """Seconds of calibration and quantisation that began when the training clock had stopped."""
    ends = [phase.line for phase in log.phases if phase.stage is Stage.TRAIN]
    return math.fsum(
        phase.seconds or 0.0
        for phase in log.phases
        if phase.stage in (Stage.CALIBRATE, Stage.QUANTISE) and ends and phase.line > ends[-1]
    )


def evaluation_seconds(log: RunLog, label: str) -> float | None:
    """The evaluation's own total, else the time of the headline's line, else the longest line."""
    if log.eval_seconds_total is not None:
        return log.eval_seconds_total
    timed = [(score.label, score.seconds) for score in log.evals if score.seconds is not None]
    named = [seconds for name, seconds in timed if name.startswith(label.removesuffix("_exact"))]
    if label and named:
        return max(named)
    return max((seconds for _, seconds in timed), default=None)


def _phase(line: LogLine, scored: dict[int, EvalLine]) -> Phase | None:
    if score := scored.get(line.number):
        return Phase(Stage.EVALUATE, score.label or score.kind.value, line.number, score.seconds)
    if _SETTING.search(line.text):
        return None
    for stage, pattern in _STAGES:
        if pattern.search(line.text):
            return Phase(stage, line.text.strip()[:80], line.number, _took(line.text))
    return None


def _took(text: str) -> float | None:
    match = _TOOK.search(text)
    if not match:
        return duration(text)
    try:
        return float(match[1])
    except ValueError:
        return None


def _merged(found: list[Phase]) -> Iterable[Phase]:
    """Neighbours of one stage that tell no time of their own are one phase."""
    last: Phase | None = None
    for phase in found:
        if last and last.stage is phase.stage and phase.seconds is None:
            continue
        yield phase
        last = phase
