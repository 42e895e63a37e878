"""How a run starts on many processes: by torchrun here, or as a job that Slurm takes."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from pgolf_check.errors import PgolfError


@dataclass(frozen=True, slots=True)
class Machines:
    """How many processes on how many machines."""

    processes: int  # on each
    nodes: int


def torchrun(machines: Machines, arguments: Sequence[str]) -> list[str]:
    """The command that starts all ranks on this machine."""
    if machines.nodes > 1:
        cure = "Use --launcher slurm, or start torchrun on each machine."
        raise PgolfError("torchrun alone starts one machine", cure=cure)
    start = [sys.executable, "-P", "-m", "torch.distributed.run", "--standalone"]
    return [*start, f"--nproc-per-node={machines.processes}", "-m", "pgolf_check", *arguments]


def slurm(machines: Machines, arguments: Sequence[str]) -> str:
    """A batch script: `pgolf train --launcher slurm ... | sbatch`. Folders must be shared."""
    words = shlex.join(["pgolf_check", *arguments])
    return f"""#!/bin/bash
#SBATCH --job-name=pgolf
#SBATCH --nodes={machines.nodes}
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node={machines.processes}
#SBATCH --exclusive
#SBATCH --output=pgolf-%j.out
set -euo pipefail
head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
srun python -m torch.distributed.run --nnodes={machines.nodes} \\
  --nproc-per-node={machines.processes} --rdzv-backend=c10d --rdzv-id="$SLURM_JOB_ID" \\
  --rdzv-endpoint="$head:29500" -m {words}
"""
