"""A submission as one side of a comparison: the seeds its logs show, checked with its claims."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pgolf_check.errors import PgolfError
from pgolf_check.measure.samples import Sample, Seed, half_unit, summarise
from pgolf_check.measure.units import Unit, bytes_per_token
from pgolf_check.measure.warnings import Doubt, Warned
from pgolf_check.submission.facts import EvalLine, RunLog, SeedClaim, Submission
from pgolf_check.submission.read import read_folder, read_ref

_WAIVER = re.compile(r"(?i)systems?[- ](?:only|optimi[sz]ation)|waive")
_PLACES = re.compile(r"(?i)(?:^|_)(?:path|dir|files?|id|logfile|name|every)$")
_LOOSE = 5e-5  # a claim in four digits against a log in eight


@dataclass(frozen=True, slots=True)
class _Run:
    """One log with the score it contributes."""

    log: RunLog
    score: EvalLine

    @property
    def precise(self) -> EvalLine:
        """The same score in more digits, where the log repeats it ("..._exact")."""
        near = half_unit(repr(self.score.val_bpb)) * 1.001
        same = [s for s in self.log.evals if abs(s.val_bpb - self.score.val_bpb) <= near]
        return max(same, key=lambda score: (len(repr(score.val_bpb)), score is self.score))


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A submission's seeds, what does not fit, its README, and when it says it was made."""

    sample: Sample
    warned: tuple[Warned, ...]
    readme: str
    day: date | None


def from_folder(path: Path) -> list[HandedIn]:
    """The submission in a folder; for a worker."""
    return [_handed_in(submission) for submission in read_folder(path)]


def from_ref(repo: Path, ref: str, base: str | None) -> list[HandedIn]:
    """Every submission that a ref hands in; for a worker."""
    return [_handed_in(submission) for submission in read_ref(repo, ref, base)]


def _handed_in(submission: Submission) -> HandedIn:
    sample, warned = sample_from(submission)
    readme = submission.readme.text if submission.readme else ""
    return HandedIn(sample, warned, readme, _day(submission))


def _day(submission: Submission) -> date | None:
    claim = submission.manifest and submission.manifest.date
    try:
        return date.fromisoformat(str(claim.value)[:10]) if claim else None
    except ValueError:
        return None


def sample_from(submission: Submission) -> tuple[Sample, tuple[Warned, ...]]:
    """The seeds that count, and what the folder says of itself that does not fit."""
    name = submission.target.folder.rstrip("/").rpartition("/")[2] or submission.target.folder
    claims = submission.manifest.seeds if submission.manifest else ()
    claims = tuple(claim for claim in claims if claim.val_bpb is not None)
    runs, copies = _distinct(_runs(submission))
    chosen, doubts = _agree(claims, runs, submission.logs)
    warned = [*copies, *doubts, *_mixed([run for run, _ in chosen]), *_waiver(submission)]
    if not chosen:
        return _claimed_only(name, submission, claims), tuple(warned)
    seeds = tuple(
        Seed(run.precise.val_bpb, seed, run.log.path, run.precise.val_loss) for run, seed in chosen
    )
    if best := _best_seed(submission, seeds):
        warned.append(best)
    sample = Sample(
        name,
        Unit.BPB,
        seeds,
        rounding=min(half_unit(repr(seed.value)) for seed in seeds),
        bytes_per_token=_bytes_per_token([run for run, _ in chosen]),
    )
    return sample, tuple(warned)


def pooled(samples: Sequence[Sample]) -> Sample:
    """Several submissions of one system as one sample."""
    first = samples[0]
    seeds = tuple(
        replace(seed, log=f"{sample.name}/{seed.log}")
        for sample in samples
        for seed in sample.seeds
    )
    return replace(
        first,
        name=" + ".join(sample.name for sample in samples),
        seeds=seeds,
        rounding=max(sample.rounding for sample in samples),
        logged=all(sample.logged for sample in samples),
    )


