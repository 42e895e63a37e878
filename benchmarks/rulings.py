"""How the audit agrees with rulings: `python benchmarks/rulings.py GITDIR RULINGS.jsonl`.

RULINGS.jsonl: one ruled pull request a line, with pr, head, folder, label (legal, illegal), source.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path


def main() -> None:
    repo, rulings = sys.argv[1:3]
    rows = [json.loads(line) for line in Path(rulings).read_text().splitlines() if line.strip()]
    rows = [row for row in rows if not row.get("head_changed_after_ruling")]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as refs:
        refs.write("\n".join(dict.fromkeys(row["head"] for row in rows)) + "\n")
        refs.flush()
        started = time.perf_counter()
        command = ["pgolf", "sweep", "--repo", repo, "--refs", refs.name]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds = time.perf_counter() - started
    lines = defaultdict(list)
    for line in map(json.loads, done.stdout.splitlines()):
        lines[line["target"]["commit"]].append(line)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        said = lines[row["head"]]
        same = [one for one in said if one["target"]["folder"] == (row["folder"] or "")]
        verdicts = (same or said or [{}])[0].get("verdicts", {})
        table[f"{row['label']:8} {row['source']}"][verdicts.get("legality", "missing")] += 1
    columns = ("violation", "hold", "clean", "missing")
    print(f"{len(rows)} ruled heads in {seconds:.0f} s")
    print(f"{'legality':20}" + "".join(f"{column:>11}" for column in columns))
    for key, counts in sorted(table.items()):
        print(f"{key:20}" + "".join(f"{counts[column]:>11}" for column in columns))


if __name__ == "__main__":
    main()
