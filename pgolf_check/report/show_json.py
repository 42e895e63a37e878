"""A submission as data, for programs; docs/schemas/show.schema.json describes it."""

from dataclasses import asdict, fields
from typing import Any

from pgolf_check.findings import Place
from pgolf_check.submission.facts import Claimed, Manifest, RunLog, Setting, Source, Submission
from pgolf_check.submission.settings import changed_settings
from pgolf_check.submission.timeline import after_training, evaluation_seconds

_LOG_FACTS = (
    *("path", "digest", "seed", "world_size", "gpu", "torch", "python", "train_shards"),
    *("train_path", "val_path", "val_tokens", "model_params", "steps", "planned_steps"),
    *("step_ms", "train_ms", "stop_reason", "raw_model_bytes", "model_bytes", "code_bytes"),
    *("total_bytes", "peak_mib", "eval_seconds_total", "runs", "traceback", "complete"),
)


def shown(submission: Submission) -> dict[str, Any]:
    """Everything that reading found, except the texts themselves."""
    changed = {setting.name for setting in changed_settings(submission.settings)}
    sources = (*submission.wrappers, submission.entry, *submission.modules, *submission.natives)
    return {
        "schema": "pgolf.show/1",
        "target": asdict(submission.target),
        "track": submission.track.value,
        "copy_of": submission.copy_of,
        "files": [{**asdict(entry), "kind": entry.kind.value} for entry in submission.files],
        "outside": list(submission.outside),
        "siblings": list(submission.siblings),
        "sources": [_source(source) for source in sources if source],
        "manifest": _manifest(submission.manifest) if submission.manifest else None,
        "headline": _headline(submission),
        "logs": [_log(log, submission.headline.label) for log in submission.logs],
        "settings": [
            _setting(setting, setting.name in changed)
            for setting in submission.settings.by_name.values()
        ],
        "problems": [
            {"kind": p.kind.value, "message": p.message, "place": _place(p.place)}
            for p in submission.problems
        ],
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "path": source.path,
        "role": source.role.value,
        "module": source.module,
        "layer": source.layer,
        "anchor": source.anchor,
        "codec": source.codec,
        "characters": len(source.text),
        "lines": source.text.count("\n") + 1,
    }


def _manifest(manifest: Manifest) -> dict[str, Any]:
    values = {field.name: getattr(manifest, field.name) for field in fields(manifest)}
    return {
        name: asdict(value) if isinstance(value, Claimed) else value
        for name, value in values.items()
        if name != "seeds"
    } | {"seeds": [asdict(seed) for seed in manifest.seeds]}


def _headline(submission: Submission) -> dict[str, Any]:
    headline = submission.headline
    return {
        "val_bpb": headline.val_bpb,
        "kind": headline.kind.value if headline.kind else None,
        "label": headline.label,
        "reason": headline.reason,
        "supported": headline.supported,
        "nearest": headline.nearest,
        "per_seed": [{"seed": seed, "val_bpb": value} for seed, value in headline.per_seed],
    }


def _log(log: RunLog, label: str) -> dict[str, Any]:
    facts = {name: getattr(log, name) for name in _LOG_FACTS}
    return facts | {
        "seconds_after_training": round(after_training(log), 3),
        "evaluation_seconds": evaluation_seconds(log, label),
        "phases": [{**asdict(phase), "stage": phase.stage.value} for phase in log.phases],
        "evals": [{**asdict(score), "kind": score.kind.value} for score in log.evals],
        "counters": {name: logged.value for name, logged in log.counters.items()},
        "hyperparameters": {name: logged.value for name, logged in log.hyperparameters.items()},
        "has_source": log.source is not None,
    }


def _setting(setting: Setting, changed: bool) -> dict[str, Any]:
    return {
        "name": setting.name,
        "effective": list(setting.effective),
        "changed": changed,
        "values": [
            {"value": said.value, "source": said.source.value, "place": _place(said.place)}
            for said in setting.values
        ],
    }


def _place(place: Place) -> dict[str, Any]:
    return asdict(place)
