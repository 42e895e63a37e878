"""A child process that does the dangerous part, one target at a time.

Everything that walks hostile input runs in here, under limits on memory, processor time and wall
time. A child that dies or does not answer is replaced, and its death is the answer. It outlives
its jobs, so that reading thousands of targets does not mean starting thousands of interpreters.
"""

import os
import pickle
import resource
import select
import signal
import struct
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

from pgolf_check.errors import PgolfError
from pgolf_check.findings import Place
from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission.facts import Problem, ProblemKind

T = TypeVar("T")

_LENGTH = struct.Struct("<Q")
_STACK = 120 << 20  # the kernel leaves at least 128 MiB for the main thread's stack
_COMMAND = "from pgolf_check.worker import serve; serve()"


class Worker:
    """One child; use it from one thread, as a context manager."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self, function: Callable[..., T], *arguments: object) -> T | Problem:
        """The result of a module-level function, or what became of the child.

        PgolfError passes through; any other exception is a problem of this one target.
        """
        child = self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            _send(child.stdin, (function, arguments))
            answer = _receive(child.stdout, time.monotonic() + self._limits.worker_wall_seconds)
        except TimeoutError:
            self.stop()
            seconds = self._limits.worker_wall_seconds
            return _problem(f"took longer than {seconds} s and was stopped")
        except (EOFError, OSError):
            return _problem(self._death())
        if isinstance(answer, PgolfError):
            raise answer
        return answer  # type: ignore[no-any-return]

    def stop(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # bytes that were still to be sent to a child that is gone
        child.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            # -P: the directory the user stands in may hold a hostile module of any name.
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-c", _COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # an interrupt from the keyboard is for us to handle
            )
            assert self._child.stdin is not None
            _send(self._child.stdin, self._limits)
        return self._child

    def _death(self) -> str:
        child = self._child
        try:
            code = child.wait(timeout=5) if child else 0
        except subprocess.TimeoutExpired:
            code = 0
        self.stop()
        if code == -signal.SIGXCPU:
            return f"took more than {self._limits.worker_cpu_seconds} s of processor time"
        if code < 0:
            return f"ended the reading process by signal {signal.Signals(-code).name}"
        return f"ended the reading process with status {code}"


def serve() -> None:
    """Run jobs from stdin until it closes; this is the child's whole life."""
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not disturb the answers
    try:
        limits: Limits = _receive(jobs, None)
        _confine(limits)
        while True:
            function, arguments = _receive(jobs, None)
            _allow_seconds(limits.worker_cpu_seconds)
            _send(answers, _attempt(function, arguments))
    except (EOFError, BrokenPipeError):
        return


def _attempt(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return function(*arguments)
    except PgolfError as error:
        return error
    except MemoryError:
        return _problem("needs more memory than it may have")
    except RecursionError:
        return _problem("is nested too deeply")
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119
        return _problem(f"could not be handled: {type(error).__name__} at {where}: {error}")


def _confine(limits: Limits) -> None:
    # RLIMIT_DATA and not RLIMIT_AS: a mapped pack file is no cost, and may be larger than the cap.
    for kind, value in (
        (resource.RLIMIT_DATA, limits.worker_memory),
        (resource.RLIMIT_STACK, _STACK),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bounded, hard))


def _allow_seconds(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, hard))


def _send(pipe: BinaryIO | Any, message: object) -> None:
    data = pickle.dumps(message)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def _receive(pipe: BinaryIO | Any, deadline: float | None) -> Any:
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size, deadline))
    return pickle.loads(_exactly(pipe, length, deadline))


def _exactly(pipe: BinaryIO | Any, count: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < count:
        if deadline is not None:
            left = max(deadline - time.monotonic(), 0)
            if not select.select([pipe], [], [], left)[0]:
                raise TimeoutError
        chunk = os.read(pipe.fileno(), min(count - len(data), 1 << 20))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)


def _problem(message: str) -> Problem:
    return Problem(ProblemKind.HOSTILE, message, Place(""))
