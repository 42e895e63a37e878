"""What the seeds and the quoted statistics of every pull request are worth.

    python benchmarks/significance.py GITDIR > benchmarks/significance.md

GITDIR is a git directory of openai/parameter-golf that holds refs/pull/N/head.
"""

import argparse
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pgolf_check.editions import editions
from pgolf_check.errors import PgolfError
from pgolf_check.measure.check import Holding
from pgolf_check.measure.comparison import Comparison, compare
from pgolf_check.measure.handed_in import HandedIn, from_ref
from pgolf_check.measure.leaderboard import load
from pgolf_check.measure.quotes import Figure
from pgolf_check.submission.facts import Problem
from pgolf_check.submission.target import open_repository
from pgolf_check.worker import Worker

_HEAD = re.compile(r"refs/pull/(\d+)/head")
_STATISTICS = (Figure.T, Figure.DF, Figure.P, Figure.SIGMA)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repo", type=Path)
    repo = parser.parse_args().repo
    outcomes: Counter[str] = Counter()
    began = time.process_time()
    found = [
        (number, compared(number, one))
        for number, one in handed_in(repo, outcomes)
        if not failed(number, one, outcomes)
    ]
    seconds = time.process_time() - began
    print("# The seeds and statistics of every pull request\n")
    print("    python benchmarks/significance.py GITDIR > benchmarks/significance.md\n")
    print(f"Python {platform.python_version()}. Each submission is compared with the frontier at")
    print("its pull request's opening; quoted figures also with the records that the text names.\n")
    print("| what | figure |\n|---|---|")
    for name, figure in [*outcomes.most_common(), *figures([each for _, each in found])]:
        print(f"| {name} | {figure} |")
    print(
        f"| milliseconds to compare one, recomputing included | {1e3 * seconds / len(found):.0f} |"
    )
    print("\n## Quoted t, df, p and sigmas\n")
    print("| figure | " + " | ".join(Holding) + " |\n|---|" + "---:|" * len(Holding))
    quoted = Counter((q.quote.figure, q.holding) for _, each in found for q in each.quoted)
    for figure in Figure:
        print(f"| {figure} | " + " | ".join(str(quoted[figure, held]) for held in Holding) + " |")
    print("\n## Those that do not simply hold\n")
    print("| PR | quoted | verdict | recomputed |\n|---|---|---|---|")
    for number, each in found:
        for q in each.quoted:
            if q.quote.figure in _STATISTICS and q.holding not in (Holding.HOLDS, Holding.NEARLY):
                sign = "<" if q.quote.below else "="
                words = f"{q.quote.figure} {sign} {q.quote.value:g}"
                print(f"| #{number} | {words} | {q.holding} | {q.explanation.replace('|', '/')} |")


def handed_in(repo: Path, outcomes: Counter[str]) -> Iterator[tuple[int, HandedIn]]:
    heads = [_HEAD.fullmatch(name) for name in open_repository(repo).references]
    numbers = sorted(int(match[1]) for match in heads if match)
    seen: set[tuple[float, ...]] = set()
    with Worker() as worker:
        for number in numbers:
            try:
                answer = worker.run(from_ref, repo, f"refs/pull/{number}/head", None)
            except PgolfError as error:
                outcomes[f"heads refused: {error.problem}"] += 1
                continue
            if isinstance(answer, Problem):
                print(f"#{number}: {answer.message}", file=sys.stderr)
                outcomes["heads that ended the worker"] += 1
                continue
            for one in answer:
                outcomes["submissions with a score"] += 1
                if one.sample.values in seen:
                    outcomes["with the scores of an earlier one, left out below"] += 1
                    continue
                seen.add(one.sample.values)
                yield number, one


BOARD = load()
RECORDS = [row.sample for row in BOARD.rows]


def compared(number: int, one: HandedIn) -> Comparison:
    old = BOARD.frontier(number, one.sample).sample
    gates = editions()
    return compare(one.sample, old, gates, gates[-1], one.warned, one.readme, RECORDS)


def failed(number: int, one: HandedIn, outcomes: Counter[str]) -> bool:
    """Before the first row there was nothing to compare with."""
    try:
        BOARD.frontier(number, one.sample)
    except PgolfError:
        outcomes["older than the leaderboard"] += 1
        return True
    return False


def figures(found: list[Comparison]) -> Iterator[tuple[str, object]]:
    seeds = Counter(min(each.new.summary.n, 4) for each in found if each.new.logged)
    for count in range(1, 5):
        yield f"with {'4 or more' if count == 4 else count} logged seeds", seeds[count]
    yield "whose scores no log shows", sum(not each.new.logged for each in found)
    for index, edition in enumerate(editions()):
        answers = Counter(each.gates[index].answer for each in found)
        words = ", ".join(f"{answer} {count}" for answer, count in answers.most_common())
        yield f"gate of {edition.name}", words
    doubts = Counter(doubt for each in found for doubt in {w.doubt for w in each.warnings})
    for doubt, count in doubts.most_common():
        yield f"with the warning {doubt}", count


if __name__ == "__main__":
    main()
