"""Every preset as one script: its bytes, and whether all its forms run like the library.

    python benchmarks/bundles.py > benchmarks/bundles.md

Sizes are those of the presets as they are. The runs are of presets shrunk to a few thousand
weights, on a CPU, on random tokens: four steps, packing and every evaluation of the preset.
"""

import os
import sys
import tempfile
import time
import types
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pgolf_check.bundle.bundle import bundle
from pgolf_check.bundle.library import ENTRY, library_sources
from pgolf_check.errors import PgolfError
from pgolf_check.pack.pack import Packed, pack
from training.data.shards import write_shard
from training.errors import TrainingError
from training.presets import load, names
from training.ranks import Ranks
from training.run.log import Log
from training.run.train import train

VOCAB = 24
TINY = (
    *("model.layers=3", "model.width=16", "model.heads=2", "model.kv_heads=1", "model.hidden=32"),
    *(f"model.vocab={VOCAB}", "data.sequence=16", "data.batch_tokens=128", "data.micro_batches=2"),
    *("schedule.steps=4", "schedule.seconds=0", "schedule.warmup_steps=1"),
    *("schedule.warmdown_steps=2", "schedule.log_every=1", "schedule.validate_every=0"),
    *("quantise.small=64", "evaluate.sequence=16", "evaluate.stride=8", "evaluate.batch=8"),
    *("evaluate.ttt_chunk=64", "evaluate.lora_rank=2", "evaluate.lora_chunk=8"),
)
Told = list[tuple[str, float, float]]


def main() -> None:
    torch.set_num_threads(1)
    sources = library_sources()
    print("# Bundles of all presets\n")
    print("    python benchmarks/bundles.py > benchmarks/bundles.md\n")
    print(
        "The same: train losses, nats and bits per byte of every evaluation, to the last bit, and\n"
        "the bytes of the model file, between library, readable, minified and packed script.\n"
    )
    print("| preset | readable | minified | packed | seconds to bundle | the same |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        shards = make_shards(Path(folder) / "shards")
        for name in names():
            before = time.process_time()
            text = bundle(sources, ENTRY, load(name))
            seconds = time.process_time() - before
            packed = packed_of(text)
            same = agreement(sources, name, shards, Path(folder) / name)
            print(
                f"| {name} | {len(text.encode()):,} | {len(packed.minified.encode()):,} "
                f"| {len(packed.data):,} | {seconds:.1f} | {same} |",
                flush=True,
            )


def packed_of(text: str) -> Packed:
    packed = pack(text, "train_gpt.py")
    assert isinstance(packed, Packed), packed
    return packed


def make_shards(folder: Path) -> Path:
    folder.mkdir()
    random = np.random.default_rng(0)
    for split, count in (("train", 9000), ("val", 300)):
        tokens = random.integers(4, VOCAB, count)
        tokens[:: 90 if split == "val" else 150] = 1
        write_shard(folder / f"fineweb_{split}_000000.bin", tokens)
        if split == "val":
            write_shard(
                folder / "fineweb_val_bytes_000000.bin", np.where(tokens == 1, 0, tokens % 5 + 1)
            )
    return folder


def agreement(sources: dict[str, str], name: str, shards: Path, work: Path) -> str:
    """Whether all forms of a shrunk preset come to the same, or what keeps them from running."""
    work.mkdir()
    try:
        preset = load(name, TINY)
        told = watch(Log)
        train(preset, shards, work / "out", code={}, seed=7, ranks=Ranks(), say=lambda line: None)
        text = bundle(sources, ENTRY, preset)
    except (TrainingError, PgolfError) as error:
        return f"not run: {error}"
    packed = packed_of(text)
    model = (work / "out/model.pglf").read_bytes()
    forms = {"readable": text.encode(), "minified": packed.minified.encode(), "packed": packed.data}
    differing = [
        form for form, data in forms.items() if run(data, shards, work / form) != (told, model)
    ]
    return ", ".join(f"{form} differs" for form in differing) or "yes"


def watch(log: Any) -> Told:
    """The exact numbers that a Log class will be told."""
    told: Told = []
    log.step = lambda self, step, steps, loss, seconds: told.append(("step", step, loss))
    log.score = lambda self, label, score, s: told.append((label, score.nats, score.bpb))
    return told


def run(data: bytes, shards: Path, folder: Path) -> tuple[Told, bytes]:
    """A script's numbers and its model file."""
    folder.mkdir()
    path = folder / "train_gpt.py"
    path.write_bytes(data)
    module: Any = types.ModuleType(f"script_{folder.name}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    exec(compile(data, str(path), "exec"), vars(module))
    told = watch(module.Log)
    module.print = lambda *words, **named: None
    os.environ.update(DATA_PATH=str(shards), OUT_DIR=str(folder), SEED="7", DEVICE="cpu")
    module.main()
    return told, (folder / "model.pglf").read_bytes()


if __name__ == "__main__":
    main()
