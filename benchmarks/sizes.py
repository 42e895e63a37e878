"""What `pgolf verify-size` says of every pull request of the contest.

    python benchmarks/sizes.py GITDIR > benchmarks/sizes.md

GITDIR is a git directory of openai/parameter-golf that holds refs/pull/N/head. Each head is
counted as `pgolf verify-size --unpack --repo GITDIR --ref N` counts it, one after the other.
"""

import argparse
import platform
import resource
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pgolf_check.editions import editions
from pgolf_check.errors import PgolfError
from pgolf_check.report.size import disagreements
from pgolf_check.submission.copies import pull_heads
from pgolf_check.submission.facts import Problem, Track
from pgolf_check.submission.sizes import RunSize, Way
from pgolf_check.submission.target import open_repository
from pgolf_check.submission.verify import Standing, Verified, doubt, standing, verify_ref
from pgolf_check.worker import Worker

_COLUMNS = (Track.RECORD, Track.NON_RECORD, Track.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Head:
    """One pull request: its folders, or why there are none, and how long counting took."""

    ref: str
    folders: tuple[Verified, ...]
    refusal: str
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repo", type=Path)
    heads = list(counted(parser.parse_args().repo))
    cap = editions()[-1].size_cap_bytes
    folders = [folder for head in heads for folder in head.folders]
    runs = [run for folder in folders for run in folder.runs]
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    slowest = max(heads, key=lambda head: head.seconds)
    print("# The size of every pull request\n")
    print("    python benchmarks/sizes.py GITDIR > benchmarks/sizes.md\n")
    print(f"Python {platform.python_version()}, one worker. Folders that repeat are counted again.")
    _table(
        "What was counted",
        [
            ("heads", len(heads)),
            *Counter(head.refusal for head in heads if head.refusal).most_common(),
            ("folders", len(folders)),
            ("runs that state a size", sum(bool(run.log) for run in runs)),
            ("seconds, processor", f"{usage.ru_utime + usage.ru_stime:.0f}"),
            ("slowest head, wall clock", f"{slowest.seconds:.1f} s ({slowest.ref})"),
            ("peak memory", f"{usage.ru_maxrss / 1024:.0f} MiB"),
        ],
    )
    print("\n## Answers, by folder\n")
    print(f"| answer | {' | '.join(_COLUMNS)} |\n|---|{'---|' * len(_COLUMNS)}")
    answers = Counter((answer(folder, cap), folder.track) for folder in folders)
    for name in sorted({name for name, _ in answers}, reverse=True):
        print(f"| {name} | {' | '.join(str(answers[name, track]) for track in _COLUMNS)} |")
    _table("Counts that were made, by run", made(runs))
    kinds = Counter(kind for run in runs for kind in {sort(d) for d in disagreements(run, cap)})
    _table("Disagreements, by run", kinds.most_common())
    _table("Model files in the pull requests", models(folders))


def counted(repo: Path) -> Iterator[Head]:
    """Every head as the command counts it."""
    with Worker() as worker:
        for ref in pull_heads(open_repository(repo)).values():
            began = time.perf_counter()
            found: list[Verified] | Problem
            refusal = ""
            try:
                found = worker.run(verify_ref, repo, ref, None, None, True)
            except PgolfError as error:
                found, refusal = [], str(error).split(": ")[-1]
            seconds = time.perf_counter() - began
            if isinstance(found, Problem):
                yield Head(ref, (), found.message, seconds)
            else:
                yield Head(ref, tuple(found), refusal, seconds)


def answer(folder: Verified, cap: int) -> str:
    """The answer, and for an open one why it is open."""
    found = standing(folder, cap)
    return f"cannot decide: {doubt(folder, cap)}" if found is Standing.UNDECIDED else found


def made(runs: list[RunSize]) -> Iterator[tuple[str, int]]:
    for way in Way:
        counts = [run.count(way) for run in runs]
        yield f"{way}: a total", sum(count.total is not None for count in counts)
        yield (
            f"{way}: every byte measured",
            sum(count.total is not None and count.measured for count in counts),
        )


def sort(disagreement: str) -> str:
    """What kind of disagreement a sentence tells of."""
    if disagreement.startswith("over the cap"):
        return disagreement
    if disagreement.startswith("the log's parts"):
        return "the log's parts do not come to its total"
    return f"{disagreement.partition(' is ')[0]} has other bytes here than in the log"


def models(folders: list[Verified]) -> Iterator[tuple[str, object]]:
    artifacts = {(one.path, one.size): one for folder in folders for one in folder.artifacts}
    yield "distinct files (path and size)", len(artifacts)
    kinds: Counter[str] = Counter()
    for one in artifacts.values():
        layers = [layer.codec for layer in one.weights.layers]
        kinds[" > ".join([*layers, one.weights.container or "not recognised"])] += 1
    yield from kinds.most_common()
    told = Counter(p.message for one in artifacts.values() for p in one.weights.problems)
    yield from ((f"problem: {message}", count) for message, count in told.most_common(12))


def _table(title: str, rows: Iterable[tuple[str, object]]) -> None:
    print(f"\n## {title}\n\n| what | count |\n|---|---|")
    for name, figure in rows:
        print(f"| {name} | {figure} |")


if __name__ == "__main__":
    main()
