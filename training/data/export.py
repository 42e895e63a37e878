"""From documents to a data folder: tokenizer, shards of each split, and a manifest."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from training.data.shards import BOS, MANIFEST, open_shard, shard_paths, write_shard
from training.errors import TrainingError
from training.tokens.capitals import MARKS, fold, original_bytes
from training.tokens.tokenizer import TOKENIZER_FILE, Tokenizer, train_tokenizer

SHARD_TOKENS = 100_000_000


def export(
    texts: Sequence[str],
    folder: Path,
    *,
    validation_documents: int,
    vocab: int,
    tokenizer: Path | None = None,
    capitals: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Write a data folder. The first documents are the validation split, as in the contest.

    With `capitals` folded, original bytes lie beside the validation tokens.
    """
    if not 0 < validation_documents < len(texts):
        raise TrainingError(
            f"{len(texts):,} documents cannot be split after {validation_documents:,}"
        )
    if folder.exists():
        raise TrainingError(f"{folder}: exists already. Choose another folder.")
    work = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    try:
        work.mkdir(parents=True)
        target = work / TOKENIZER_FILE
        if tokenizer is None:
            say(f"training a tokenizer of {vocab} pieces on the training split")
            learned = texts[validation_documents:]
            if capitals:
                train_tokenizer([fold(text) for text in learned], vocab, target, MARKS)
            else:
                train_tokenizer(learned, vocab, target)
        else:
            shutil.copyfile(tokenizer, target)
        pieces = Tokenizer(target)
        validation = texts[:validation_documents]
        counts = {
            "val": _write(pieces, validation, work, "val", capitals),
            "train": _write(pieces, texts[validation_documents:], work, "train", capitals),
        }
        if capitals:
            _write_sizes(pieces, work)
        manifest = {
            "vocab": pieces.vocab,
            "capitals": capitals,
            "val_tokens": counts["val"],
            "train_tokens": counts["train"],
            "val_documents": validation_documents,
            "val_bytes": sum(len(pieces.normalise(text).encode()) for text in validation),
            "first_validation_sha256": hashlib.sha256(validation[0].encode()).hexdigest(),
            "last_validation_sha256": hashlib.sha256(validation[-1].encode()).hexdigest(),
        }
        (work / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        work.rename(folder)
    except OSError as error:
        raise TrainingError(f"{folder}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    say(f"{folder}: {counts['train']:,} training and {counts['val']:,} validation tokens")


def _write_sizes(tokenizer: Tokenizer, folder: Path) -> None:
    """Original bytes of each validation token, in shards beside those of the tokens."""
    paths = shard_paths(folder, "val")
    shards = [open_shard(path, tokenizer.vocab) for path in paths]
    sizes = original_bytes(tokenizer, np.concatenate(shards).astype(np.int64))
    ends = np.cumsum([len(shard) for shard in shards])
    for path, part in zip(paths, np.split(sizes, ends[:-1]), strict=True):
        write_shard(path.with_name(path.name.replace("_val_", "_val_bytes_")), part)


def read_documents(path: Path) -> list[str]:
    """The `text` of each JSON line, in order."""
    try:
        with path.open(encoding="utf-8") as lines:
            return [str(json.loads(line)["text"]) for line in lines if line.strip()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{path}: not JSON lines that each have a text: {error}") from error


def _write(
    tokenizer: Tokenizer, texts: Iterable[str], folder: Path, split: str, capitals: bool
) -> int:
    """Encode documents into shards; a document may straddle two of them."""
    pending: list[np.ndarray] = []
    held = written = index = 0
    for text in texts:
        spelled = fold(tokenizer.normalise(text)) if capitals else text
        document = np.array([BOS, *tokenizer.encode(spelled)], dtype=np.uint16)
        pending.append(document)
        held += len(document)
        while held >= SHARD_TOKENS:
            tokens = np.concatenate(pending)
            write_shard(folder / f"fineweb_{split}_{index:06d}.bin", tokens[:SHARD_TOKENS])
            pending, held = [tokens[SHARD_TOKENS:]], held - SHARD_TOKENS
            index, written = index + 1, written + SHARD_TOKENS
    if held:
        write_shard(folder / f"fineweb_{split}_{index:06d}.bin", np.concatenate(pending))
    return written + held
