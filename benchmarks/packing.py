"""Packed sizes of real entry scripts, beside what python-minifier and lzma make of them.

    python benchmarks/packing.py GITDIR --minifier PYTHON [--sample 200] > benchmarks/packing.md

GITDIR is a git directory of openai/parameter-golf that holds refs/pull/N/head; PYTHON an
interpreter that has python-minifier. Nothing of a submission is executed.
"""

import argparse
import ast
import base64
import lzma
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from pgolf_check.errors import PgolfError
from pgolf_check.pack.layers import layers
from pgolf_check.pack.pack import Packed, pack
from pgolf_check.submission.parse import Trees
from pgolf_check.submission.precheck import decode
from pgolf_check.submission.read import handed_in
from pgolf_check.submission.sources import discover
from pgolf_check.submission.target import open_repository

SMALLEST = 3000  # characters; less trains no model
RAW = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]
WRAPPER = (
    'import lzma as L,base64 as B\nexec(L.decompress(B.b85decode("{}"),format=L.FORMAT_RAW,'
    'filters=[{{"id":L.FILTER_LZMA2}}]))'
)
OTHER = """
import sys, python_minifier
sys.setrecursionlimit(10000)
text = sys.stdin.buffer.read().decode()
out = python_minifier.minify(text, remove_literal_statements=True)
sys.stdout.buffer.write(out.encode())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repo", type=Path)
    parser.add_argument("--minifier", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=3)
    arguments = parser.parse_args()
    rows, left = [], Counter[str]()
    whole = 0
    for ref, text in scripts(arguments.repo, arguments.sample, arguments.seed):
        try:
            found = pack(text, ref)
        except PgolfError as error:
            left[str(error).partition(": ")[2]] += 1
            continue
        if not isinstance(found, Packed):
            left[f"refused: {found[0].message}"] += 1
            continue
        unpacked = layers(decode(found.data), "train_gpt.py")
        first = next(s for s in (*unpacked.wrappers, unpacked.core) if s.layer == 1)
        if ast.dump(ast.parse(first.text)) == ast.dump(ast.parse(found.minified)):
            whole += 1
        else:
            print(f"{ref}: does not unpack to what was packed", file=sys.stderr)
        other = minified_elsewhere(found.source, arguments.minifier)
        if other is None:
            left["packed, but python-minifier cannot read it"] += 1
            continue
        payload = len(lzma.compress(found.minified.encode(), lzma.FORMAT_RAW, filters=RAW))
        rows.append((ref, len(found.source.encode()), len(found.data), payload, other))
    report(rows, left, whole)


def scripts(repo: Path, count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Entry scripts of randomly drawn heads, each text once."""
    known = open_repository(repo).references
    refs = sorted(ref for ref in known if ref.startswith("refs/pull/") and ref.endswith("/head"))
    random.Random(seed).shuffle(refs)
    seen: set[str] = set()
    for ref in refs:
        try:
            folders = handed_in(repo, ref)[:1]
        except PgolfError:
            continue  # a head that hands nothing in
        for handed in folders:
            entry = discover(handed.tree, Trees()).entry
            if entry is None or len(entry.text) < SMALLEST or entry.text in seen:
                continue
            seen.add(entry.text)
            yield ref, decode(handed.tree.read(entry.path, 4 << 20))
        if len(seen) >= count:
            return


def minified_elsewhere(text: str, python: Path) -> tuple[int, int] | None:
    """What the usual way makes: bytes of the script, bytes of the compressed stream alone."""
    done = subprocess.run(
        [python, "-c", OTHER], input=text.encode(), capture_output=True, check=False
    )
    if done.returncode:
        return None
    stream = lzma.compress(done.stdout, lzma.FORMAT_RAW, filters=RAW)
    return len(WRAPPER.format(base64.b85encode(stream).decode()).encode()), len(stream)


def report(
    rows: list[tuple[str, int, int, int, tuple[int, int]]], left: Counter[str], whole: int
) -> None:
    packed = len(rows) + left["packed, but python-minifier cannot read it"]
    ratios = sorted((data / other, ref) for ref, _, data, _, (other, _) in rows)
    streams = sorted(payload / stream for _, _, _, payload, (_, stream) in rows)
    print("# Packing real entry scripts\n")
    print("    python benchmarks/packing.py GITDIR --minifier PYTHON > benchmarks/packing.md\n")
    print(
        "The usual way is python-minifier with its defaults and without docstrings, lzma at its "
        "strongest,\nbase85, and a wrapper of two lines.\n"
    )
    print("| what | figure |\n|---|---|")
    for name, figure in (
        ("scripts drawn", len(rows) + sum(left.values())),
        ("packed", packed),
        ("unpacked to the tree that was packed", whole),
        ("compared", len(rows)),
        ("median source", f"{median(size for _, size, *_ in rows):,.0f} bytes"),
        ("median packed", f"{median(data for _, _, data, *_ in rows):,.0f} bytes"),
        ("median of the usual way", f"{median(other for *_, (other, _) in rows):,.0f} bytes"),
        ("packed over usual, median", f"{median(ratio for ratio, _ in ratios):.4f}"),
        ("packed over usual, best and worst", f"{ratios[0][0]:.4f}, {ratios[-1][0]:.4f}"),
        ("larger than the usual way", sum(ratio > 1 for ratio, _ in ratios)),
        ("the same with one codec: streams, median", f"{median(streams):.4f}"),
        ("the same with one codec: worst", f"{streams[-1]:.4f}"),
    ):
        print(f"| {name} | {figure} |")
    for ratio, ref in ratios:
        if ratio > 1:
            print(f"{ref}: {ratio:.4f} of the usual way", file=sys.stderr)
    print("\n## Not packed, or not compared\n\n| reason | scripts |\n|---|---|")
    for reason, count in left.most_common():
        print(f"| {reason} | {count} |")


if __name__ == "__main__":
    main()
