"""Checkpoints: complete on all ranks, or not there."""

import json
from pathlib import Path
from typing import Any

import torch

from training.errors import TrainingError
from training.ranks import Ranks

POINTER = "checkpoint.json"


def save(folder: Path, step: int, state: dict[str, Any], ranks: Ranks) -> None:
    """Each rank writes its part; when all have, the pointer moves and older parts go."""
    path = _part(folder, step, ranks.rank)
    partial = path.with_suffix(".partial")
    try:
        torch.save(state, partial)
        partial.replace(path)
        ranks.wait()
        if ranks.first:
            pointer = folder / (POINTER + ".partial")
            pointer.write_text(json.dumps({"step": step, "ranks": ranks.size}), encoding="utf-8")
            pointer.replace(folder / POINTER)
        ranks.wait()
        for old in folder.glob(f"checkpoint-*.rank{ranks.rank}.pt"):
            if old != path:
                old.unlink()
    except (OSError, RuntimeError) as error:
        partial.unlink(missing_ok=True)
        raise TrainingError(f"{path}: the checkpoint cannot be written: {error}") from error


def load(folder: Path, ranks: Ranks) -> dict[str, Any]:
    """The rank's own part of the newest complete checkpoint."""
    try:
        pointer = json.loads((folder / POINTER).read_text(encoding="utf-8"))
        step, size = int(pointer["step"]), int(pointer["ranks"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{folder}: no complete checkpoint to resume from") from error
    if size != ranks.size:
        raise TrainingError(f"{folder}: made by {size} ranks; resume with as many")
    path = _part(folder, step, ranks.rank)
    try:
        state: dict[str, Any] = torch.load(path, map_location=ranks.device, weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged file
        raise TrainingError(f"{path}: the checkpoint is damaged") from error
    return state


def remove(folder: Path, ranks: Ranks) -> None:
    """Drop what a finished run no longer needs."""
    ranks.wait()
    if ranks.first:
        for path in (*folder.glob("checkpoint-*.pt"), folder / POINTER):
            path.unlink(missing_ok=True)


def exists(folder: Path) -> bool:
    """Whether a complete checkpoint is there."""
    return (folder / POINTER).exists()


def _part(folder: Path, step: int, rank: int) -> Path:
    return folder / f"checkpoint-{step:08d}.rank{rank}.pt"
