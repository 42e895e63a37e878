"""What every evaluator yields: which targets were scored, with what loss, and which were used.

Targets are numbered from 0: target i is token i + 1 of the validation split. The order of the
events is the order of the run, so the referee below can prove that no target was used before it
was scored, that each was scored once, and that none was left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

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
    """Consume an evaluation under the rules; ranks add up what each of them scored."""
    scored = np.zeros(len(bytes_of), dtype=np.int64)
    nats = 0.0
    for event in events:
        if isinstance(event, Scored):
            np.add.at(scored, event.targets, 1)
            nats += float(event.losses.sum(dtype=np.float64))
            if not np.isfinite(nats):
                raise TrainingError("an evaluation loss is not finite; there is no score")
        elif ranks.size == 1 and not scored[event.targets].all():
            raise TrainingError("an evaluator used targets before it scored them")
    total = torch.tensor([nats], dtype=torch.float64, device=ranks.device)
    counts = torch.from_numpy(scored).to(ranks.device)
    ranks.sum_in_place([total])
    ranks.sum_in_place([counts])
    if not bool((counts == 1).all()):
        raise TrainingError("an evaluator left targets out or scored some of them twice")
    return Score(float(total.item()), len(bytes_of), int(bytes_of.sum()))
