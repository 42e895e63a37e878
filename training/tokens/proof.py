"""Proof that a data folder counts honest bytes: round trip and byte sum over the whole split."""

import json
from pathlib import Path

import numpy as np

from training.data.shards import MANIFEST, documents, open_shard, shard_paths
from training.errors import TrainingError
from training.tokens.bytes import ByteTable, read_sidecar
from training.tokens.tokenizer import TOKENIZER_FILE, Tokenizer


def prove(folder: Path) -> str:
    """Check every validation document; one line that says what was proved."""
    tokenizer = Tokenizer(folder / TOKENIZER_FILE)
    parts = [open_shard(path, tokenizer.vocab) for path in shard_paths(folder, "val")]
    tokens = np.concatenate(parts).astype(np.int64)
    starts = documents(tokens)
    text_bytes = 0
    for index, piece in enumerate(np.split(tokens, starts[1:])):
        ids = piece[1:].tolist()
        text = tokenizer.decode(ids)
        if tokenizer.encode(text) != ids and tokenizer.decode(tokenizer.encode(text)) != text:
            raise TrainingError(f"{folder}: validation document {index} does not round-trip")
        text_bytes += len(text.encode())
    sidecar = read_sidecar(folder, len(tokens))
    if sidecar is None:
        counted, truth = int(ByteTable.of(tokenizer).charged(tokens).sum()), text_bytes
    else:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        counted, truth = int(sidecar.sum()), int(manifest["val_bytes"])
    if counted != truth:
        raise TrainingError(f"{folder}: {counted:,} bytes are counted, the text has {truth:,}")
    return f"{len(starts):,} documents round-trip; {counted:,} bytes counted are the text's own"
