"""What reading alone says of a submission, as data."""

from dataclasses import asdict
from typing import Any

from pgolf_check.submission.facts import Source, Submission


def reading(submission: Submission) -> dict[str, Any]:
    """A summary of one submission, small enough to keep thousands of."""
    return {
        "schema": "pgolf.reading/1",
        "target": asdict(submission.target),
        "track": submission.track.value,
        "copy_of": submission.copy_of,
        "files": len(submission.files),
        "bytes": sum(entry.size for entry in submission.files),
        "outside": len(submission.outside),
        "siblings": len(submission.siblings),
        "entry": _source(submission.entry, submission) if submission.entry else None,
        "wrappers": [_source(source, submission) for source in submission.wrappers],
        "modules": [_source(source, submission) for source in submission.modules],
        "natives": [source.path for source in submission.natives],
        "manifest": submission.manifest.path if submission.manifest else None,
        "claimed_bpb": _claimed(submission),
        "headline": {
            "val_bpb": submission.headline.val_bpb,
            "label": submission.headline.label,
            "supported": submission.headline.supported,
            "reason": submission.headline.reason,
        },
        "logs": [
            {
                "path": log.path,
                "seed": log.seed,
                "evals": len(log.evals),
                "source": bool(log.source),
            }
            for log in submission.logs
        ],
        "settings": len(submission.settings.by_name),
        "problems": [
            {"kind": p.kind.value, "message": p.message, "place": str(p.place)}
            for p in submission.problems
        ],
    }


def _claimed(submission: Submission) -> float | int | str | None:
    manifest = submission.manifest
    return manifest.val_bpb.value if manifest and manifest.val_bpb else None


def _source(source: Source, submission: Submission) -> dict[str, Any]:
    return {
        "path": source.path,
        "layer": source.layer,
        "codec": source.codec,
        "module": source.module,
        "characters": len(source.text),
        "parsed": (source.path, source.layer) in submission.trees,
    }
