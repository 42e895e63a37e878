"""Presets shrunk until a run takes a second, and scripts run inside this process."""

import sys
import types
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training.data.shards import write_shard  # noqa: E402

torch.set_num_threads(1)
VOCAB = 24
TINY = (
    "model.layers=3",
    "model.width=16",
    "model.heads=2",
    "model.kv_heads=1",
    "model.hidden=32",
    f"model.vocab={VOCAB}",
    "data.sequence=16",
    "data.batch_tokens=128",
    "data.micro_batches=2",
    "schedule.steps=4",
    "schedule.seconds=0",
    "schedule.warmup_steps=1",
    "schedule.warmdown_steps=2",
    "schedule.log_every=1",
    "schedule.validate_every=0",
    "quantise.small=64",
    "evaluate.sequence=16",
    "evaluate.stride=8",
    "evaluate.batch=8",
    "evaluate.ttt_chunk=64",
    "evaluate.lora_rank=2",
    "evaluate.lora_chunk=8",
)


@pytest.fixture(scope="session")
def tiny():
    """A preset by its name, shrunk."""
    from training.presets import load

    return lambda name: load(name, TINY)


@pytest.fixture(scope="session")
def shards(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    random = np.random.default_rng(0)
    for split, count in (("train", 9000), ("val", 300)):
        tokens = random.integers(4, VOCAB, count)
        tokens[:: 90 if split == "val" else 150] = 1
        write_shard(folder / f"fineweb_{split}_000000.bin", tokens)
        if split == "val":
            sizes = np.where(tokens == 1, 0, tokens % 5 + 1)
            write_shard(folder / "fineweb_val_bytes_000000.bin", sizes)
    return folder


@pytest.fixture
def observed(monkeypatch):
    """The exact numbers that a Log class is told, while a run goes on."""

    def watch(log) -> list[tuple[str, float, float]]:
        told: list[tuple[str, float, float]] = []

        def step(self, step, steps, loss, seconds):
            told.append(("step", step, loss))

        def score(self, label, score, seconds):
            told.append((label, score.nats, score.bpb))

        monkeypatch.setattr(log, "step", step)
        monkeypatch.setattr(log, "score", score)
        return told

    return watch


@pytest.fixture
def script(tmp_path, monkeypatch, shards, observed):
    """Runs a bundled script, in whatever form, and returns its numbers and its model file."""

    def run(text: bytes, name: str) -> tuple[list[tuple[str, float, float]], bytes]:
        path = tmp_path / name / "train_gpt.py"
        path.parent.mkdir()
        path.write_bytes(text)
        module = types.ModuleType(f"script_{name}")
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(text, str(path), "exec"), vars(module))
        told = observed(module.Log)
        for variable, value in (
            ("DATA_PATH", shards),
            ("OUT_DIR", path.parent / "out"),
            ("SEED", 7),
            ("DEVICE", "cpu"),
        ):
            monkeypatch.setenv(variable, str(value))
        module.main()
        return told, (path.parent / "out/model.pglf").read_bytes()

    return run
