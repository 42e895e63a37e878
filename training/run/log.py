"""The log of a run, in the line formats that the contest's logs have."""

from collections.abc import Callable
from pathlib import Path

from training.errors import TrainingError
from training.evaluate.protocol import Score


class Log:
    """Lines to a file, as they happen, and to whoever watches. Only the first rank has one."""

    def __init__(self, path: Path | None, watch: Callable[[str], None]) -> None:
        self.path, self.watch = path, watch

    def line(self, text: str) -> None:
        """Write one line."""
        if self.path is None:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(text + "\n")
        except OSError as error:
            raise TrainingError(f"{self.path}: cannot be written: {error.strerror}") from error
        self.watch(text)

    def step(self, step: int, steps: int, loss: float, seconds: float) -> None:
        """A training step."""
        self.line(f"step:{step}/{steps} train_loss:{loss:.4f} {_times(step, seconds)}")

    def validation(self, step: int, steps: int, score: Score, seconds: float) -> None:
        """Validation of the weights in training."""
        self.line(
            f"step:{step}/{steps} val_loss:{score.loss:.4f} val_bpb:{score.bpb:.4f} "
            f"{_times(step, seconds)}"
        )

    def score(self, label: str, score: Score, seconds: float) -> None:
        """A result of the packed model, rounded and exact."""
        timed = f"eval_time:{1000 * seconds:.0f}ms"
        self.line(f"{label} val_loss:{score.loss:.4f} val_bpb:{score.bpb:.4f} {timed}")
        self.line(f"{label}_exact val_loss:{score.loss:.8f} val_bpb:{score.bpb:.8f} {timed}")


def _times(step: int, seconds: float) -> str:
    return f"train_time:{1000 * seconds:.0f}ms step_avg:{1000 * seconds / max(step, 1):.2f}ms"
