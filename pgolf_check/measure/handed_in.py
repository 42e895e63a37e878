"""A submission as one side of a comparison: the seeds its logs show, checked with its claims."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pgolf_check.errors import PgolfError
from pgolf_check.measure.runs import Run, agree, distinct, mixed, scored
from pgolf_check.measure.samples import Sample, Seed, half_unit, summarise
from pgolf_check.measure.units import Unit, bytes_per_token
from pgolf_check.measure.warnings import Doubt, Warned
from pgolf_check.submission.facts import SeedClaim, Submission
from pgolf_check.submission.read import read_folder, read_ref

_WAIVER = re.compile(r"(?i)systems?[- ](?:only|optimi[sz]ation)|waive")


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
    runs, copies = distinct(scored(submission))
    chosen, doubts = agree(claims, runs, submission.logs)
    warned = [*copies, *doubts, *mixed([run for run, _ in chosen]), *_waiver(submission)]
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


def _bytes_per_token(runs: Iterable[Run]) -> float | None:
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


def _waiver(submission: Submission) -> Iterator[Warned]:
    text = submission.readme.text if submission.readme else ""
    if _WAIVER.search(text):
        message = "the README speaks of a systems change; the margin is waived for those"
        yield Warned(Doubt.WAIVER_CLAIMED, message)
