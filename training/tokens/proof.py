"""Proof that a data folder counts honest bytes: round trip and byte sum over the whole split."""

import json
from pathlib import Path

import numpy as np

from training.data.shards import MANIFEST, documents, open_shard, shard_paths
from training.errors import TrainingError
from training.tokens.bytes import ByteTable, read_sidecar
from training.tokens.capitals import fold, unfold
from training.tokens.tokenizer import TOKENIZER_FILE, Tokenizer


def prove(folder: Path) -> str:
    """Check every validation document; one line that says what was proved."""
    tokenizer = Tokenizer(folder / TOKENIZER_FILE)
    parts = [open_shard(path, tokenizer.vocab) for path in shard_paths(folder, "val")]
    tokens = np.concatenate(parts).astype(np.int64)
    sizes = read_sidecar(folder, len(tokens))
    capitals, promised = _manifest(folder)
    if capitals and sizes is None:
        raise TrainingError(f"{folder}: capitals are folded, and no original bytes lie beside")
    if sizes is None:
        sizes = np.concatenate(([0], ByteTable.of(tokenizer).charged(tokens)))
    starts = documents(tokens)
    for index, (piece, counted) in enumerate(
        zip(np.split(tokens, starts[1:]), np.split(sizes, starts[1:]), strict=True)
    ):
        where = f"{folder}: validation document {index}"
        text = tokenizer.decode(piece[1:].tolist())
        original = unfold(text) if capitals else text
        if (fold(original) if capitals else original) != text:
            raise TrainingError(f"{where} does not come back from its transform")
        if tokenizer.decode(tokenizer.encode(text)) != text:
            raise TrainingError(f"{where} does not round-trip")
        if int(counted.sum()) != len(original.encode()):
            raise TrainingError(
                f"{where}: {int(counted.sum()):,} bytes are counted, "
                f"the text has {len(original.encode()):,}"
            )
    total = int(sizes.sum())
    if promised is not None and total != promised:
        raise TrainingError(f"{folder}: {total:,} bytes are counted, exported were {promised:,}")
    return f"{len(starts):,} documents round-trip; {total:,} bytes counted are the text's own"


def _manifest(folder: Path) -> tuple[bool, int | None]:
    """Whether capitals are folded, and the bytes of the text that was exported, where it says."""
    path = folder / MANIFEST
    if not path.exists():
        return False, None
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return bool(manifest.get("capitals")), int(manifest["val_bytes"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError(f"{path}: not a manifest of `pgolf data`") from error
