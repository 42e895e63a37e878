"""The workbench from its command line: what it prints, how it ends, what it leaves behind."""

import json
import re
import sys

import pytest

from pgolf_check.cli import main
from training.data.shards import write_shard
from training.run.log import Log

SMALL = {
    "model.layers": 2,
    "model.width": 16,
    "model.heads": 2,
    "model.kv_heads": 1,
    "model.hidden": 32,
    "model.vocab": 24,
    "data.sequence": 16,
    "data.batch_tokens": 128,
    "schedule.steps": 6,
    "schedule.seconds": 0,
    "schedule.log_every": 1,
    "schedule.checkpoint_every": 2,
    "evaluate.sequence": 16,
    "evaluate.stride": 8,
    "evaluate.lora_chunk": 8,
    "evaluate.ttt_chunk": 64,
}


@pytest.fixture
def pgolf(monkeypatch, capfd):
    """Run a command in this process: its exit code and what it printed."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["pgolf", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def train(pgolf, shards, tmp_path, monkeypatch):
    """`pgolf train` on a few tokens; the script it hands in is a stub, for bundling takes long."""
    monkeypatch.setattr("pgolf_check.bundle.bundle.bundle", lambda *arguments: "pass\n")

    def run(*arguments, data=shards, **changed):
        settings = SMALL | {name.replace("__", "."): value for name, value in changed.items()}
        words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        out = ("--out", tmp_path / "runs/out", "--device", "cpu")
        return pgolf("train", *words, "--data", data, *out, *arguments)

    return run


def test_train_leaves_a_folder_and_says_what_the_referee_says(train, pgolf, shards, tmp_path):
    code, out, err = train("--author", "A. N. Other", "--github-id", "another")
    assert code == 0, err
    folder = tmp_path / "runs/out"
    manifest = json.loads((folder / "submission.json").read_text())
    assert (manifest["author"], manifest["github_id"]) == ("A. N. Other", "another")
    assert "<svg" in (folder / "loss.svg").read_text()
    assert "step:6/6 train_loss:" in err
    assert "\x1b" not in err  # plain lines in a pipe
    audit, _, rest = out.partition("$ pgolf verify-size")
    size, _, stats = rest.partition("$ pgolf stats")
    assert "$ pgolf audit" in audit
    assert "legality" in audit
    assert f"{manifest['bytes_total']:,}" in size
    assert f"{manifest['val_bpb']:.4f}" in stats or "n = 1" in stats

    code, out, _ = pgolf("eval", folder, "--data", shards, "--device", "cpu")
    assert code == 0
    assert f"val_bpb:{manifest['val_bpb']:.8f}" in out.splitlines()[-1]
    (folder / "submission.json").write_text(json.dumps(manifest | {"val_bpb": 1.0}))
    code, _, err = pgolf("eval", folder, "--data", shards, "--device", "cpu")
    assert (code, err.splitlines()[-1]) == (1, "submission.json claims 1.0")


def test_an_interrupted_run_goes_on_with_resume(train, tmp_path, monkeypatch):
    step = Log.step

    def interrupted(self, number, *values):
        step(self, number, *values)
        if number == 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Log, "step", interrupted)
        code, _, err = train()
    assert (code, "Traceback" in err) == (130, False)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["out.partial"]
    code, _, err = train()
    assert code == 2
    assert "--resume" in err
    code, _, err = train("--resume")
    assert code == 0, err
    assert "resumed at step:4" in err
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["out"]
    code, _, err = train("--resume")
    assert (code, "exists already" in err) == (2, True)


def test_a_terminal_shows_a_bar_with_rate_and_time_left(train, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")
    code, _, err = train(schedule__seconds=50, schedule__validate_every=2)
    assert code == 0, err
    assert "\x1b[" in err
    for part in ("loss", "bpb", "tok/s", "mfu", "s left"):
        assert part in err


def _copied(shards, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for path in shards.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def _cut(folder):
    path = folder / "fineweb_train_000000.bin"
    path.write_bytes(path.read_bytes()[:-2])


def _missing(folder):
    (folder / "fineweb_val_000000.bin").unlink()


def _foreign(folder):
    write_shard(folder / "fineweb_train_000000.bin", [900] * 2000)


def _well(folder):
    pass


@pytest.mark.parametrize(
    ("spoil", "settings", "says"),
    [
        (_cut, {}, "where its header promises"),
        (_missing, {}, "no fineweb_val_"),
        (_foreign, {}, "outside the model's vocabulary of 24"),
        (_well, {"model.vocab": 20}, "outside the model's vocabulary of 20"),
        (
            _well,
            {"optimiser.matrix_lr": "1e38", "optimiser.embed_lr": "1e38"},
            "not finite|loss is",
        ),
        (_well, {"pack.cap_bytes": 1000}, "over the cap of 1,000"),
        (_well, {"model.widht": 4}, "Did you mean 'width'"),
    ],
)
def test_bad_input_ends_in_one_line(train, shards, tmp_path, spoil, settings, says):
    data = _copied(shards, tmp_path)
    spoil(data)
    changed = {key.replace(".", "__"): value for key, value in settings.items()}
    code, out, err = train(data=data, schedule__checkpoint_every=0, **changed)
    assert (code, out) == (2, "")
    complaints = [line for line in err.splitlines() if line.startswith("pgolf: ")]
    assert len(complaints) == 1
    assert complaints[0] == err.splitlines()[-1]
    assert re.search(says, complaints[0])
    assert "Traceback" not in err
    assert not list(tmp_path.glob("runs/*"))


def test_a_full_disk_ends_in_one_line(train, tmp_path, monkeypatch):
    def full(self, *values):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    code, _, err = train(schedule__checkpoint_every=0)
    assert code == 2
    assert "No space left on device" in err.splitlines()[-1]
    assert not list(tmp_path.glob("runs/*"))


def test_what_cannot_be_asked_for_is_told(pgolf, tmp_path):
    for arguments, says in (
        (("train", "--preset", "basline"), "Did you mean 'baseline'"),
        (("train", "--device", "tpu"), "unknown device 'tpu'"),
        (("eval", tmp_path / "nowhere"), "cannot be read as a preset"),
        (("presets", "--format", "xml"), "Use table or json"),
    ):
        code, out, err = pgolf(*arguments)
        assert (code, out) == (2, "")
        assert says in err


def test_presets_are_listed_with_their_counts(pgolf):
    code, out, _ = pgolf("presets", "--format", "json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert rows["baseline"]["parameters"] == 17_059_912
    assert rows["baseline"]["mflops_per_token"] == pytest.approx(130.5, abs=0.1)
    code, out, _ = pgolf("presets")
    assert code == 0
    assert all(name in out for name in rows)
    assert "17,059,912" in out
