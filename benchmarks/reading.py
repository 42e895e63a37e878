"""What reading makes of every pull request of the contest.

    python benchmarks/reading.py GITDIR [--jobs 2] > benchmarks/reading.md

GITDIR is a git directory of openai/parameter-golf that holds refs/pull/N/head.
"""

import argparse
import platform
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from pgolf_check.fleet.reading import reading
from pgolf_check.fleet.sweep import Job, sweep
from pgolf_check.worker import Worker

Line = dict[str, Any]


class Timed(Worker):
    """A worker that remembers how long each submission took."""

    jobs: ClassVar[list[tuple[float, str]]] = []

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        answer = super().run(function, *arguments)
        if isinstance(arguments[0], Job):
            self.jobs.append((time.perf_counter() - began, arguments[0].target.ref))
        return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repo", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    began = time.perf_counter()
    lines = list(sweep(arguments.repo, None, None, reading, arguments.jobs, worker=Timed))
    seconds = time.perf_counter() - began
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print("# Reading every pull request\n")
    print("    python benchmarks/reading.py GITDIR > benchmarks/reading.md\n")
    print(f"Python {platform.python_version()}, {arguments.jobs} reading processes.\n")
    print("| what | figure |\n|---|---|")
    for name, figure in [
        *figures(lines),
        ("slowest submission", "{:.1f} s ({})".format(*max(Timed.jobs))),
        ("seconds, wall clock", f"{seconds:.0f}"),
        ("seconds, processor", f"{usage.ru_utime + usage.ru_stime:.0f}"),
        ("peak memory of the largest process", f"{usage.ru_maxrss / 1024:.0f} MiB"),
    ]:
        print(f"| {name} | {figure} |")
    print("\n## Entry scripts that do not parse\n")
    print("| head | script | reason |\n|---|---|---|")
    for line in lines:
        if line.get("entry") and not line["entry"]["parsed"]:
            message, place = reasons(line, "not-parsed", "hostile")[0]
            print(f"| {line['target']['ref']} | {place} | {message} |")
    print("\n## Code that stays opaque\n")
    print("| head | place | reason |\n|---|---|---|")
    for line in lines:
        for message, place in reasons(line, "not-unpacked"):
            print(f"| {line['target']['ref']} | {place} | {message} |")


def figures(lines: list[Line]) -> Iterator[tuple[str, object]]:
    read = [line for line in lines if "error" not in line]
    refused = Counter(line["error"]["message"].split(": ")[-1] for line in lines if "error" in line)
    entries = [line for line in read if line["entry"]]
    packed = [line for line in entries if line["entry"]["codec"]]
    parsed = sum(line["entry"]["parsed"] for line in entries)
    yield "heads", len({line["target"]["ref"] for line in lines})
    yield "submissions", len(read)
    for reason, count in refused.most_common():
        yield f"heads refused: {reason}", count
    yield "marked as copies", sum(bool(line["copy_of"]) for line in read)
    yield "with an entry script", len(entries)
    yield "entry scripts parsed", f"{parsed} ({parsed / len(entries):.2%})"
    yield "packed entry scripts unpacked", len(packed)
    yield "heads with a packed entry script", len({line["target"]["commit"] for line in packed})
    yield "packed, unpacked and parsed", sum(line["entry"]["parsed"] for line in packed)
    yield (
        "launchers followed",
        sum(bool(x["wrappers"]) and not x["entry"]["codec"] for x in entries),
    )
    yield "with local modules", sum(bool(line["modules"]) for line in read)
    yield "with native sources", sum(bool(line["natives"]) for line in read)


def reasons(line: Line, *kinds: str) -> list[tuple[str, str]]:
    found = line.get("problems", [])
    return [(p["message"], p["place"]) for p in found if p["kind"] in kinds]


if __name__ == "__main__":
    main()