def _runs(submission: Submission) -> list[_Run]:
    """Each log's last score under the label that the headline has."""
    headline, runs = submission.headline, []
    for log in submission.logs:
        scores = [s for s in log.evals if (s.kind, s.label) == (headline.kind, headline.label)]
        if scores:
            runs.append(_Run(log, scores[-1]))
    return runs


def _distinct(runs: Iterable[_Run]) -> tuple[list[_Run], list[Warned]]:
    """A log that lies there twice is one run."""
    by_digest: dict[str, _Run] = {}
    doubts = []
    for run in runs:
        if (first := by_digest.setdefault(run.log.digest, run)) is not run:
            message = f"{run.log.path} is a copy of {first.log.path} and counts once"
            doubts.append(Warned(Doubt.COPIED_LOG, message))
    return list(by_digest.values()), doubts


def _agree(
    claims: Sequence[SeedClaim], runs: list[_Run], logs: Sequence[RunLog]
) -> tuple[list[tuple[_Run, int | None]], list[Warned]]:
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


def _supporting(claim: SeedClaim, runs: Iterable[_Run]) -> _Run | None:
    """The run whose score, in the digits both have, is the claimed one; same seed preferred."""
    fitting = [run for run in runs if _fits(claim, run.score)]
    return min(fitting, key=lambda run: run.log.seed != claim.seed, default=None)


def _anywhere(claim: SeedClaim, logs: Iterable[RunLog]) -> _Run | None:
    """A line under another label: a log may call each run's score differently."""
    if half_unit(repr(claim.val_bpb)) > 1e-6:
        return None  # so few digits meet by accident
    for log in logs:
        for score in log.evals:
            if _fits(claim, score):
                return _Run(log, score)
    return None


def _fits(claim: SeedClaim, score: EvalLine) -> bool:
    if claim.val_bpb is None:
        return False
    coarse = max(half_unit(repr(claim.val_bpb)), half_unit(repr(score.val_bpb)))
    return abs(claim.val_bpb - score.val_bpb) <= min(coarse, _LOOSE) * 1.001


def _claimed_only(name: str, submission: Submission, claims: Sequence[SeedClaim]) -> Sample:
    """What submission.json says where no log bears it out."""
    values = [(claim.val_bpb, claim.seed) for claim in claims if claim.val_bpb is not None]
    if not values and submission.headline.val_bpb is not None:
        values = [(submission.headline.val_bpb, None)]
    usable = [(value, seed) for value, seed in values if 0 < value < 100]
    if not usable:
        cure = "Give values with --new, or add the train logs."
        raise PgolfError("no score in submission.json or any log", where=name, cure=cure)
    seeds = tuple(Seed(value, seed) for value, seed in usable)
    rounding = min(half_unit(repr(value)) for value, _ in usable)
    return Sample(name, Unit.BPB, seeds, rounding=rounding, logged=False)


def _bytes_per_token(runs: Iterable[_Run]) -> float | None:
    """From the most precise line that prints both scores."""
    both = [run.precise for run in runs if run.precise.val_loss]
    if not both:
        return None
    best = max(both, key=lambda score: len(repr(score.val_bpb)))
    return bytes_per_token(best.val_loss or 0.0, best.val_bpb)


def _best_seed(submission: Submission, seeds: Sequence[Seed]) -> Warned | None:
    headline = submission.headline.val_bpb
    if headline is None or len(seeds) < 2:
        return None
    summary, best = summarise(tuple(seed.value for seed in seeds)), min(s.value for s in seeds)
    near = max(half_unit(repr(headline)), 1e-8) * 1.001
    if abs(headline - best) > near or abs(headline - summary.mean) <= near:
        return None
    message = f"the headline {headline} is the best seed; the mean is {summary.mean:.8g}"
    return Warned(Doubt.BEST_SEED, message)


def _mixed(runs: Sequence[_Run]) -> Iterator[Warned]:
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


def _waiver(submission: Submission) -> Iterator[Warned]:
    text = submission.readme.text if submission.readme else ""
    if _WAIVER.search(text):
        message = "the README speaks of a systems change; the margin is waived for those"
        yield Warned(Doubt.WAIVER_CLAIMED, message)
