"""Which runs of a submission count, by what its logs show and what submission.json claims."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pgolf_check.measure.samples import half_unit
from pgolf_check.measure.warnings import Doubt, Warned
from pgolf_check.submission.facts import EvalLine, RunLog, SeedClaim, Submission

_PLACES = re.compile(r"(?i)(?:^|_)(?:path|dir|files?|id|logfile|name|every)$")
_LOOSE = 5e-5  # a claim in four digits against a log in eight


@dataclass(frozen=True, slots=True)
class Run:
    """One log with the score it contributes."""

    log: RunLog
    score: EvalLine

    @property
    def precise(self) -> EvalLine:
        """The same score in more digits, where the log repeats it ("..._exact")."""
        near = half_unit(repr(self.score.val_bpb)) * 1.001
        same = [s for s in self.log.evals if abs(s.val_bpb - self.score.val_bpb) <= near]
        return max(same, key=lambda score: (len(repr(score.val_bpb)), score is self.score))


def scored(submission: Submission) -> list[Run]:
    """Each log's last score under the label that the headline has."""
    headline, runs = submission.headline, []
    for log in submission.logs:
        scores = [s for s in log.evals if (s.kind, s.label) == (headline.kind, headline.label)]
        if scores:
            runs.append(Run(log, scores[-1]))
    return runs


def distinct(runs: Iterable[Run]) -> tuple[list[Run], list[Warned]]:
    """A log that lies there twice is one run."""
    by_digest: dict[str, Run] = {}
    doubts = []
    for run in runs:
        if (first := by_digest.setdefault(run.log.digest, run)) is not run:
            message = f"{run.log.path} is a copy of {first.log.path} and counts once"
            doubts.append(Warned(Doubt.COPIED_LOG, message))
    return list(by_digest.values()), doubts


def agree(
    claims: Sequence[SeedClaim], runs: list[Run], logs: Sequence[RunLog]
) -> tuple[list[tuple[Run, int | None]], list[Warned]]:
    """submission.json chooses among several runs of a seed; runs it does not mention count too."""
    if not claims:
        return [(run, run.log.seed) for run in runs], []
    left, chosen, doubts = list(runs), [], []
    for claim in claims:
        run = _supporting(claim, left)
        if run is None and (run := next((r for r in left if r.log.seed == claim.seed), None)):
            message = f"seed {claim.seed}: submission.json says {claim.val_bpb}, {run.log.path}"
            doubts.append(Warned(Doubt.VALUE_DIFFERS, f"{message} {run.score.val_bpb}"))
        if run is None and (run := _anywhere(claim, logs)) is None:
            message = f"seed {claim.seed}: submission.json says {claim.val_bpb}, no log shows it"
            doubts.append(Warned(Doubt.SEED_WITHOUT_LOG, message))
            continue
        left = [other for other in left if other.log is not run.log]
        if run.log.seed is not None and claim.seed is not None and run.log.seed != claim.seed:
            message = f"{run.log.path} ran seed {run.log.seed}; submission.json calls it"
            doubts.append(Warned(Doubt.SEED_RENAMED, f"{message} {claim.seed}"))
        chosen.append((run, claim.seed))
    for run in left:
        known = {claim.seed for claim in claims}
        where = f"{run.log.path} ({run.score.val_bpb})"
        if run.log.seed in known:
            message = f"seed {run.log.seed} was run again: {where} is not the run that is claimed"
            doubts.append(Warned(Doubt.DUPLICATE_SEED, message))
        else:
            message = f"{where} is not in submission.json; it counts here"
            doubts.append(Warned(Doubt.SEED_NOT_CLAIMED, message))
            chosen.append((run, run.log.seed))
    return chosen, doubts


def _supporting(claim: SeedClaim, runs: Iterable[Run]) -> Run | None:
    """The run whose score, in the digits both have, is the claimed one; same seed preferred."""
    fitting = [run for run in runs if _fits(claim, run.score)]
    return min(fitting, key=lambda run: run.log.seed != claim.seed, default=None)


def _anywhere(claim: SeedClaim, logs: Iterable[RunLog]) -> Run | None:
    """A line under another label: a log may call each run's score differently."""
    if half_unit(repr(claim.val_bpb)) > 1e-6:
        return None  # so few digits meet by accident
    for log in logs:
        for score in log.evals:
            if _fits(claim, score):
                return Run(log, score)
    return None


def _fits(claim: SeedClaim, score: EvalLine) -> bool:
    if claim.val_bpb is None:
        return False
    coarse = max(half_unit(repr(claim.val_bpb)), half_unit(repr(score.val_bpb)))
    return abs(claim.val_bpb - score.val_bpb) <= min(coarse, _LOOSE) * 1.001


def mixed(runs: Sequence[Run]) -> Iterator[Warned]:
    """Runs count as one sample only if they are one system."""
    names = sorted({name for run in runs for name in run.log.hyperparameters})
    for name in names:
        if name.lower() == "seed" or _PLACES.search(name):
            continue
        given = {
            run.log.hyperparameters[name].value for run in runs if name in run.log.hyperparameters
        }
        if len(given) > 1 and not any("/" in value for value in given):
            values = " and ".join(sorted(given)[:3])
            yield Warned(Doubt.MIXED_SETTINGS, f"{name} differs between the runs: {values}")
    facts = {
        "world size": {run.log.world_size for run in runs},
        "number of parameters": {run.log.model_params for run in runs},
    }
    for name, found in facts.items():
        if len(known := sorted(value for value in found if value is not None)) > 1:
            values = " and ".join(map(str, known[:3]))
            yield Warned(Doubt.MIXED_SETTINGS, f"{name} differs between the runs: {values}")
    sources = {run.log.source.text for run in runs if run.log.source}
    sizes = sorted({run.log.code_bytes for run in runs if run.log.code_bytes is not None})
    if len(sources) > 1 or len(sizes) > 1:
        detail = f": {' and '.join(map(str, sizes[:3]))} bytes" if len(sizes) > 1 else ""
        yield Warned(Doubt.MIXED_SCRIPTS, f"the logs record different scripts{detail}")
