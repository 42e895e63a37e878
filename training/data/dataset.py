"""A data folder, opened and checked: training shards, validation tokens, byte counts."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.data.shards import MANIFEST, Tokens, open_shard, shard_paths
from training.errors import TrainingError
from training.tokens.bytes import ByteTable, read_sidecar
from training.tokens.tokenizer import TOKENIZER_FILE, Tokenizer


@dataclass(frozen=True)
class Dataset:
    """Everything a run reads. `bytes_of[i]` is charged for predicting `validation[i + 1]`."""

    folder: Path
    train: tuple[Tokens, ...]
    validation: npt.NDArray[np.int64]
    bytes_of: npt.NDArray[np.int64]


def open_dataset(
    folder: Path, vocab: int, sequence: int, tokenizer_file: Path | None = None
) -> Dataset:
    """Open a data folder for a vocabulary; the validation split is cut to whole sequences."""
    train = tuple(open_shard(path, vocab) for path in shard_paths(folder, "train"))
    paths = shard_paths(folder, "val")
    tokens = np.concatenate([open_shard(path, vocab) for path in paths]).astype(np.int64)
    _check_manifest(folder, vocab, len(tokens))
    usable = (len(tokens) - 1) // sequence * sequence
    if usable < 1:
        raise TrainingError(f"{folder}: the validation split is shorter than one sequence")
    sidecar = read_sidecar(folder, len(tokens))
    if sidecar is not None:
        charged = sidecar[1:]
    else:
        tokenizer = Tokenizer(tokenizer_file or folder / TOKENIZER_FILE)
        if tokenizer.vocab != vocab:
            raise TrainingError(
                f"{folder}: the tokenizer has {tokenizer.vocab} pieces, the model {vocab}. "
                f"Use --set model.vocab={tokenizer.vocab} or other data."
            )
        charged = ByteTable.of(tokenizer).charged(tokens)
    return Dataset(folder, train, tokens[: usable + 1], charged[:usable])


def _check_manifest(folder: Path, vocab: int, tokens: int) -> None:
    path = folder / MANIFEST
    if not path.exists():
        return  # the published variants keep theirs elsewhere
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        promised, pieces = int(manifest["val_tokens"]), int(manifest["vocab"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{path}: not a manifest of `pgolf data`") from error
    if pieces != vocab:
        raise TrainingError(f"{folder}: made for a vocabulary of {pieces}, the model has {vocab}")
    if promised != tokens:
        raise TrainingError(
            f"{folder}: {tokens:,} validation tokens where the manifest promises {promised:,}. "
            "The split has changed; export it again."
        )
