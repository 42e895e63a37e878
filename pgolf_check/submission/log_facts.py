"""The facts that single lines of a log state, gathered as the lines come."""

import re
from dataclasses import dataclass, field

from pgolf_check.submission.facts import LoggedValue, LogLine

_PAIR = re.compile(r"(?<![\w./])([A-Za-z_][\w.]{0,60})\s{0,2}[:=]\s{0,2}([^\s,;|()]{1,120})")
DUMPED = re.compile(r"^\s{1,8}([A-Za-z_]\w{0,60})\s{0,30}[:=]\s{0,4}(.{0,400})$")
_TIME = re.compile(r"train_time:\s{0,4}([\d.]{1,15})\s?(ms|s|m)")
AVERAGE = re.compile(r"step_avg:\s{0,4}([\d.]{1,15})\s?ms")
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
    r":\s{0,4}(\d[\d,]{0,14}) bytes",
    re.IGNORECASE,
)
_VAL_LOADER = re.compile(r"val_loader:shards pattern=(\S{1,400}) tokens:\s{0,2}(\d{1,15})")
_PEAK = re.compile(r"peak memory(?: allocated)?:\s{0,4}(\d{1,9}) ?MiB", re.IGNORECASE)
_EVAL_TOTAL = re.compile(r"total_eval_time:\s{0,4}([\d.]{1,15})\s?s")
_MILLISECONDS = {"ms": 1.0, "s": 1e3, "m": 6e4}
_STATED = frozenset({"seed", "world_size", "train_shards", "val_tokens", "model_params"})


@dataclass(slots=True)
class LogFacts:
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
    traceback: bool = False

    def read(self, line: LogLine) -> None:
        """Take in what one line states."""
        text = line.text
        if match := _SIZES.match(text):
            self._read_size(line, match)
        elif text.startswith("val_loader:shards") and (match := _VAL_LOADER.match(text)):
            self.val_path, self.val_tokens = match[1], int(match[2])
            self.stated["val_tokens"] = line
        elif "stopping_early" in text or "wallclock" in text:
            self._read_stop(line)
        elif match := _VERSION.search(text):
            if match[1] == "Python":
                self.python = match[2]
            else:
                self.torch = match[2]
        elif text.startswith("Traceback (most recent call last)"):
            self.traceback = True
        elif match := _PEAK.search(text):
            self.peak = int(match[1])
        elif match := _EVAL_TOTAL.search(text):
            self.eval_total = number(match[1])
            self.stated["eval_total"] = line
        if self.gpu is None and ("NVIDIA" in text or "gpu" in text.lower()):
            match = _GPU.search(text) or _GPU_NAME.search(text)
            self.gpu = match[1].strip() if match else None
        if "=" in text or ":" in text:
            for name, value in _PAIR.findall(text):
                self.pairs[name] = LoggedValue(value, line.number)
                if name in _STATED:
                    self.stated[name] = line

    def _read_size(self, line: LogLine, match: re.Match[str]) -> None:
        what, label, size = match[1].lower(), match[2].strip(), int(match[3].replace(",", ""))
        if what == "serialized model":
            if label:
                self.model = size
            else:
                self.raw_model = size
            self.stated[f"model {bool(label)}"] = line
        elif what == "code size":
            if "uncompressed" not in label:
                self.code = size
                self.stated["code"] = line
        elif label or not self.total_labelled:
            # Without a label it is the size before compression, if a labelled line stands there.
            self.total, self.total_line = size, line.number
            self.total_labelled = bool(label)
            self.stated["total"] = line

    def _read_stop(self, line: LogLine) -> None:
        match = _STOP.search(line.text)
        if not match:
            return
        self.stop_reason = (match[1] or "wallclock_cap").lower()
        self.stop_line = line.number
        self.stated["stop"] = line
        self.train_ms = milliseconds(line.text)
        if at := _STOP_STEP.search(line.text):
            self.stop_step, self.planned = int(at[1]), int(at[2])

    def inherit(self, earlier: "LogFacts") -> None:
        """What a file says once holds for each of its runs."""
        self.gpu = self.gpu or earlier.gpu
        self.torch = self.torch or earlier.torch
        self.python = self.python or earlier.python
        if "model_params" not in self.pairs:  # this run printed no header of its own
            self.pairs = earlier.pairs | self.pairs
            self.dumped = self.dumped or earlier.dumped
            self.val_path = self.val_path or earlier.val_path
            self.val_tokens = self.val_tokens or earlier.val_tokens
            self.peak = self.peak or earlier.peak

    def whole(self, name: str) -> int | None:
        """The whole number a log states under a name."""
        logged = self.pairs.get(name) or self.dumped.get(name)
        digits = logged.value.replace(",", "").replace("_", "") if logged else ""
        return int(digits) if digits.isdecimal() and len(digits) < 20 else None

    def text(self, *names: str) -> str | None:
        """What the log states under the first of the names it knows."""
        for name in names:
            if found := self.dumped.get(name) or self.pairs.get(name):
                return found.value
        return None


def milliseconds(text: str) -> float | None:
    """The training time a line tells, whatever its unit."""
    match = _TIME.search(text)
    value = number(match[1]) if match else None
    return value * _MILLISECONDS[match[2]] if match and value is not None else None


def number(digits: str) -> float | None:
    """A float, or None where the digits are none after all, like `1.2.3`."""
    try:
        return float(digits)
    except ValueError:
        return None
