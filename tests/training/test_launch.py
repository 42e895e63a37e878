"""Jobs of many processes, without starting any."""

import shlex
import subprocess
import sys

import pytest

from pgolf_check.cli import main


@pytest.fixture
def launched(monkeypatch, capsys):
    """`pgolf train --launcher ...`: exit code, what was printed, what would have been started."""

    def run(*arguments):
        started = []

        def instead(command, **options):
            started.append(command)
            return subprocess.CompletedProcess(command, 5)

        monkeypatch.setattr(subprocess, "run", instead)
        monkeypatch.setattr(sys, "argv", ["pgolf", "train", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, capsys.readouterr(), started

    return run


ASKED = ("--preset", "baseline", "--seed", "7", "--set", "schedule.steps=9", "--data", "my data")


def test_torchrun_starts_the_same_run_on_each_rank(launched):
    code, _, ((*command,),) = launched("--launcher", "torchrun", "--processes", "2", *ASKED)
    assert code == 5  # of the run
    at = command.index("pgolf_check")
    assert command[1:at] == [
        "-P",
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node=2",
        "-m",
    ]
    assert {"--preset=baseline", "--seed=7", "--set=schedule.steps=9", "--data=my data"} < set(
        command[at:]
    )
    assert not any("launcher" in word or "processes" in word for word in command)


def test_slurm_is_given_a_script_that_a_shell_reads(launched, tmp_path):
    code, printed, started = launched("--launcher", "slurm", "--nodes", "3", *ASKED)
    assert (code, started) == (0, [])
    lines = printed.out.splitlines()
    assert "#SBATCH --nodes=3" in lines
    assert "#SBATCH --gpus-per-node=8" in lines
    words = shlex.split(printed.out.partition("srun ")[2].replace("\\\n", " "))
    assert words[:3] == ["python", "-m", "torch.distributed.run"]
    assert {"--nnodes=3", "--nproc-per-node=8", "--data=my data", "--seed=7"} < set(words)


def test_a_shell_accepts_the_script(launched, tmp_path):
    real = subprocess.Popen
    _, printed, _ = launched("--launcher", "slurm", *ASKED)
    script = tmp_path / "job.sh"
    script.write_text(printed.out)
    assert real(["bash", "-n", str(script)]).wait() == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--launcher", "mpi"), "unknown launcher 'mpi'"),
        (("--launcher", "torchrun", "--nodes", "2"), "torchrun alone starts one machine"),
    ],
)
def test_what_cannot_be_launched_is_told(launched, arguments, says):
    code, printed, started = launched(*arguments)
    assert (code, started) == (2, [])
    assert says in printed.err
