"""EVI-SEEDHUNT: seeds are not picked by their scores."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Evidence, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, hold
from pgolf_check.submission.facts import EvalLine, RunLog, Track
from rules.official_text import headline_line
from rules.records import manifest, record, train_log

RULE = Rule(
    id="EVI-SEEDHUNT",
    title="Only the best seeds are in the headline",
    axis=Axis.EVIDENCE,
    law=Law(LawStatus.RULED, "README, FAQ: no brute-forcing of seeds"),
    statement="The mean is taken over seeds that were fixed before. Runs of the same configuration "
    "that were left out, all of them worse than those that count, suggest a choice by score.",
    remedy="Report the mean over all runs of the configuration, or say why a run does not count.",
)

_BEST = (1.1250, 1.1252, 1.1254)
_SEEDS = (42, 1337, 2025, 7)


def _runs(*scores: float, steps: int = 0) -> dict[str, str]:
    logs = {
        f"train_seed{seed}.log": train_log(seed, bpb=bpb, train_ms=599_900 + seed % 10)
        for seed, bpb in zip(_SEEDS, scores, strict=False)
    }
    if steps:
        other = logs["train_seed7.log"].replace("/20000", f"/{steps}")
        logs["train_seed7.log"] = other
    return logs | {"submission.json": manifest(val_bpb=1.1252, seeds=[42, 1337, 2025])}


ILLEGAL: list[Example] = []

LEGAL = [
    record("three seeds, all of them counted", _runs(*_BEST)),
    record("the run that is left out would have helped", _runs(*_BEST, 1.1249)),
    record("a run of another length", _runs(*_BEST, 1.1290, steps=9_000)),
]

UNDECIDED = [
    record("the worst of four seeds is left out", _runs(*_BEST, 1.1290)),
]

_SEVERAL = 2


def check(case: Case) -> Iterator[Finding]:
    """Runs of seeds that are not claimed, each worse than all that are."""
    submission, claimed = case.submission, case.submission.manifest
    seeds = {one.seed for one in claimed.seeds} if claimed else set()
    runs = [
        (log, line)
        for log in submission.logs
        if log.seed is not None and (line := headline_line(log, submission.headline))
    ]
    counted = [(log, line) for log, line in runs if log.seed in seeds]
    in_mean = len(submission.headline.per_seed) > len(counted)
    several = len({log.seed for log, _ in counted}) >= _SEVERAL
    if submission.track is Track.NON_RECORD or in_mean or not several:
        return
    shapes = {_shape(log) for log, _ in counted}
    others = [(log, line) for log, line in runs if log.seed not in seeds and _shape(log) in shapes]
    worst = max(line.val_bpb for _, line in counted)
    if others and all(line.val_bpb > worst for _, line in others):
        message = f"{len(others)} of {len(others) + len(counted)} runs of one configuration are "
        yield hold(RULE, f"{message}left out, the worst.", tuple(map(_shown, others)))


def _shape(log: RunLog) -> tuple[int | None, ...]:
    return log.planned_steps, log.model_params, log.val_tokens, log.world_size


def _shown(pair: tuple[RunLog, EvalLine]) -> Evidence:
    log, line = pair
    return at(log.place(line.line), "a run that does not count")
