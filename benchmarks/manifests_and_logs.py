"""What submission.json, train logs and settings of every pull request come to.

    python benchmarks/manifests_and_logs.py GITDIR > benchmarks/manifests_and_logs.md

GITDIR is a git directory of openai/parameter-golf that holds refs/pull/N/head. One process; a
figure of a table stands over distinct contents where it says so, else over folders.
"""

import argparse
import platform
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

from pgolf_check.errors import PgolfError
from pgolf_check.submission.copies import pull_heads
from pgolf_check.submission.facts import (
    Claimed,
    EvalKind,
    Manifest,
    ProblemKind,
    RunLog,
    SettingSource,
    Submission,
    Track,
)
from pgolf_check.submission.logs import looks_like_log, read_log
from pgolf_check.submission.read import read_handed
from pgolf_check.submission.settings import same
from pgolf_check.submission.target import (
    Handed,
    change,
    default_branch,
    folders_of,
    from_change,
    open_repository,
    resolve,
)
from pgolf_check.submission.tree import UnreadableFileError

_LOG_FACTS = (
    *("seed", "world_size", "gpu", "torch", "python", "train_shards", "val_tokens"),
    *("model_params", "peak_mib", "train_ms", "step_ms", "stop_reason", "raw_model_bytes"),
    *("model_bytes", "code_bytes", "total_bytes", "eval_seconds_total", "hyperparameters"),
    "source",
)


class Tally:
    """Counts over all heads, each content once."""

    def __init__(self) -> None:
        self.manifests = Counter[str]()
        self.folders = Counter[str]()
        self.logs: dict[str, RunLog] = {}
        self.log_bytes = 0
        self.log_seconds = 0.0
        self.headlines = Counter[tuple[Track, str]]()
        self.settings = Counter[str]()
        self._seen: set[str] = set()

    def add(self, handed: Handed) -> None:
        submission = read_handed(handed)
        self.folders["read"] += 1
        self._add_manifest(submission)
        self._add_logs(handed)
        self._add_headline(submission)
        self._add_settings(submission)

    def _add_manifest(self, submission: Submission) -> None:
        if not any(entry.path.endswith("submission.json") for entry in submission.files):
            return
        self.manifests["files"] += 1
        manifest = submission.manifest
        if manifest is None:
            self.manifests["not JSON, or not an object"] += 1
            return
        self.manifests.update(f"{name}, stated" for name in _stated(manifest))
        self.manifests.update(f"{name}, a value" for name in _valued(manifest))
        if any(p.kind is ProblemKind.MALFORMED for p in submission.problems):
            self.manifests["with a problem told"] += 1

    def _add_logs(self, handed: Handed) -> None:
        for path, entry in handed.tree.entries.items():
            if entry.digest in self._seen or not looks_like_log(path, entry.size):
                continue
            self._seen.add(entry.digest)
            try:
                data = handed.tree.read(path, entry.size)
            except UnreadableFileError:
                continue  # a link, or absent from this copy of the repository
            began = time.process_time()
            log = read_log(path, data, entry.digest)
            self.log_seconds += time.process_time() - began
            self.log_bytes += len(data)
            if log:
                self.logs[entry.digest] = log

    def _add_headline(self, submission: Submission) -> None:
        manifest = submission.manifest
        claimed = manifest.val_bpb if manifest else None
        scored = any(log.evals for log in submission.logs)
        if claimed is None or claimed.value is None or not scored:
            return
        headline = submission.headline
        kind = headline.kind.value if headline.kind else "unsupported by its logs"
        self.headlines[submission.track, kind] += 1

    def _add_settings(self, submission: Submission) -> None:
        settings = submission.settings.by_name.values()
        if submission.entry is None:
            return
        self.settings["with an entry script"] += 1
        sources = {value.source for setting in settings for value in setting.values}
        self.settings.update(f"a value from: {source}" for source in sources)
        for name, off, on in (
            ("off in the code, on in the run", "0", "1"),
            ("the reverse", "1", "0"),
        ):
            if any(
                setting.values[0].source is not SettingSource.DEFAULT
                and same(setting.values[0].value, on)
                and any(same(v.value, off) for v in setting.values if v.source == "default")
                for setting in settings
                if setting.values
            ):
                self.settings[name] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repo", type=Path)
    arguments = parser.parse_args()
    tally = Tally()
    began = time.process_time()
    for handed in _all_folders(arguments.repo):
        tally.add(handed)
    seconds = time.process_time() - began
    print("# Manifests, logs and settings of every pull request\n")
    print("    python benchmarks/manifests_and_logs.py GITDIR > benchmarks/manifests_and_logs.md\n")
    print(f"Python {platform.python_version()}, one process, {seconds:.0f} s of processor time.\n")
    parsed = tally.manifests.pop("files") - tally.manifests["not JSON, or not an object"]
    _table("submission.json, of the folders whose file parses", parsed, tally.manifests.items())
    with_steps = [log for log in tally.logs.values() if log.steps is not None]
    rate = tally.log_bytes / 1e6 / tally.log_seconds
    print(f"\n{len(tally.logs)} distinct logs, {tally.log_bytes / 1e6:.0f} MB read in ", end="")
    print(f"{tally.log_seconds:.1f} s of processor time ({rate:.0f} MB/s).")
    _table("Logs, of the distinct ones with steps", len(with_steps), _log_figures(with_steps))
    for track in (Track.RECORD, Track.NON_RECORD):
        kinds = {kind: n for (t, kind), n in tally.headlines.items() if t is track}
        total = sum(kinds.values())
        supported = total - kinds.get("unsupported by its logs", 0)
        rows = [("supported by a logged line", supported), *kinds.items()]
        _table(f"Headlines, {track} folders with a claim and a logged score", total, rows)
    scripts = tally.settings.pop("with an entry script")
    _table("Settings, of the folders with an entry script", scripts, tally.settings.items())


