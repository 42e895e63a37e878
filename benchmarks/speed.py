"""How fast real entry scripts are audited, beside bandit and semgrep.

    python benchmarks/speed.py GITDIR --bandit PATH --semgrep PATH > benchmarks/speed.md

GITDIR is a git directory of openai/parameter-golf that holds refs/pull/N/head; the paths name the
two commands, installed apart. Every script is laid out in a folder of its own with its modules,
submission.json and logs; what is packed is laid out unpacked for the two, which see one layer.
Nothing of a submission is executed.
"""

import argparse
import ast
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pgolf_check.errors import PgolfError
from pgolf_check.program.build import build_program
from pgolf_check.submission.copies import pull_heads
from pgolf_check.submission.facts import FileKind, Submission
from pgolf_check.submission.read import handed_in, read_handed
from pgolf_check.submission.target import Handed, open_repository

RULES = """\
rules:
  - id: backward-after-loss
    languages: [python]
    severity: ERROR
    message: A step on tokens before they are scored.
    patterns:
      - pattern: "$LOSS.backward()\\n...\\n$OPT.step()"
  - id: executes-text
    languages: [python]
    severity: ERROR
    message: Executes text.
    pattern: exec(...)
  - id: loads-pickle
    languages: [python]
    severity: WARNING
    message: Loads a pickle.
    pattern: torch.load(...)
  - id: evaluates-in-training-mode
    languages: [python]
    severity: WARNING
    message: Trains while it evaluates.
    patterns:
      - pattern-inside: "def $F(...):\\n  ..."
      - pattern: $MODEL.train()
"""
LARGE = 150_000  # characters
LARGEST = 2 << 20  # bytes of a file that is laid out


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds by the clock and of the processor."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Row:
    """One script and what each way of looking at it took."""

    ref: str
    size: int
    taken: dict[str, Taken]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repo", type=Path)
    parser.add_argument("--bandit", type=Path, required=True)
    parser.add_argument("--semgrep", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--seed", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        rules = Path(place) / "rules.yml"
        rules.write_text(RULES)
        rows = [
            measured(handed, submission, Path(place) / str(number), rules, arguments)
            for number, (handed, submission) in enumerate(
                chosen(arguments.repo, arguments.sample, arguments.seed)
            )
        ]
    print("# Speed of an audit\n")
    print(
        "    python benchmarks/speed.py GITDIR --bandit PATH --semgrep PATH > benchmarks/speed.md\n"
    )
    sizes = sorted(row.size for row in rows)
    print(f"Python {platform.python_version()}, {len(rows)} entry scripts of different heads, of")
    print(f"{sizes[0]:,} to {sizes[-1]:,} characters, median {median(sizes):,.0f}. Seconds per")
    print("script; an audit reads the modules, submission.json and logs beside it as well.\n")
    print("| what | wall, median | wall, largest | processor, median | processor, sum |")
    print("|---|---|---|---|---|")
    for name in rows[0].taken:
        taken = [row.taken[name] for row in rows]
        walls, cpus = [one.wall for one in taken], [one.cpu for one in taken]
        print(f"| {name} | {median(walls):.3f} | {max(walls):.3f} ", end="")
        print(f"| {median(cpus):.3f} | {sum(cpus):.1f} |")
    ratios = sorted(row.taken["engine"].cpu / row.taken["ast.parse"].cpu for row in rows)
    print(
        f"\nFollowing the code takes {median(ratios):.1f} times the processor time of `ast.parse`"
    )
    print("on the same texts (median; nine of ten within ", end="")
    print(f"{ratios[len(ratios) * 9 // 10]:.1f}, largest {ratios[-1]:.1f}).\n")
    print(f"## Scripts of {LARGE:,} characters and more, seconds by the clock\n")
    print(f"| head | characters | {' | '.join(rows[0].taken)} |")
    print(f"|---|---|{'---|' * len(rows[0].taken)}")
    for row in sorted(rows, key=lambda row: row.size):
        if row.size >= LARGE:
            seconds = " | ".join(f"{taken.wall:.2f}" for taken in row.taken.values())
            print(f"| {row.ref} | {row.size:,} | {seconds} |")


def chosen(repo: Path, count: int, seed: int) -> Iterator[tuple[Handed, Submission]]:
    """Submissions of so many heads, drawn at random, each of another script."""
    refs = list(pull_heads(open_repository(repo)).values())
    random.Random(seed).shuffle(refs)
    seen: set[str] = set()
    for ref in refs:
        try:
            handed = next(iter(handed_in(repo, ref)))
        except PgolfError:
            continue  # a head without a folder or a script
        submission = read_handed(handed)
        entry = submission.entry
        if entry and entry.text not in seen and accepted(entry.text):
            seen.add(entry.text)
            yield handed, submission
            if len(seen) == count:
                return


def accepted(text: str) -> bool:
    """Whether this interpreter's parser takes a text as it is, which bandit needs."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def measured(
    handed: Handed,
    submission: Submission,
    place: Path,
    rules: Path,
    arguments: argparse.Namespace,
) -> Row:
    """Every way of looking at one submission, one after the other."""
    assert submission.entry
    folder = place / "records" / "track_10min_16mb" / "submission"
    folder.mkdir(parents=True)
    lay_out(handed, folder)
    plain = place / "plain.py"
    plain.write_text(submission.entry.text)
    sources = [submission.entry, *submission.modules]
    logged = [log.source.text for log in submission.logs if log.source]
    texts = [source.text for source in sources if (source.path, source.layer) in submission.trees]
    if any(walk.origin == "logged" for walk in build_program(submission).walks):
        texts.append(logged[0])
    pgolf = [sys.executable, "-m", "pgolf_check", "audit", str(folder)]
    bandit = [str(arguments.bandit), "-q", str(plain)]
    semgrep = [
        str(arguments.semgrep),
        "scan",
        "--quiet",
        "--metrics=off",
        "--disable-version-check",
    ]
    semgrep += ["--jobs=1", "--max-target-bytes=0", "--config", str(rules), str(plain)]
    taken = {
        "ast.parse": timed(lambda: [ast.parse(text) for text in texts]),
        "engine": timed(lambda: build_program(submission)),
        "`pgolf audit`, start to end": timed(lambda: finished(pgolf)),
        "bandit": timed(lambda: finished(bandit)),
        "semgrep, four rules": timed(lambda: finished(semgrep)),
    }
    return Row(handed.target.ref, len(submission.entry.text), taken)


def lay_out(handed: Handed, folder: Path) -> None:
    for path, entry in handed.tree.entries.items():
        if entry.kind is FileKind.REGULAR and entry.size <= LARGEST:
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(handed.tree.read(path, LARGEST))


def finished(command: list[str]) -> None:
    """Run to the end; each of the three ends with 0, 1 or 3 where it could look."""
    environment = {**os.environ, **QUIET}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-300:]}")


QUIET = {"SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0"}


def timed(job: Callable[[], object]) -> Taken:
    """What a job took, with all processes it started and ended."""
    before, began = _cpu(), time.perf_counter()
    job()
    return Taken(time.perf_counter() - began, _cpu() - before)


def _cpu() -> float:
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


if __name__ == "__main__":
    main()
