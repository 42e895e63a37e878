"""The shard file: 256 int32 of header, then tokens as little-endian uint16."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.errors import TrainingError

MAGIC, VERSION, HEADER_WORDS = 20240520, 1, 256
HEADER_BYTES = 4 * HEADER_WORDS
MANIFEST = "manifest.json"  # what `pgolf data` writes beside the shards
BOS = 1  # opens every document; there is no end token

Tokens = npt.NDArray[np.uint16]


def write_shard(path: Path, tokens: npt.ArrayLike) -> None:
    """Write tokens as one shard; a reader never sees half of it."""
    body = np.asarray(tokens)
    if body.size and not (int(body.min()) >= 0 and int(body.max()) <= 0xFFFF):
        raise TrainingError(f"{path}: token ids must fit uint16")
    header = np.zeros(HEADER_WORDS, dtype="<i4")
    header[:3] = MAGIC, VERSION, body.size
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(header.tobytes() + body.astype("<u2").tobytes())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise TrainingError(f"{path}: cannot be written: {error.strerror}") from error


def open_shard(path: Path, vocab: int) -> Tokens:
    """Map a shard into memory after checking its header, its size and its token range."""
    try:
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
        size = path.stat().st_size
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read: {error.strerror}") from error
    header = np.frombuffer(head.ljust(HEADER_BYTES, b"\0"), dtype="<i4")
    if (int(header[0]), int(header[1])) != (MAGIC, VERSION):
        raise TrainingError(f"{path}: not a version {VERSION} token shard. Download it again.")
    count = int(header[2])
    if count < 1 or size != HEADER_BYTES + 2 * count:
        raise TrainingError(
            f"{path}: {size:,} bytes where its header promises {HEADER_BYTES + 2 * count:,}. "
            "Download it again."
        )
    tokens: Tokens = np.memmap(path, dtype="<u2", mode="r", offset=HEADER_BYTES, shape=(count,))
    largest = int(tokens.max())
    if largest >= vocab:
        raise TrainingError(
            f"{path}: token {largest} is outside the model's vocabulary of {vocab}. "
            "Use the data of this preset's tokenizer."
        )
    return tokens


def shard_paths(folder: Path, split: str) -> tuple[Path, ...]:
    """The shards of a split in order; byte side-cars share the prefix and are left out."""
    paths = sorted(
        path for path in folder.glob(f"fineweb_{split}_*.bin") if "_bytes_" not in path.name
    )
    if not paths:
        raise TrainingError(f"{folder}: no fineweb_{split}_*.bin here. Run `pgolf data` first.")
    return tuple(paths)


def documents(tokens: Sequence[int] | npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Where documents begin; what precedes the first BOS counts as a document of its own."""
    starts = np.flatnonzero(np.asarray(tokens) == BOS)
    if starts.size == 0 or starts[0] != 0:
        starts = np.concatenate(([0], starts))
    return starts.astype(np.int64)
