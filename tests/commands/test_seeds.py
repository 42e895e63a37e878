import json
import subprocess
import sys

import pytest

SCRIPT = """
import os, pathlib, sys
seed = int(os.environ["SEED"])
with pathlib.Path("starts.txt").open("a") as file:
    file.write(f"{seed} {' '.join(sys.argv[1:])}\\n")
print(f"seed:{seed}")
print("step:1/10 train_loss:6.9 train_time:44ms step_avg:44.00ms", file=sys.stderr)
score = 1.05 + seed * 1e-5
print(f"final_ttt_exact val_loss:{score * 2.5831:.8f} val_bpb:{score:.8f}")
if seed == 13:
    sys.exit(7)
"""


@pytest.fixture
def seeds(tmp_path):
    (tmp_path / "train.py").write_text(SCRIPT)

    def run(*arguments):
        command = [sys.executable, "-P", "-m", "pgolf_check", "seeds", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def _starts(path):
    return (path / "starts.txt").read_text().splitlines()


def test_one_log_for_each_seed_and_then_the_statistics(seeds, tmp_path):
    done = seeds("train.py", "--seeds", "42,0,7", "--out", "logs", "--", "--width", "3")
    assert done.returncode == 0, done.stderr
    assert _starts(tmp_path) == ["42 --width 3", "0 --width 3", "7 --width 3"]
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == [
        "train_seed0.log",
        "train_seed42.log",
        "train_seed7.log",
    ]
    assert "step:1/10" in (tmp_path / "logs" / "train_seed7.log").read_text()
    assert "logs against #2135" in done.stdout
    assert "n = 3" in done.stdout
    assert "final_ttt_exact" not in done.stdout


def test_finished_runs_are_not_repeated(seeds, tmp_path):
    seeds("train.py", "--seeds", "1,2", "--out", "logs")
    done = seeds("train.py", "--seeds", "1,2,3", "--out", "logs", "--against", "265")
    assert [line.strip() for line in _starts(tmp_path)] == ["1", "2", "3"]
    assert "there already" in done.stderr
    assert "logs against #265" in done.stdout


def test_a_run_that_fails_ends_the_series_and_leaves_no_log(seeds, tmp_path):
    done = seeds("train.py", "--seeds", "1,13,2", "--out", "logs")
    assert done.returncode == 2
    assert "seed 13: ended with status 7. See logs/train_seed13.log.partial." in done.stderr
    assert not (tmp_path / "logs" / "train_seed13.log").exists()
    assert [line.strip() for line in _starts(tmp_path)] == ["1", "13"]


def test_a_launcher_starts_the_script(seeds, tmp_path):
    launcher = f"{sys.executable} -X utf8"
    assert seeds("train.py", "--seeds", "1,2", "--launcher", launcher).returncode == 0
    assert (tmp_path / "runs" / "train" / "train_seed2.log").exists()


def test_a_preset_is_trained_once_for_each_seed(seeds, tmp_path):
    (tmp_path / "launch.py").write_text(
        "import json, pathlib, sys\n"
        "arguments = sys.argv[sys.argv.index('train'):]\n"
        "seed = int(arguments[arguments.index('--seed') + 1])\n"
        "out = pathlib.Path(arguments[arguments.index('--out') + 1])\n"
        "out.mkdir(parents=True)\n"
        "score = 1.05 + seed * 1e-5\n"
        "line = f'seed:{seed}\\nfinal_ttt_exact val_loss:{2.5 * score} val_bpb:{score}\\n'\n"
        "(out / f'train_seed{seed}.log').write_text(line)\n"
        "pathlib.Path(f'{seed}.json').write_text(json.dumps(arguments))\n"
    )
    launcher = f"{sys.executable} launch.py"
    done = seeds("--preset", "demo", "--seeds", "4,5", "--launcher", launcher, "--", "--set", "a=1")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "5.json").read_text()) == [
        *("train", "--preset", "demo", "--seed", "5", "--out", "runs/demo-seed5", "--set", "a=1")
    ]
    assert (tmp_path / "runs" / "demo" / "train_seed4.log").exists()
    assert "demo against" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("train.py", "--preset", "demo"),
        ("train.py", "--seeds", "a,b"),
        ("train.py", "--seeds", ""),
        ("train.py", "--launcher", "/nowhere/torchrun"),
        ("missing.py",),
    ],
)
def test_unusable_input_is_told_in_one_line(seeds, arguments):
    done = seeds(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("pgolf: ")
