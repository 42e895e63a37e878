"""Training batches: a plain stream, or shuffled sequences. Both can stop and resume exactly."""

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from training.config import Data
from training.data.shards import Tokens
from training.errors import TrainingError

State = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """What one rank trains on in one micro-step, and where the loader stands afterwards."""

    inputs: npt.NDArray[np.int64]  # (B, T)
    targets: npt.NDArray[np.int64]  # (B, T)
    after: State


class Loader(Protocol):
    """Endless batches, with a position that can be saved and restored."""

    def next(self) -> Batch:
        """The next micro-batch of this rank."""

    def state(self) -> State:
        """Where the next batch begins."""

    def restore(self, state: State) -> None:
        """Stand again where `state` was taken."""


class Sequential:
    """One cursor through all shards in order; rank r takes the r-th span of each micro-step."""

    def __init__(self, shards: Sequence[Tokens], data: Data, rank: int, ranks: int) -> None:
        self.shards, self.sequence = shards, data.sequence
        self.span = data.batch_tokens // data.micro_batches + 1  # a target more than inputs
        self.rank, self.ranks = rank, ranks
        self.total = sum(len(shard) for shard in shards)
        if self.total < self.span * ranks:
            raise TrainingError(
                f"{self.total:,} training tokens are fewer than one micro-step of "
                f"{self.span * ranks:,}. Use more data or a smaller data.batch_tokens."
            )
        self.ends = np.cumsum([len(shard) for shard in shards])
        self.cursor = 0

    def next(self) -> Batch:
        """Spans of one rank follow each other at the distance of all ranks together."""
        start = (self.cursor + self.rank * self.span) % self.total
        self.cursor = (self.cursor + self.ranks * self.span) % self.total
        tokens = self._read(start)
        inputs = tokens[:-1].reshape(-1, self.sequence)
        return Batch(inputs, tokens[1:].reshape(-1, self.sequence), self.state())

    def state(self) -> State:
        """The cursor, in tokens."""
        return {"cursor": self.cursor}

    def restore(self, state: State) -> None:
        """Continue at a saved cursor."""
        self.cursor = int(state["cursor"])

    def _read(self, start: int) -> npt.NDArray[np.int64]:
        pieces, missing = [], self.span
        shard = int(np.searchsorted(self.ends, start, side="right"))
        offset = start - (int(self.ends[shard - 1]) if shard else 0)
        while missing:
            piece = self.shards[shard][offset : offset + missing]
            pieces.append(piece.astype(np.int64))
            missing -= len(piece)
            shard, offset = (shard + 1) % len(self.shards), 0
        return np.concatenate(pieces)


class Shuffled:
    """Sequences in random order from this rank's shards, each once before any comes again."""

    def __init__(
        self, shards: Sequence[Tokens], data: Data, rank: int, ranks: int, seed: int = 0
    ) -> None:
        self.shards, self.sequence = tuple(shards[rank::ranks]), data.sequence
        self.rows = data.batch_tokens // data.micro_batches // data.sequence
        if not any(len(shard) > self.sequence for shard in self.shards):
            raise TrainingError(
                f"rank {rank} of {ranks} has no shard longer than data.sequence. "
                "Use more shards, fewer ranks or the sequential loader."
            )
        self.random = np.random.Generator(np.random.PCG64([seed, rank]))
        self.starts: list[list[int]] = [[] for _ in self.shards]

    def next(self) -> Batch:
        """Pick a shard in proportion to what it has left, and one of its sequences."""
        rows = np.stack([self._pop() for _ in range(self.rows)])
        return Batch(rows[:, :-1], rows[:, 1:], self.state())

    def state(self) -> State:
        """The generator, and the sequences each shard has left."""
        return {
            "random": self.random.bit_generator.state,
            "starts": [list(starts) for starts in self.starts],
        }

    def restore(self, state: State) -> None:
        """Continue with a saved generator and the sequences left."""
        self.random.bit_generator.state = state["random"]
        self.starts = [list(starts) for starts in state["starts"]]

    def _pop(self) -> npt.NDArray[np.int64]:
        left = np.array([len(starts) for starts in self.starts])
        if not left.any():
            self._deal()
            left = np.array([len(starts) for starts in self.starts])
        shard = int(self.random.choice(len(left), p=left / left.sum()))
        start = self.starts[shard].pop()
        return self.shards[shard][start : start + self.sequence + 1].astype(np.int64)

    def _deal(self) -> None:
        for index, shard in enumerate(self.shards):
            room = len(shard) - self.sequence - 1
            if room < 0:
                continue
            phase = int(self.random.integers(0, min(self.sequence - 1, room) + 1))
            count = (len(shard) - 1 - phase) // self.sequence
            order = self.random.permutation(count)
            self.starts[index] = [phase + int(k) * self.sequence for k in order]


class Prefetch:
    """Reads the next batches on a thread; the state handed out is that of the batch in use."""

    def __init__(self, loader: Loader, depth: int = 2) -> None:
        self.loader, self.depth = loader, depth
        self.position = loader.state()
        self.batches: Iterator[Batch] | None = None
        self.stop = threading.Event()

    def next(self) -> Batch:
        """The next batch, usually ready already."""
        if self.batches is None:
            self.stop = threading.Event()
            ready: queue.Queue[Batch | BaseException] = queue.Queue(self.depth)
            self.thread = threading.Thread(target=self._fill, args=(ready, self.stop), daemon=True)
            self.thread.start()
            self.batches = self._drain(ready)
        batch = next(self.batches)
        self.position = batch.after
        return batch

    def restore(self, state: State) -> None:
        """Forget what was read ahead and continue at `state`."""
        self.close()
        self.loader.restore(state)
        self.position = state

    def close(self) -> None:
        """Let the thread end."""
        if self.batches is not None:
            self.stop.set()
            self.thread.join()
            self.batches = None

    def _fill(self, ready: "queue.Queue[Batch | BaseException]", stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                item: Batch | BaseException = self.loader.next()
            except BaseException as error:  # raised again where it is awaited
                item = error
            while not stop.is_set():
                try:
                    ready.put(item, timeout=0.1)
                    break
                except queue.Full:
                    continue

    def _drain(self, ready: "queue.Queue[Batch | BaseException]") -> Iterator[Batch]:
        while True:
            item = ready.get()
            if isinstance(item, BaseException):
                raise item
            yield item


def make_loader(shards: Sequence[Tokens], data: Data, rank: int, ranks: int, seed: int) -> Prefetch:
    """The loader a preset names, reading ahead."""
    if data.loader == "shuffled":
        return Prefetch(Shuffled(shards, data, rank, ranks, seed))
    return Prefetch(Sequential(shards, data, rank, ranks))
