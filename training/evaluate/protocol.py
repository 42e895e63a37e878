"""What every evaluator yields: which targets were scored, with what loss, and which were used.

Targets are numbered from 0: target i is token i + 1 of the validation split. The order of the
events is the order of the run, so the referee below can prove that no target was used before it
was scored, that each was scored once, and that none was left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from training.errors import TrainingError
from training.ranks import Ranks
from training.tokens.bytes import bits_per_byte

Targets = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scored:
    """Losses in nats, taken before anything learned from these targets."""

    targets: Targets
    losses: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Used:
    """Targets that the model has now learned from."""

    targets: Targets


Event = Scored | Used


@dataclass(frozen=True)
class Score:
    """Sums, not ratios: what a score is made of."""

    nats: float
    tokens: int
    bytes: int

    @property
    def loss(self) -> float:
        """Nats per token."""
        return self.nats / self.tokens

    @property
    def bpb(self) -> float:
        """Bits per byte."""
        return bits_per_byte(self.nats, self.bytes)


def tally(events: Iterator[Event], bytes_of: Targets, ranks: Ranks) -> Score:
    """Consume an evaluation under the rules; the score is the same on any number of ranks."""
    losses = np.zeros(len(bytes_of))  # of the targets that this rank scored
    times = np.zeros(len(bytes_of), dtype=np.int32)
    scored_at = np.zeros(len(bytes_of), dtype=np.int32)
    used_at = np.full(len(bytes_of), np.iinfo(np.int32).max, dtype=np.int32)
    for event in events:
        if isinstance(event, Scored):
            if not np.isfinite(event.losses).all():
                raise TrainingError("an evaluation loss is not finite; there is no score")
            np.add.at(times, event.targets, 1)
            losses[event.targets] = event.losses
            scored_at[event.targets] = ranks.meetings
        else:
            foreign = event.targets[times[event.targets] == 0]
            used_at[foreign] = np.minimum(used_at[foreign], ranks.meetings)
    for array in (losses, times, scored_at):
        _add_up(array, ranks)
    if not (times == 1).all():
        raise TrainingError("an evaluator left targets out or scored some of them twice")
    # What another rank scored may be used once the two have met since; what none had, never.
    if ranks.any(bool((used_at <= scored_at).any())):
        raise TrainingError("an evaluator used targets before it scored them")
    return Score(float(losses.sum()), len(bytes_of), int(bytes_of.sum()))


def _add_up(array: npt.NDArray[Any], ranks: Ranks) -> None:
    """Sum over ranks. Each entry is zero on all ranks but one, so nothing is rounded."""
    if ranks.size > 1:
        shared = torch.from_numpy(array).to(ranks.device)
        ranks.sum_in_place([shared])
        array[:] = shared.cpu().numpy()
