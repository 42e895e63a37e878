"""How many bytes of text each predicted token stands for: the denominator of BPB."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.data.shards import HEADER_BYTES, open_shard
from training.errors import TrainingError
from training.tokens.tokenizer import SPACE, Tokenizer

Integers = npt.NDArray[np.integer]


@dataclass(frozen=True)
class ByteTable:
    """Per piece: its bytes, whether a space leads it, whether no text can precede it."""

    base: npt.NDArray[np.int64]  # (V,)
    space: npt.NDArray[np.bool_]  # (V,)
    boundary: npt.NDArray[np.bool_]  # (V,) BOS and its like

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "ByteTable":
        """The table of a tokenizer."""
        pieces, size = tokenizer.pieces, tokenizer.vocab
        base = np.zeros(size, dtype=np.int64)
        space = np.zeros(size, dtype=np.bool_)
        boundary = np.ones(size, dtype=np.bool_)
        for i in range(size):
            if pieces.is_control(i) or pieces.is_unknown(i) or pieces.is_unused(i):
                continue
            boundary[i] = False
            piece = pieces.id_to_piece(i)
            space[i] = piece.startswith(SPACE)
            base[i] = 1 if pieces.is_byte(i) else len(piece.removeprefix(SPACE).encode())
        return cls(base, space, boundary)

    def charged(self, tokens: Integers) -> npt.NDArray[np.int64]:
        """Bytes for predicting each token but the first; a space after a boundary is no text."""
        previous, target = tokens[:-1], tokens[1:]
        return self.base[target] + (self.space[target] & ~self.boundary[previous])


def read_sidecar(folder: Path, tokens: int) -> npt.NDArray[np.int64] | None:
    """Original bytes of each validation token, where a reversible transform hid them."""
    paths = sorted(folder.glob("fineweb_val_bytes_*.bin"))
    if not paths:
        return None
    counts = np.concatenate([open_shard(path, 0x10000) for path in paths]).astype(np.int64)
    if len(counts) != tokens:
        raise TrainingError(
            f"{paths[0]}: {len(counts):,} byte counts for {tokens:,} tokens "
            f"(header {HEADER_BYTES} bytes). Export both together."
        )
    return counts


def bits_per_byte(nats: float, charged: int) -> float:
    """Summed nats over summed bytes, in bits."""
    if charged <= 0:
        raise TrainingError("no bytes were scored: bits per byte is undefined")
    return nats / float(np.log(2.0)) / charged
