"""Several runs of one training script or preset, each to its own log."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pgolf_check.errors import PgolfError


@dataclass(frozen=True, slots=True)
class Series:
    """What to run, how to start it, and where the logs go."""

    preset: str | None
    arguments: Sequence[str]
    folder: Path
    launcher: Sequence[str]

    def log(self, seed: int) -> Path:
        """The log of one finished run."""
        return self.folder / f"train_seed{seed}.log"

    def trained(self, seed: int) -> Path:
        """The submission folder that a preset's run leaves, beside the folder of logs."""
        return self.folder.with_name(f"{self.folder.name}-seed{seed}")

    def start(self, seed: int) -> list[str]:
        """The command of one run."""
        if self.preset is None:
            return [*(self.launcher or [sys.executable]), *self.arguments]
        starter = self.launcher or [sys.executable, "-P"]
        options = ["--preset", self.preset, "--seed", str(seed), "--out", str(self.trained(seed))]
        return [*starter, "-m", "pgolf_check", "train", *options, *self.arguments]


def finish(series: Series, seed: int) -> None:
    """Leave the log of one run; nothing happens where it lies there already."""
    log = series.log(seed)
    if log.exists():
        sys.stderr.write(f"seed {seed}: {log} is there already\n")
        return
    sys.stderr.write(f"seed {seed}: {' '.join(series.start(seed))}\n")
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        if series.preset is None:
            _recorded(series.start(seed), seed, log)
        else:
            _trained(series, seed, log)
    except OSError as error:
        raise PgolfError(f"cannot be run or written ({error})", where=f"seed {seed}") from None


def _recorded(command: list[str], seed: int, log: Path) -> None:
    """Run with SEED set; what it prints is shown and becomes the log once it has succeeded."""
    unfinished = log.with_suffix(".log.partial")
    environment = {**os.environ, "SEED": str(seed), "PYTHONUNBUFFERED": "1"}
    with (
        unfinished.open("wb") as file,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process,
    ):
        assert process.stdout is not None
        while chunk := process.stdout.read1(1 << 16):  # type: ignore[attr-defined]
            file.write(chunk)
            sys.stderr.buffer.write(chunk)
            sys.stderr.flush()
    if process.returncode:
        problem = f"ended with status {process.returncode}"
        raise PgolfError(problem, where=f"seed {seed}", cure=f"See {unfinished}.")
    unfinished.rename(log)


def _trained(series: Series, seed: int, log: Path) -> None:
    """Train into a folder of its own, unless an earlier try has done so; keep a copy of its log."""
    source = series.trained(seed) / log.name
    if not source.exists():
        status = subprocess.run(series.start(seed), stdout=sys.stderr, check=False).returncode
        if status:
            raise PgolfError(f"ended with status {status}", where=f"seed {seed}")
    shutil.copyfile(source, log)
