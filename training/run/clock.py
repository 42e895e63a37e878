"""One clock for a run: every second belongs to a phase, and each phase is logged."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch


class Clock:
    """Seconds by phase. `now` can be replaced to test what happens when time passes."""

    def __init__(self, device: torch.device, now: Callable[[], float] = time.perf_counter) -> None:
        self.device, self.now = device, now
        self.seconds: dict[str, float] = {}
        self._running: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Charge what happens inside to `name`; devices finish before the clock is read."""
        self._settle()
        self._running[name] = self.now()
        try:
            yield
        finally:
            self._settle()
            spent = self.now() - self._running.pop(name)
            self.seconds[name] = self.seconds.get(name, 0.0) + spent

    def elapsed(self, name: str) -> float:
        """Seconds charged to a phase so far, the running stretch included."""
        running = self.now() - self._running[name] if name in self._running else 0.0
        return self.seconds.get(name, 0.0) + running

    def _settle(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
