"""The lines of a log that report a score, and the evaluation each belongs to."""

import re
from collections.abc import Iterator

from pgolf_check.submission.facts import EvalKind, EvalLine, LogLine
from pgolf_check.submission.log_lines import STEP

_SCORE = re.compile(
    r"(?<![\w.])([\w.+-]{0,60}bpb\w{0,40})\b\"?\s{0,4}[:=|]?\s{0,4}(\d{1,2}\.\d{1,17})(?![\w.])",
    re.IGNORECASE,
)
_LOSS = re.compile(r"(?<![a-z])(?:val_)?(?:loss|nll)\s{0,3}[:=]\s{0,3}(\d{1,3}\.\d{1,17})")
_SECONDS = (
    (re.compile(r"eval_time(?:_ms)?\s{0,3}[:=]\s{0,3}([\d.]{1,15})\s?ms"), 1e-3),
    (re.compile(r"(?:eval_time|elapsed|time|took|t)\s{0,3}[:=]?\s{0,3}([\d.]{1,15})\s?s\b"), 1.0),
    (re.compile(r"(?:elapsed|time)\s{0,3}[:=]\s{0,3}([\d.]{1,15})\s?ms"), 1e-3),
)
_NOT_A_SCORE = re.compile(
    r"delta|gap|gain|improve|diff|bpb_std|baseline|target|drop|degrad", re.IGNORECASE
)
_LABEL_ENDS = re.compile(r"[\s:=|,\[(]*(?:(?:val_)?loss|nll|val_bpb|bpb)\b", re.IGNORECASE)
_RUNNING = re.compile(
    r"running|chunk[ _]?\[?\d|chunk \d|^\s*ttp|^tttg|\d%|batch \d+/|window \d+/|progress"
    r"|epoch \d|ttt_epoch"
    r"|\b(?:doc|chunk|batch|seq|phase|b)\s?[=:\[]?\s?\d+/\d+",
    re.IGNORECASE,
)
_KINDS = (
    (
        re.compile(r"pre.?quant|post.?ema|raw.?ema|swa_eval|unquant|float|before.quant"),
        EvalKind.PREQUANT,
    ),
    (re.compile(r"diagnos|sanity"), EvalKind.DIAGNOSTIC),
    (re.compile(r"ppm|mixer|mixture|\bmix\b|mix_|_mix|hedge|blend|mixed_bpb"), EvalKind.MIXER),
    (re.compile(r"n-?_?gram|backoff|\btilt"), EvalKind.NGRAM),
    (re.compile(r"slot"), EvalKind.SLOT),
    (re.compile(r"ttt|adapt"), EvalKind.TTT),
    (re.compile(r"slid|(?<![a-z])sw\d*(?![a-z])|etlb|stride"), EvalKind.SLIDING),
    (re.compile(r"roundtrip|quant|int\d|final|dequant|post_?q"), EvalKind.ROUNDTRIP),
)


def reports_score(text: str) -> bool:
    """A cheap test that spares most lines the patterns."""
    return "bpb" in text or "BPB" in text


def training_score(line: LogLine) -> EvalLine | None:
    """The validation score of a step line."""
    step = STEP.match(line.text)
    score = _SCORE.search(line.text)
    if not step or not score:
        return None
    loss = _loss(line.text)
    number = int(step[1])
    text = line.text[:300]
    return EvalLine(
        line.number, "step", EvalKind.TRAINING, float(score[2]), loss, None, number, text
    )


def scores(line: LogLine, *, repeated: bool) -> Iterator[EvalLine]:
    """Every score of a line; one of a line that comes again and again is a running value."""
    found = [match for match in _SCORE.finditer(line.text) if not _NOT_A_SCORE.search(match[1])]
    if not found:
        return
    label = _label(line.text)
    running = repeated or _RUNNING.search(line.text)
    seconds = duration(line.text)
    loss = _loss(line.text) if len(found) == 1 else None
    for match in found:
        name = match[1]
        plain = name.lower() in ("val_bpb", "bpb")
        full = label if plain or name in label else f"{label} {name}".strip()
        kind = EvalKind.RUNNING if running else kind_of(full or line.text[:60])
        text = line.text[:300]
        yield EvalLine(line.number, full or name, kind, float(match[2]), loss, seconds, None, text)


def kind_of(label: str) -> EvalKind:
    """The evaluation that a label speaks of."""
    lowered = label.lower()
    for pattern, kind in _KINDS:
        if pattern.search(lowered):
            return kind
    return EvalKind.OTHER


def duration(text: str) -> float | None:
    """The seconds a line says something took."""
    for pattern, factor in _SECONDS:
        if match := pattern.search(text):
            try:
                return round(float(match[1]) * factor, 3)
            except ValueError:
                continue
    return None


def _label(text: str) -> str:
    match = _LABEL_ENDS.search(text)
    if not match:
        return ""
    head = text[: match.start()]
    return head.strip(" \t:=|,[(-*>#\"'")[:80]


def _loss(text: str) -> float | None:
    match = _LOSS.search(text)
    return float(match[1]) if match else None
