"""A whole run: folder, resume, ranks, and what bad input leaves behind."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from training.config import Average, Optimiser, Qat
from training.data.dataset import open_dataset
from training.data.shards import write_shard
from training.errors import TrainingError
from training.ranks import Ranks
from training.run import checkpoint
from training.run.artifact import load_model
from training.run.clock import Clock
from training.run.loop import Loop
from training.run.train import evaluate, train


def quiet(text):
    pass


def run(preset, shards, out, **options):
    return train(
        preset,
        shards,
        out,
        code={"train_gpt.py": b"pass\n"},
        seed=7,
        ranks=Ranks(),
        say=quiet,
        **options,
    )


def test_a_run_leaves_a_complete_folder_that_scores_the_same_again(tiny, shards, tmp_path):
    out = tmp_path / "folder"
    result = run(tiny, shards, out)
    assert {p.name for p in out.iterdir()} == {
        "README.md",
        "submission.json",
        "train_seed7.log",
        "train_gpt.py",
        "preset.toml",
        "model.pglf",
        "loss.svg",
    }
    manifest = json.loads((out / "submission.json").read_text())
    assert manifest["val_bpb"] == pytest.approx(result.scores[-1][1].bpb, abs=1e-8)
    assert manifest["bytes_code"] == (out / "train_gpt.py").stat().st_size
    assert manifest["bytes_model"] == (out / "model.pglf").stat().st_size
    dataset = open_dataset(shards, tiny.model.vocab, tiny.evaluate.sequence)
    for kind, (_, score, _) in zip(tiny.evaluate.kinds, result.scores, strict=True):
        _, again, _ = evaluate(
            kind, out / "model.pglf", dataset, tiny, Ranks(), Clock(torch.device("cpu"))
        )
        assert again == score
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize("loader", ["sequential", "shuffled"])
def test_killed_and_resumed_equals_uninterrupted(tiny, shards, tmp_path, with_steps, loader):
    preset = replace(
        with_steps(tiny, checkpoint_every=2),
        average=Average(ema=0.9, swa_every=1),
        qat=Qat(bits=6, below=0.7),
        data=replace(tiny.data, loader=loader),
        evaluate=replace(tiny.evaluate, kinds=("standard",)),
    )
    whole = run(preset, shards, tmp_path / "whole")

    class Killed(BaseException):
        pass

    def kill(progress):
        if progress.step == 5:
            raise Killed

    with pytest.raises(Killed):
        run(preset, shards, tmp_path / "broken", show=kill)
    assert checkpoint.exists(tmp_path / "broken.partial")
    with pytest.raises(TrainingError, match="--resume"):
        run(preset, shards, tmp_path / "broken")
    resumed = run(preset, shards, tmp_path / "broken", resume=True)
    assert resumed.history == whole.history
    assert (tmp_path / "whole/model.pglf").read_bytes() == (
        tmp_path / "broken/model.pglf"
    ).read_bytes()


def test_the_wall_clock_stops_the_run(tiny, shards, tmp_path, with_steps):
    preset = with_steps(tiny, steps=100_000, seconds=0.5)
    result = run(preset, shards, tmp_path / "out")
    assert result.steps < 100_000
    assert "stopping_early: wallclock_cap" in (tmp_path / "out/train_seed7.log").read_text()


def test_warm_up_leaves_no_trace(tiny, shards, tmp_path, with_steps):
    cold = run(tiny, shards, tmp_path / "cold")
    warm = run(with_steps(tiny, warmup_steps=2), shards, tmp_path / "warm")
    assert warm.history == cold.history


def test_learning_learns(tiny, shards, tmp_path, with_steps):
    result = run(with_steps(tiny, steps=60), shards, tmp_path / "out")
    assert result.history[0][1] == pytest.approx(np.log(24), abs=0.05)
    assert result.history[-1][1] < result.history[0][1] - 0.02


def test_every_parameter_is_in_one_optimiser(tiny, shards, tmp_path):
    dataset = open_dataset(shards, 24, 16)
    clock = Clock(torch.device("cpu"))
    loop = Loop(tiny, dataset, tmp_path, 1, Ranks(), clock, None, lambda progress: None)
    held = [id(p) for o in loop.optimisers for group in o.param_groups for p in group["params"]]
    assert sorted(held) == sorted(id(p) for p in loop.model.parameters())


def _no_shards(folder, tiny):
    (folder / "fineweb_train_000000.bin").unlink()
    return tiny


def _truncated(folder, tiny):
    path = folder / "fineweb_train_000000.bin"
    path.write_bytes(path.read_bytes()[:-2])
    return tiny


def _not_a_shard(folder, tiny):
    (folder / "fineweb_val_000000.bin").write_bytes(b"hello")
    return tiny


def _wrong_vocabulary(folder, tiny):
    return replace(tiny, model=replace(tiny.model, vocab=20))


def _short_sidecar(folder, tiny):
    write_shard(folder / "fineweb_val_bytes_000000.bin", [1, 2])
    return tiny


def _nan_loss(folder, tiny):
    return replace(tiny, optimiser=Optimiser(matrix_lr=1e38, scalar_lr=1e38, embed_lr=1e38))


def _over_the_cap(folder, tiny):
    return replace(tiny, pack=replace(tiny.pack, cap_bytes=1000))


def _too_little_data(folder, tiny):
    write_shard(folder / "fineweb_train_000000.bin", [5] * 20)
    return tiny


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_no_shards, "no fineweb_train"),
        (_truncated, "header promises"),
        (_not_a_shard, "not a version 1 token shard"),
        (_wrong_vocabulary, "outside the model's vocabulary"),
        (_short_sidecar, "Export both together"),
        (_nan_loss, "the loss is|not finite"),
        (_over_the_cap, "over the cap"),
        (_too_little_data, "fewer than one micro-step"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(tiny, shards, tmp_path, spoil, says):
    folder = tmp_path / "data"
    folder.mkdir()
    for path in shards.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    preset = spoil(folder, tiny)
    with pytest.raises(TrainingError, match=says) as caught:
        run(preset, folder, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_no_space_left_is_one_line_and_leaves_nothing(tiny, shards, tmp_path, monkeypatch):
    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(TrainingError, match="No space left"):
        run(tiny, shards, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_not_touched(tiny, shards, tmp_path):
    with pytest.raises(TrainingError, match="exists already"):
        run(tiny, shards, tmp_path)


def test_rounding_changes_the_forward_pass_and_only_when_on(tiny):
    from training.model.gpt import Gpt

    torch.manual_seed(0)
    model = Gpt(tiny.model, qat_bits=5)
    ids = torch.randint(0, 24, (2, 8))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        off = model(ids)
        model.set_rounding(True)
        on = model(ids)
        model.set_rounding(False)
        assert not torch.allclose(on, off)
        assert torch.equal(model(ids), off)


def test_a_damaged_model_of_another_shape_is_told(tiny, shards, tmp_path):
    run(tiny, shards, tmp_path / "out")
    path = tmp_path / "out/model.pglf"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(TrainingError, match="damaged"):
        load_model(path, tiny.model, Ranks())
