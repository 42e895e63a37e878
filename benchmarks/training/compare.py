"""Our `baseline` preset against the public baseline script: same shards, shapes and device.

    python benchmarks/training/compare.py --script train_gpt.py --data FOLDER [--cpu] [--runs 5]

The two take turns. A run's figure is the median of its steps, the first two left out; the table
gives the median of runs and their spread, and the ratio for each pair of neighbours.
"""

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import torch

from training.config import Preset
from training.counting import flops_per_token
from training.data.shards import open_shard, shard_paths, write_shard
from training.presets import load
from training.run.device import peak_flops

HERE = Path(__file__).parent
# What two cores can do in a minute: the baseline's parts, narrower and shorter.
SMALL = (
    "model.layers=6",
    "model.width=256",
    "model.heads=4",
    "model.kv_heads=2",
    "model.hidden=512",
    "data.sequence=256",
    "data.batch_tokens=8192",
    "evaluate.sequence=256",
    "machine.precision=bf16",
    "machine.compile=on",
)
STEP = re.compile(r"^step:(\d+)/\d+ train_loss:(\S+) train_time:(\d+)ms", re.M)


@dataclass(frozen=True)
class Run:
    """One process: seconds of a step, loss of each step, peak memory, cold wall clock."""

    step: float
    losses: tuple[float, ...]
    bytes: int
    wall: float


def measured(command: list[str], folder: Path, variables: dict[str, str], cuda: bool) -> Run:
    began = os.times().elapsed
    with (folder / "out.txt").open("w+") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | variables, stdout=out, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{text[-2000:]}")
    rows = [(float(loss), float(time)) for _, loss, time in STEP.findall(text)]
    steps = [after[1] - before[1] for before, after in pairwise(rows[1:])]
    memory = re.search(r"peak memory allocated: (\d+) MiB", text)
    peak = int(memory[1]) << 20 if cuda and memory else 1024 * usage.ru_maxrss
    losses = tuple(loss for loss, _ in rows)
    return Run(statistics.median(steps) / 1000, losses, peak, os.times().elapsed - began)


def cut(data: Path, folder: Path, preset: Preset) -> None:
    """The same training shards, and a validation split that takes no time."""
    folder.mkdir()
    for path in (*shard_paths(data, "train"), data / "tokenizer.model"):
        (folder / path.name).symlink_to(path.resolve())
    validation = open_shard(shard_paths(data, "val")[0], preset.model.vocab)
    write_shard(folder / "fineweb_val_000000.bin", validation[: 8 * preset.data.sequence + 1])


def environment(preset: Preset, data: Path, steps: int, seed: int) -> dict[str, str]:
    """The preset in the words of the public script."""
    model = preset.model
    values = {
        "DATA_PATH": data,
        "TOKENIZER_PATH": data / "tokenizer.model",
        "ITERATIONS": steps,
        "WARMUP_STEPS": 1,
        "MAX_WALLCLOCK_SECONDS": 0,
        "TRAIN_LOG_EVERY": 1,
        "VAL_LOSS_EVERY": 0,
        "VAL_BATCH_SIZE": 8 * preset.data.sequence,
        "TRAIN_SEQ_LEN": preset.data.sequence,
        "TRAIN_BATCH_TOKENS": preset.data.batch_tokens,
        "NUM_LAYERS": model.layers,
        "MODEL_DIM": model.width,
        "NUM_HEADS": model.heads,
        "NUM_KV_HEADS": model.kv_heads,
        "MLP_MULT": model.hidden // model.width,
        "VOCAB_SIZE": model.vocab,
        "SEED": seed,
    }
    return {name: str(value) for name, value in values.items()}


def spread(values: list[float], form: str) -> str:
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:{form}} ({low:{form}} to {high:{form}})"


def table(preset: Preset, runs: dict[str, list[Run]], device: torch.device) -> str:
    tokens = preset.data.batch_tokens
    peak = peak_flops(device, bf16=True)
    flops = flops_per_token(preset.model, preset.data.sequence)
    lines = [
        "| | tokens/s | ms/step | MFU | peak memory | wall clock, compilation included |",
        "|---|---|---|---|---|---|",
    ]
    for name, done in runs.items():
        rate = [tokens / run.step for run in done]
        mfu = f"{100 * flops * statistics.median(rate) / peak:.1f} %" if peak else "-"
        lines.append(
            f"| {name} | {spread(rate, ',.0f')} | {spread([1000 * r.step for r in done], ',.0f')} "
            f"| {mfu} | {max(run.bytes for run in done) / 2**20:,.0f} MiB "
            f"| {spread([run.wall for run in done], '.0f')} s |"
        )
    ratios = [p.step / o.step for p, o in zip(runs["public"], runs["ours"], strict=True)]
    apart = max(
        abs(p - o) for p, o in zip(runs["public"][0].losses, runs["ours"][0].losses, strict=True)
    )
    ends = f"{runs['public'][0].losses[-1]:.4f} and {runs['ours'][0].losses[-1]:.4f}"
    return "\n".join(
        (
            *lines,
            "",
            f"Ratio of tokens/s, pair by pair: {spread(ratios, '.2f')}. Loss after "
            f"{len(runs['ours'][0].losses)} steps: {ends}; never further apart than {apart:.4f}.",
            f"Peak for MFU: {peak / 1e9:,.0f} GFLOP/s. PyTorch {torch.__version__}, "
            f"Python {platform.python_version()}, {torch.get_num_threads()} threads.",
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--script", type=Path, required=True, help="The public train_gpt.py.")
    parser.add_argument("--data", type=Path, required=True, help="Shards with tokenizer.model.")
    parser.add_argument("--cpu", action="store_true", help="On a CPU, with smaller shapes.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--set", action="append", default=[], dest="settings")
    asked = parser.parse_args()
    settings = [
        *(SMALL if asked.cpu else ()),
        *asked.settings,
        f"schedule.steps={asked.steps}",
        "schedule.seconds=0",
        "schedule.warmup_steps=1",
        "schedule.log_every=1",
        "schedule.validate_every=0",
    ]
    preset = load("baseline", settings)
    runs: dict[str, list[Run]] = {"public": [], "ours": []}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        cut(asked.data, place / "data", preset)
        for seed in range(asked.runs):
            script = [sys.executable, str(HERE / "public.py"), str(asked.script.resolve())]
            variables = environment(preset, place / "data", asked.steps, seed)
            runs["public"].append(
                measured(script + ["--cpu"] * asked.cpu, place, variables, not asked.cpu)
            )
            device = "cpu" if asked.cpu else "cuda"
            out = place / f"run{seed}"
            mine = [sys.executable, str(HERE / "ours.py"), str(place / "data"), str(out), device]
            runs["ours"].append(measured([*mine, str(seed), *settings], place, {}, not asked.cpu))
            for name, done in runs.items():
                print(f"{name} {seed}: {1000 * done[-1].step:,.0f} ms/step", file=sys.stderr)
    print(table(preset, runs, torch.device("cpu" if asked.cpu else "cuda")))


if __name__ == "__main__":
    main()
