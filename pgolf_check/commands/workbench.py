"""What train, eval and data share: the library's errors as ours, ranks, and a live display."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pgolf_check.errors import PgolfError

if TYPE_CHECKING:
    from training.config import Preset
    from training.ranks import Ranks
    from training.run.loop import Progress


@contextmanager
def library() -> Iterator[None]:
    """Require the training extra, and tell its errors in one line."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads starve a shared machine
    for package in ("torch", "numpy", "sentencepiece"):
        if find_spec(package) is None:
            raise PgolfError(f"{package} is not installed", cure="Run: pip install '.[train]'")
    from training.errors import TrainingError

    try:
        yield
    except TrainingError as error:
        raise PgolfError(str(error)) from error


@contextmanager
def joined(device: str) -> "Iterator[Ranks]":
    """The process among the ranks that torchrun started, if it did."""
    from training.ranks import join, leave

    if device not in ("", "cpu", "cuda"):
        raise PgolfError(f"unknown device {device!r}", cure="Use cpu or cuda.")
    before = signal.signal(signal.SIGTERM, _terminated)  # a launcher ends its other ranks so
    ranks = join(device)
    try:
        yield ranks
    finally:
        leave()
        signal.signal(signal.SIGTERM, before)


def _terminated(_number: int, _frame: object) -> None:
    raise PgolfError("ended from outside (SIGTERM)")


def data_folder(asked: Path | None, ranks: "Ranks", say: Callable[[str], None]) -> Path:
    """The folder asked for, or the embedded corpus, made on first use by the first rank."""
    from training.data.corpus import embedded_folder, make_embedded

    if asked is not None:
        return asked
    folder = embedded_folder()
    if ranks.first:
        make_embedded(folder, say)
    ranks.wait()
    return folder


@contextmanager
def display(
    preset: "Preset", ranks: "Ranks"
) -> "Iterator[tuple[Callable[[str], None], Callable[[Progress], None]]]":
    """How lines and progress reach the terminal: a live bar there, plain lines in a pipe."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    from pgolf_check.report.escape import visible

    console = Console(stderr=True)
    live = ranks.first and console.is_terminal
    bar = Bar(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console)
    with bar if live else nullcontext():
        task = bar.add_task(preset.name, total=1.0) if live else None

        def show(progress: "Progress") -> None:
            if task is None:
                return
            done = progress.step / progress.steps
            left = "?"
            if progress.cap:
                done = max(done, progress.seconds / progress.cap)
                left = f"{max(progress.cap - progress.seconds, 0):.0f} s left"
            bpb = f" bpb {progress.bpb:.4f}" if progress.bpb is not None else ""
            mfu = f" mfu {100 * progress.mfu:.1f} %" if progress.mfu is not None else ""
            bar.update(
                task,
                completed=min(done, 1.0),
                description=f"step {progress.step} loss {progress.loss:.3f}{bpb} "
                f"{progress.tokens_per_second:,.0f} tok/s{mfu} {left}",
            )

        def say(text: str) -> None:
            if ranks.first and not (live and text.startswith("  ")):
                console.print(visible(text), markup=False, highlight=False, soft_wrap=True)

        yield say, show
