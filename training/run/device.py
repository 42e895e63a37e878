"""What a device is good for: precision, compilation, peak rate."""

import time
from typing import NamedTuple

import torch

from training.config import Machine

# Dense bf16, nominal. A name is looked for in that of the device; the first that fits counts.
NOMINAL_FLOPS = {"H200": 989e12, "H100 PCIe": 756e12, "H100": 989e12, "A100": 312e12}


class Use(NamedTuple):
    """How a run uses its device."""

    bf16: bool
    compiled: bool


def use_of(machine: Machine, device: torch.device) -> Use:
    """What the preset asks for, or what suits the device."""
    cuda = device.type == "cuda"
    bf16 = machine.precision == "bf16" if machine.precision else cuda
    compiled = machine.compile == "on" if machine.compile else cuda
    return Use(bf16, compiled)


def peak_flops(device: torch.device, bf16: bool) -> float:
    """Operations a second at best: nominal for known GPUs, a measured product for CPUs, else 0."""
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
        return next((peak for key, peak in NOMINAL_FLOPS.items() if key in name), 0.0)
    side = 512
    matrix = torch.ones(side, side, dtype=torch.bfloat16 if bf16 else torch.float32)
    best = float("inf")
    for _ in range(5):
        before = time.perf_counter()
        matrix @ matrix
        best = min(best, time.perf_counter() - before)
    return 2 * side**3 / best
