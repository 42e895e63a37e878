"""The sizes of a submission as data; docs/schemas/size.schema.json describes it."""

from dataclasses import asdict
from typing import Any

from pgolf_check.report.size import disagreements
from pgolf_check.submission.facts import Problem
from pgolf_check.submission.sizes import RULE_OF, Count, Part, RunSize
from pgolf_check.submission.verify import Artifact, Standing, Verified, doubt, standing


def size_document(verified: Verified, cap: int, edition: str) -> dict[str, Any]:
    """Every count with its rule, its margin and what it rests on."""
    answer = standing(verified, cap)
    return {
        "schema": "pgolf.size/1",
        "target": {**asdict(verified.target), "track": verified.track.value},
        "edition": edition,
        "cap_bytes": cap,
        "standing": answer.value,
        "doubt": doubt(verified, cap) if answer is Standing.UNDECIDED else None,
        "claimed_bytes": verified.claimed,
        "runs": [_run(run, cap, run in verified.decisive) for run in verified.runs],
        "artifacts": [_artifact(artifact) for artifact in verified.artifacts],
        "problems": [_problem(problem) for problem in verified.problems],
    }


def _run(run: RunSize, cap: int, decisive: bool) -> dict[str, Any]:
    return {
        "seed": run.seed,
        "log": run.log,
        "decisive": decisive,
        "counts": {count.way.value: _count(count, cap) for count in run.counts},
        "disagreements": list(disagreements(run, cap)),
    }


def _count(count: Count, cap: int) -> dict[str, Any]:
    return {
        "rule": RULE_OF[count.way],
        "total": count.total,
        "margin": None if count.total is None else cap - count.total,
        "measured": count.total is not None and count.measured,
        "code": _part(count.code),
        "model": _part(count.model),
        "stated": _part(count.stated),
        "missing": list(count.missing),
    }


def _part(part: Part | None) -> dict[str, Any] | None:
    return asdict(part) if part else None


def _artifact(artifact: Artifact) -> dict[str, Any]:
    weights = artifact.weights
    return {
        "path": artifact.path,
        "size": artifact.size,
        "container": weights.container,
        "layers": [asdict(layer) for layer in weights.layers],
        "tensors": [
            {"name": one.name, "dtype": one.dtype, "shape": list(one.shape)}
            for one in weights.tensors
        ],
        "problems": [_problem(problem) for problem in weights.problems],
    }


def _problem(problem: Problem) -> dict[str, str]:
    return {
        "kind": problem.kind.value,
        "message": problem.message,
        "place": str(problem.place),
    }
