"""A corpus of a few thousand random tokens, and a preset that trains on it in a second."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training.config import (  # noqa: E402
    Data,
    Evaluate,
    Model,
    Pack,
    Preset,
    Quantise,
    Rule,
    Schedule,
)
from training.data.shards import write_shard  # noqa: E402

torch.set_num_threads(1)
VOCAB = 24


@pytest.fixture(scope="session")
def shards(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    random = np.random.default_rng(0)
    for split, count in (("train", 9000), ("val", 700)):
        tokens = random.integers(4, VOCAB, count)
        tokens[:: 90 if split == "val" else 150] = 1
        write_shard(folder / f"fineweb_{split}_000000.bin", tokens)
        if split == "val":
            sizes = np.where(tokens == 1, 0, tokens % 5 + 1)
            write_shard(folder / "fineweb_val_bytes_000000.bin", sizes)
    return folder


@pytest.fixture
def tiny() -> Preset:
    return Preset(
        name="tiny",
        model=Model(layers=3, width=16, heads=2, kv_heads=1, hidden=32, vocab=VOCAB),
        data=Data(sequence=16, batch_tokens=128, micro_batches=2),
        schedule=Schedule(
            steps=6, seconds=0.0, warmup_steps=0, warmdown_steps=3, log_every=1, validate_every=0
        ),
        quantise=Quantise(small=64, rules=(Rule("*", 6, search=True),)),
        pack=Pack(codecs=("zlib", "lzma", "zstd", "brotli")),
        evaluate=Evaluate(
            kinds=("standard", "sliding", "documents", "ttt-sgd", "ttt-lora"),
            sequence=16,
            stride=4,
            batch=8,
            ttt_chunk=64,
            ttt_lr=0.05,
            lora_rank=2,
            lora_chunk=8,
        ),
    )


@pytest.fixture
def model(tiny):
    """A model whose weights are no longer near zero, so that its losses differ."""
    from training.model.gpt import Gpt

    torch.manual_seed(3)
    made = Gpt(tiny.model)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return made.eval()


@pytest.fixture
def with_steps():
    def change(preset, **values):
        return replace(preset, schedule=replace(preset.schedule, **values))

    return change


@pytest.fixture
def start_ranks(tmp_path):
    """Starts a script once for each rank, as torchrun would, and ends what is left of them."""
    started: list[subprocess.Popen[str]] = []

    def start(size, script, *arguments):
        path = tmp_path / "rank.py"
        path.write_text(script)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        for rank in range(size):
            variables = {
                "RANK": rank,
                "LOCAL_RANK": rank,
                "WORLD_SIZE": size,
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": port,
                "OMP_NUM_THREADS": 1,
            }
            started.append(
                subprocess.Popen(
                    [sys.executable, str(path), *map(str, arguments)],
                    env={**os.environ, **{name: str(value) for name, value in variables.items()}},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        return started

    yield start
    for process in started:
        process.kill()
        process.communicate()