def _all_folders(repo: Path) -> Iterator[Handed]:
    repository = open_repository(repo)
    branch = default_branch(repository)
    for ref in pull_heads(repository).values():
        try:
            changed = change(repository, resolve(repository, ref), branch)
            folders = folders_of(changed)
        except PgolfError:
            continue  # a head without a folder or a script; benchmarks/reading.py counts them
        for folder in folders:
            yield from_change(repository, ref, changed, folder)


def _stated(manifest: Manifest) -> Iterator[str]:
    for field in fields(manifest):
        if field.name != "path" and getattr(manifest, field.name) not in (None, ()):
            yield field.name


def _valued(manifest: Manifest) -> Iterator[str]:
    for field in fields(manifest):
        claimed = getattr(manifest, field.name)
        if isinstance(claimed, Claimed) and claimed.value is not None:
            yield field.name


def _log_figures(logs: list[RunLog]) -> Iterator[tuple[str, int]]:
    for name in _LOG_FACTS:
        yield name, sum(getattr(log, name) not in (None, {}) for log in logs)
    yield "more than one complete run", sum(log.runs > 1 for log in logs)
    yield "a traceback", sum(log.traceback for log in logs)
    yield "complete", sum(log.complete for log in logs)
    yield "a time on an evaluation", sum(any(e.seconds for e in log.evals) for log in logs)
    yield "calibration or quantisation", sum(_quantised(log) for log in logs)
    for kind in EvalKind:
        yield f"scores: {kind}", sum(any(e.kind is kind for e in log.evals) for log in logs)


def _quantised(log: RunLog) -> bool:
    return any(phase.stage in ("calibrate", "quantise") for phase in log.phases)


def _table(title: str, total: int, rows: Iterable[tuple[str, int]]) -> None:
    print(f"\n## {title} ({total})\n\n| what | count | share |\n|---|---|---|")
    for name, count in sorted(rows, key=lambda row: -row[1]):
        print(f"| {name} | {count} | {count / total:.1%} |")


if __name__ == "__main__":
    main()
