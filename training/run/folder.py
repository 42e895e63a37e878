"""The submission folder: what the contest wants to see, self-contained and readable."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from training.config import Preset
from training.evaluate.protocol import Score
from training.presets import dump
from training.run.artifact import MODEL_FILE
from training.run.curve import loss_curve


@dataclass(frozen=True)
class Author:
    """Who hands it in, as the contest wants it named."""

    name: str = ""
    github_id: str = ""


@dataclass(frozen=True)
class Result:
    """What a run came to."""

    seed: int
    steps: int
    train_seconds: float
    eval_seconds: float
    model_bytes: int
    code_bytes: int
    scores: tuple[tuple[str, Score, float], ...]  # label, score, seconds; the last is the headline
    history: Sequence[tuple[int, float]]


def write_folder(
    folder: Path, preset: Preset, result: Result, code: Mapping[str, bytes], author: Author
) -> None:
    """Everything but the model file and the log, which are there already."""
    for name, data in code.items():
        (folder / name).write_bytes(data)
    (folder / "preset.toml").write_text(dump(preset), encoding="utf-8")  # for `pgolf eval`
    title = f"{preset.name}, seed {result.seed}: training loss"
    (folder / "loss.svg").write_text(loss_curve(result.history, title), encoding="utf-8")
    (folder / "submission.json").write_text(
        json.dumps(_manifest(preset, result, author), indent=2) + "\n", encoding="utf-8"
    )
    (folder / "README.md").write_text(_readme(preset, result, code), encoding="utf-8")


def _manifest(preset: Preset, result: Result, author: Author) -> dict[str, object]:
    _, score, _ = result.scores[-1]
    return {
        "author": author.name,
        "github_id": author.github_id,
        "name": preset.name,
        "blurb": f"The {preset.name} preset: {', '.join(preset.evaluate.kinds)} evaluation.",
        "date": datetime.now(UTC).date().isoformat(),
        "track": "non-record",
        "val_loss": round(score.loss, 8),
        "val_bpb": round(score.bpb, 8),
        "bytes_total": result.model_bytes + result.code_bytes,
        "bytes_model": result.model_bytes,
        "bytes_code": result.code_bytes,
        "seeds": [result.seed],
        "steps": result.steps,
        "train_seconds": round(result.train_seconds, 3),
        "eval_seconds": round(result.eval_seconds, 3),
    }


def _readme(preset: Preset, result: Result, code: Mapping[str, bytes]) -> str:
    rows = "\n".join(
        f"| {label} | {score.loss:.4f} | {score.bpb:.4f} | {seconds:.1f} |"
        for label, score, seconds in result.scores
    )
    return f"""# {preset.name}

{result.steps:,} steps in {result.train_seconds:.1f} s of training, seed {result.seed}.
Each line was scored with the model reloaded from `{MODEL_FILE}`.

| evaluation | val_loss | val_bpb | seconds |
|---|---|---|---|
{rows}

| counted | bytes |
|---|---|
| `{MODEL_FILE}` | {result.model_bytes:,} |
| code: {", ".join(f"`{name}`" for name in code)} | {result.code_bytes:,} |
| total | {result.model_bytes + result.code_bytes:,} |

```sh
DATA_PATH=... SEED={result.seed} torchrun --standalone --nproc_per_node=8 train_gpt.py
```

![training loss](loss.svg)
"""
