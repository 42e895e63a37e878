"""Many submissions, straight from the object store, in parallel and in order.

A planner walks the heads in the order of their pull requests, so that copies are known; readers
take one folder each. Both are workers: whatever a head does to one of them stays with that head.
"""

import functools
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pygit2

from pgolf_check.errors import PgolfError
from pgolf_check.findings import Place
from pgolf_check.submission.copies import Earlier, copies_of_base, pull_heads
from pgolf_check.submission.facts import Problem, ProblemKind, Submission, Target
from pgolf_check.submission.read import read_handed
from pgolf_check.submission.target import (
    Change,
    change,
    default_branch,
    folders_of,
    from_change,
    open_repository,
    resolve,
)
from pgolf_check.worker import Worker

Line = dict[str, Any]
Judge = Callable[[Submission], Line]
Key = tuple[str, str]  # commit, folder


@dataclass(frozen=True, slots=True)
class Job:
    """One folder of one head, still to be read; or why that will not happen."""

    target: Target
    changed: Change | None = None
    copy_of: str = ""
    problem: Problem | None = None

    @property
    def key(self) -> Key:
        """What identifies the job in an output file."""
        return self.target.commit or self.target.ref, self.target.folder


def sweep(
    repo: Path,
    refs: list[str] | None,
    base: str | None,
    judge: Judge,
    jobs: int,
    done: frozenset[Key] = frozenset(),
    worker: type[Worker] = Worker,
) -> Iterator[Line]:
    """One line for each folder of each head, in the order of the pull requests."""
    readers = _Readers(judge, worker)
    pending: deque[Future[Line]] = deque()
    with Worker() as planner, ThreadPoolExecutor(jobs) as pool:
        try:
            for job in plan(planner, repo, refs, base):
                if job.key not in done:
                    pending.append(pool.submit(readers.read, job))
                while len(pending) > 50 * jobs or (pending and pending[0].done()):
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for waiting in pending:
                waiting.cancel()
            readers.stop()


def plan(planner: Worker, repo: Path, refs: list[str] | None, base: str | None) -> Iterator[Job]:
    """The folders of the wanted heads, or of all pull requests; copies are marked."""
    repository = open_repository(repo)
    branch = str((resolve(repository, base) if base else default_branch(repository)).id)
    pulls = pull_heads(repository)
    wanted, others = _sort(repository, pulls, refs)
    earlier = Earlier()
    for number, ref in pulls.items():
        if number > max(wanted, default=0):
            break
        commit = str(repository.references[ref].target)
        target = Target("", str(repo), wanted.get(number, ""), commit)
        yield from _jobs(planner, target, branch, earlier)
    for ref in others:
        yield from _jobs(planner, Target("", str(repo), ref), branch, Earlier())


def _sort(
    repository: pygit2.Repository, pulls: dict[int, str], refs: list[str] | None
) -> tuple[dict[int, str], list[str]]:
    """The wanted refs that are heads of pull requests, by number, and the others."""
    if refs is None:
        return dict(pulls), []
    numbers = {str(repository.references[ref].target): n for n, ref in reversed(pulls.items())}
    wanted: dict[int, str] = {}
    others: list[str] = []
    for ref in refs:
        try:
            number = numbers.get(str(resolve(repository, ref).id))
        except PgolfError:
            number = None
        if number is None or number in wanted:
            others.append(ref)
        else:
            wanted[number] = ref
    return wanted, others


def _jobs(planner: Worker, target: Target, branch: str, earlier: Earlier) -> Iterator[Job]:
    """What one head adds; a head without a ref was not asked for and is only remembered."""
    problem: Problem | None = None
    try:
        changed = planner.run(_change, target.repo, target.commit or target.ref, branch)
        if isinstance(changed, Problem):
            problem = changed
        else:
            target = replace(target, commit=changed.head, base=changed.base)
            copies = earlier.copies(changed)
            earlier.add(changed)
    except PgolfError as error:
        problem = Problem(ProblemKind.UNREADABLE, str(error), Place(""))
    if not target.ref:
        return
    if problem or isinstance(changed, Problem):
        yield Job(target, problem=problem)
        return
    for folder in folders_of(changed):
        yield Job(replace(target, folder=folder), changed, copies.get(folder, ""))


def _change(repo: str, ref: str, branch: str) -> Change:
    repository = _repository(repo)
    return change(repository, resolve(repository, ref), resolve(repository, branch))


def _read(job: Job, judge: Judge) -> Line:
    assert job.changed is not None
    target = job.target
    repository = _repository(target.repo)
    copy_of = job.copy_of or copies_of_base(repository, job.changed).get(target.folder, "")
    handed = from_change(repository, target.ref, job.changed, target.folder, copy_of)
    return judge(read_handed(handed))


@functools.cache
def _repository(path: str) -> pygit2.Repository:
    """One repository, kept open in the child for all its jobs."""
    return open_repository(Path(path))


class _Readers:
    """A worker for each thread of the pool."""

    def __init__(self, judge: Judge, worker: type[Worker]) -> None:
        self._judge = judge
        self._start = worker
        self._own = threading.local()
        self._all: list[Worker] = []

    def read(self, job: Job) -> Line:
        """The line of one job, an error line where it cannot be read."""
        if job.problem:
            return error_line(job.target, job.problem)
        if not hasattr(self._own, "worker"):
            self._own.worker = self._start()
            self._all.append(self._own.worker)
        try:
            line = self._own.worker.run(_read, job, self._judge)
        except PgolfError as error:
            line = Problem(ProblemKind.UNREADABLE, str(error), Place(""))
        return error_line(job.target, line) if isinstance(line, Problem) else line

    def stop(self) -> None:
        for worker in self._all:
            worker.stop()


def error_line(target: Target, problem: Problem) -> Line:
    """What stands in the output for a target that could not be read."""
    error = {"kind": problem.kind.value, "message": problem.message}
    return {"schema": "pgolf.error/1", "target": asdict(target), "error": error}
