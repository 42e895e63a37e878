"""EVI-3SEED: a record rests on several runs of one configuration."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Evidence, Finding, LawStatus, Place
from pgolf_check.law import Law, Rule, at, found, hold
from pgolf_check.submission.facts import RunLog, Track
from rules.official_text import headline_line
from rules.records import manifest, record, train_log

RULE = Rule(
    id="EVI-3SEED",
    title="Three seeds of one configuration",
    axis=Axis.EVIDENCE,
    law=Law(LawStatus.RULED, "README, Submission Process; #1963, #2020, #2121, #2124, #2139"),
    statement="A record shows enough runs to tell it from chance, in practice three seeds of one "
    "configuration, each with its log. A log that is handed in twice is one run.",
    remedy="Run the missing seeds with the same settings and add their logs.",
)

ILLEGAL = [
    record(
        "one run under the names of three seeds",
        {
            "train_seed42.log": train_log(42, mark="final_"),
            "train_seed1337.log": train_log(1337, mark="final_"),
            "train_seed2025.log": train_log(2025, mark="final_"),
        },
    ),
]

LEGAL = [
    record(
        "three seeds, three logs",
        {
            "train_seed42.log": train_log(42, bpb=1.1250, train_ms=599_901),
            "train_seed1337.log": train_log(1337, bpb=1.1252, train_ms=599_914),
            "train_seed2025.log": train_log(2025, bpb=1.1254, train_ms=599_926),
        },
    ),
]

UNDECIDED = [
    record("one seed alone", {"train_seed42.log": train_log()}),
    record(
        "submission.json speaks of three seeds, and one log is there",
        {"train_seed42.log": train_log(), "submission.json": manifest(seeds=[42, 1337, 2025])},
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """Runs that are one run, and runs that are missing."""
    submission = case.submission
    if submission.track is Track.NON_RECORD or not submission.logs:
        return
    headline = submission.headline
    behind = tuple(log for log in submission.logs if headline_line(log, headline))
    yield from _same_run(behind)
    runs = {log.seed if log.seed is not None else log.path for log in behind}
    expected, claimed = case.edition.seeds_expected, submission.manifest
    promised = claimed.seed_count if claimed else None
    if promised and promised >= expected and len(runs) < promised:
        shown = tuple(at(Place(log.path), "a log behind the headline") for log in behind)
        message = f"submission.json speaks of {promised} runs; the logs show {len(runs)}."
        yield hold(RULE, message, shown)
    elif 0 < len(runs) < expected:
        shown = tuple(at(Place(log.path), "a log behind the headline") for log in behind)
        runs_there = "1 run stands" if len(runs) == 1 else f"{len(runs)} runs stand"
        yield hold(RULE, f"{runs_there} behind the headline; {expected} are expected.", shown)


def _same_run(logs: tuple[RunLog, ...]) -> Iterator[Finding]:
    """Logs of different seeds that agree in every score and every clock."""
    by_story: dict[tuple[object, ...], list[RunLog]] = {}
    for log in logs:
        scores = tuple((score.val_bpb, score.val_loss, score.seconds) for score in log.evals)
        if log.seed is not None and log.train_ms and len(scores) > 1:
            by_story.setdefault((log.train_ms, scores), []).append(log)
    for same in by_story.values():
        seeds = sorted({log.seed for log in same if log.seed is not None})
        if len(seeds) > 1:
            names = ", ".join(map(str, seeds))
            shown = tuple(_last_score(log) for log in same)
            yield found(RULE, f"The logs of seeds {names} tell of one and the same run.", shown)


def _last_score(log: RunLog) -> Evidence:
    last = log.evals[-1]
    return at(Place(log.path, last.line, last.text), f"seed {log.seed}")
