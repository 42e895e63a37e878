"""The score a submission stands for: submission.json selects it, a log has to support it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pgolf_check.submission.facts import EvalKind, EvalLine, Headline, Manifest, RunLog

TOLERANCE = 6e-4  # scores are published with three or four decimals
_Pairs = tuple[tuple[int | None, float], ...]
_FINAL = tuple(kind for kind in EvalKind if kind not in (EvalKind.TRAINING, EvalKind.RUNNING))
_STRENGTH = {kind: place for place, kind in enumerate(EvalKind)}


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One label's last value in each log, and the way they add up to a headline."""

    kind: EvalKind
    label: str
    per_seed: _Pairs
    value: float
    way: str

    def distance(self, claim: float) -> float:
        return abs(self.value - claim)


def choose_headline(manifest: Manifest | None, logs: Sequence[RunLog]) -> Headline:
    """The headline, by stated reasons."""
    claim = _claimed(manifest)
    candidates = list(_candidates(logs))
    if claim is None:
        return _strongest(candidates)
    if not candidates:
        reason = "submission.json alone; no log reports a score"
        return Headline(claim, None, "", reason, supported=False, per_seed=_claimed_seeds(manifest))
    agreeing = [c for c in candidates if c.distance(claim) <= TOLERANCE]
    if not agreeing:
        nearest = min(candidates, key=lambda c: c.distance(claim))
        reason = f"unsupported by its logs; the nearest is {nearest.label} ({nearest.way})"
        seeds = _claimed_seeds(manifest)
        return Headline(claim, None, "", reason, False, seeds, nearest.value)
    best = min(agreeing, key=lambda c: _preference(c, claim))
    reason = f"submission.json agrees with {best.label or best.kind} ({best.way})"
    return Headline(claim, best.kind, best.label, reason, True, best.per_seed, best.value)


def _strongest(candidates: Sequence[_Candidate]) -> Headline:
    """Without a claim the strongest kind of evaluation speaks, its mean before single seeds."""
    final = [c for c in candidates if c.kind in _FINAL]
    if not final:
        return Headline(None, None, "", "neither submission.json nor a log states a score", False)
    best = min(final, key=lambda c: (_STRENGTH[c.kind], c.way != "mean", -len(c.label)))
    reason = f"submission.json claims no score; {best.label or best.kind} is the strongest logged"
    return Headline(best.value, best.kind, best.label, reason, False, best.per_seed, best.value)


def _preference(candidate: _Candidate, claim: float) -> tuple[bool, bool, float, int, int]:
    """Real evaluations, then means over all seeds, then the closest, then the strongest kind."""
    return (
        candidate.kind not in _FINAL,
        candidate.way != "mean",
        round(candidate.distance(claim), 5),
        _STRENGTH[candidate.kind],
        -len(candidate.per_seed),
    )


def _candidates(logs: Sequence[RunLog]) -> Iterable[_Candidate]:
    """For every label: the mean over the logs that have it, and each log's own value."""
    by_label: dict[tuple[EvalKind, str], dict[str, tuple[int | None, float]]] = {}
    for log in logs:
        for score in _last_of_each(log.evals):
            values = by_label.setdefault((score.kind, score.label), {})
            values[log.path] = (log.seed, score.val_bpb)
    for (kind, label), found in by_label.items():
        pairs = tuple(found.values())
        for group in dict.fromkeys((pairs, _one_per_seed(pairs))):
            mean = math.fsum(value for _, value in group) / len(group)
            yield _Candidate(
                kind, label, group, round(mean, 8), "mean" if len(group) > 1 else "its only log"
            )
        if len(pairs) > 1:
            for seed, value in pairs:
                way = f"seed {seed}" if seed is not None else "one log"
                yield _Candidate(kind, label, ((seed, value),), value, way)


def _one_per_seed(pairs: _Pairs) -> _Pairs:
    """A seed that was run again speaks through its last log alone."""
    by_seed = {seed if seed is not None else -1 - at: at for at, (seed, _) in enumerate(pairs)}
    return tuple(pairs[at] for at in sorted(by_seed.values()))


def _last_of_each(evals: Iterable[EvalLine]) -> Iterable[EvalLine]:
    """The last value under each label; what comes later replaces what came before."""
    return {(score.kind, score.label): score for score in evals}.values()


def _claimed(manifest: Manifest | None) -> float | None:
    value = manifest.val_bpb.value if manifest and manifest.val_bpb else None
    return float(value) if isinstance(value, int | float) else None


def _claimed_seeds(manifest: Manifest | None) -> tuple[tuple[int | None, float], ...]:
    seeds = manifest.seeds if manifest else ()
    return tuple((seed.seed, seed.val_bpb) for seed in seeds if seed.val_bpb is not None)


def logs_behind(headline: Headline, logs: Sequence[RunLog]) -> tuple[RunLog, ...]:
    """The logs whose lines make up the headline; none where a claim has no support in any."""
    if not headline.supported and headline.val_bpb != headline.nearest:
        return ()
    values = {value for _, value in headline.per_seed}
    return tuple(log for log in logs if any(_makes(line, headline, values) for line in log.evals))


def lines_behind(headline: Headline, logs: Sequence[RunLog]) -> tuple[tuple[RunLog, EvalLine], ...]:
    """The logged lines that the headline is made of."""
    values = {value for _, value in headline.per_seed}
    return tuple(
        (log, line) for log in logs for line in log.evals if _makes(line, headline, values)
    )


def _makes(line: EvalLine, headline: Headline, values: set[float]) -> bool:
    named = line.kind is headline.kind and line.label == headline.label
    return named and line.val_bpb in values
