"""Several processes: the same result as one, and a clear end when one of them is killed."""

import json
import signal
import time

import pytest

from training.presets import dump
from training.ranks import Ranks
from training.run.train import train

RUN = """
import json, os, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from training.presets import read
from training.ranks import join, leave
from training.run.train import train
preset, data, out = map(Path, sys.argv[1:])
ranks = join("cpu")
result = train(
    read(preset, "tiny"), data, out, code={}, seed=7, ranks=ranks, say=lambda line: None
)
leave()
print(json.dumps([result.history, [[label, s.nats] for label, s, _ in result.scores]]))
# A worker thread of gloo that is left over may abort the process at its end.
assert len(os.listdir("/proc/self/task")) == 1
"""


def ended(processes):
    """What each rank printed; all must have ended well."""
    spoken = [process.communicate(timeout=120) for process in processes]
    for rank, (process, (out, err)) in enumerate(zip(processes, spoken, strict=True)):
        assert process.returncode == 0, f"rank {rank}: {process.returncode}\n{out}\n{err}"
    return [out for out, _ in spoken]


def test_two_ranks_train_the_same_model_and_score_it_the_same(tiny, shards, tmp_path, start_ranks):
    one = train(
        tiny, shards, tmp_path / "one", code={}, seed=7, ranks=Ranks(), say=lambda line: None
    )
    preset = tmp_path / "preset.toml"
    preset.write_text(dump(tiny))
    outs = ended(start_ranks(2, RUN, preset, shards, tmp_path / "two"))
    assert outs[0] == outs[1]
    history, scores = json.loads(outs[0])
    # Two micro-batches, one on each rank: the only sum has two terms, and those commute.
    assert [loss for _, loss in history] == [loss for _, loss in one.history]
    assert (tmp_path / "two/model.pglf").read_bytes() == (tmp_path / "one/model.pglf").read_bytes()
    for (label, nats), (_, score, _) in zip(scores, one.scores, strict=True):
        if label == "legal_ttt":  # ranks split a batch of SGD: its gradient is rounded otherwise
            assert nats == pytest.approx(score.nats, rel=1e-7)
        else:
            assert nats == score.nats


COMMAND = """
import sys
from pgolf_check.cli import main
sys.argv = ["pgolf", "train", *sys.argv[1:]]
main()
"""
ENDLESS = {
    "model.layers": 2,
    "model.width": 16,
    "model.heads": 2,
    "model.kv_heads": 1,
    "model.hidden": 32,
    "model.vocab": 24,
    "data.sequence": 16,
    "data.batch_tokens": 128,
    "schedule.seconds": 600,
    "schedule.log_every": 1,
    "evaluate.sequence": 16,
    "evaluate.stride": 8,
    "evaluate.lora_chunk": 8,
}


def test_a_killed_rank_ends_the_other_in_one_line(shards, tmp_path, start_ranks):
    out = tmp_path / "runs/out"
    settings = [word for key, value in ENDLESS.items() for word in ("--set", f"{key}={value}")]
    ranks = start_ranks(2, COMMAND, *settings, "--data", shards, "--out", out, "--device", "cpu")
    log = tmp_path / "runs/out.partial/train_seed1337.log"
    deadline = time.monotonic() + 120
    while not (log.exists() and "step:3/" in log.read_text()):
        assert all(rank.poll() is None for rank in ranks), [r.communicate() for r in ranks]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    ranks[1].send_signal(signal.SIGKILL)
    _, complaint = ranks[0].communicate(timeout=60)
    assert ranks[0].returncode == 2
    lines = [line for line in complaint.splitlines() if "pgolf:" in line]
    assert lines == ["pgolf: another rank has ended; this run cannot go on"]
    assert "Traceback" not in complaint
    assert list((tmp_path / "runs").iterdir()) == []
