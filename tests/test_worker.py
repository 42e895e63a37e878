"""A child that dies, hangs or swells takes nothing with it."""

import os
import signal
import time
from pathlib import Path

import pytest

from pgolf_check.errors import PgolfError
from pgolf_check.limits import Limits
from pgolf_check.submission.facts import Problem
from pgolf_check.submission.read import read_folder
from pgolf_check.worker import Worker

MIB = 1 << 20


@pytest.fixture(scope="module")
def worker():
    with Worker(Limits(worker_wall_seconds=2, worker_memory=256 * MIB)) as child:
        yield child


def test_results_come_back_from_one_child_for_many_jobs(worker):
    first = worker.run(os.getpid)
    assert first != os.getpid()
    assert worker.run(divmod, 7, 2) == (3, 1)
    assert worker.run(os.getpid) == first


@pytest.mark.parametrize(
    ("job", "message"),
    [
        ((os.kill, 0, signal.SIGSEGV), "signal SIGSEGV"),
        ((os._exit, 3), "status 3"),
        ((time.sleep, 60), "longer than 2 s"),
        ((bytes, 1 << 30), "more memory"),
        ((int, "x"), "ValueError"),
    ],
    ids=["signal", "exit", "hang", "memory", "exception"],
)
def test_every_way_to_fail_is_a_problem_and_the_next_job_works(worker, job, message):
    function, *arguments = job
    found = worker.run(function, *arguments)
    assert isinstance(found, Problem)
    assert message in found.message
    assert worker.run(abs, -3) == 3


def test_processor_time_is_limited():
    with Worker(Limits(worker_cpu_seconds=1)) as child:
        found = child.run(sum, range(10**12))
        assert isinstance(found, Problem)
        assert "processor time" in found.message
        assert child.run(abs, -3) == 3


def test_bad_input_is_the_caller_s_to_tell(worker):
    with pytest.raises(PgolfError, match="nowhere"):
        worker.run(read_folder, Path("nowhere"))


def test_what_a_job_prints_does_not_reach_the_answers(worker):
    assert worker.run(print, "noise") is None
    assert worker.run(abs, -3) == 3
