"""One process or many: the same calls, with collectives only where there are peers."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
import torch.distributed as dist
import torch.distributed.nn.functional as _before_any_group
from torch import Tensor

from training.errors import TrainingError

# That module takes the group of the moment of its import as a default argument. Left to an
# optimiser the import comes late and keeps the group past `leave`; a worker thread of it that
# outlives the interpreter then ends the process by SIGABRT.
__all__ = ["Ranks", "_before_any_group", "join", "leave"]


@dataclass
class Ranks:
    """One process among its peers, and the device it computes on."""

    rank: int = 0
    size: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    hosts: dist.ProcessGroup | None = None  # for numbers of the host; None: the group of all
    meetings: int = 0  # collectives so far: what one rank did before one, all may use after it

    @property
    def first(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0

    def sum_in_place(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its sum over all ranks, in one collective."""
        if self.size == 1 or not tensors:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        self._all_reduce(flat, None)
        offset = 0
        for tensor in tensors:
            tensor.copy_(flat[offset : offset + tensor.numel()].view_as(tensor))
            offset += tensor.numel()

    def mean(self, value: float) -> float:
        """The mean of a number over all ranks; no device is waited for."""
        if self.size == 1:
            return value
        number = torch.tensor([value], dtype=torch.float64)
        self._all_reduce(number, self.hosts)
        return float(number.item()) / self.size

    def any(self, flag: bool) -> bool:
        """Whether any rank says so."""
        return self.mean(float(flag)) > 0

    def wait(self) -> None:
        """Until all ranks are here."""
        self.any(False)

    def _all_reduce(self, tensor: Tensor, group: dist.ProcessGroup | None) -> None:
        try:
            dist.all_reduce(tensor, group=group)
        except RuntimeError as error:
            raise TrainingError("another rank has ended; this run cannot go on") from error
        self.meetings += 1


def join(device: str = "") -> Ranks:
    """Join the group that torchrun describes, or stand alone."""
    cuda = torch.cuda.is_available() if not device else device.startswith("cuda")
    local = int(os.environ.get("LOCAL_RANK", "0"))
    place = torch.device("cuda", local) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(place)
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return Ranks(device=place)
    try:
        dist.init_process_group("nccl" if cuda else "gloo")
        hosts = dist.new_group(backend="gloo") if cuda else None
    except (RuntimeError, ValueError) as error:
        raise TrainingError(f"cannot join the other ranks: {error}") from error
    return Ranks(dist.get_rank(), size, place, hosts)


def leave() -> None:
    """Leave the group, if there is one."""
    if dist.is_initialized():
        dist.destroy_process_group()
