"""The model file: a header in JSON and raw streams, coded as one; no pickle, nothing to run.

magic "PGLF" | version u8 | codec u8 | raw size u32 | CRC-32 of raw u32 | coded bytes
raw = header size u32 | header JSON | codes | fp16 (shuffled) | fp32 (shuffled)
"""

import json
import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training.errors import TrainingError
from training.pack.bits import pack_bits, packed_size, shuffle, unpack_bits, unshuffle
from training.pack.codecs import NAMES, decode, smallest
from training.quantise.plan import Stored
from training.quantise.rowwise import Codes

MAGIC, VERSION = b"PGLF", 1
PREFIX = struct.Struct("<4sBBII")
LARGEST_RAW = 1 << 30


@dataclass(frozen=True)
class Packed:
    """A model as bytes, and how they were made."""

    data: bytes
    codec: str
    dense: bool  # codes bit-packed rather than a byte each
    raw_bytes: int


def pack(stored: Mapping[str, Stored], codecs: Sequence[str]) -> Packed:
    """Try both layouts of codes with every codec; measured size decides."""
    trials = []
    for dense in (False, True):
        raw = _serialise(stored, dense)
        codec, coded = smallest(raw, codecs)
        prefix = PREFIX.pack(MAGIC, VERSION, NAMES.index(codec), len(raw), zlib.crc32(raw))
        trials.append(Packed(prefix + coded, codec, dense, len(raw)))
    return min(trials, key=lambda packed: len(packed.data))


def unpack(path: Path) -> dict[str, Stored]:
    """The stored tensors of a model file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) < PREFIX.size or data[:4] != MAGIC:
        raise TrainingError(f"{path}: not a model file of this library")
    _, version, codec, size, crc = PREFIX.unpack_from(data)
    if version != VERSION or codec >= len(NAMES) or size > LARGEST_RAW:
        raise TrainingError(f"{path}: its header is damaged or of another version")
    raw = decode(NAMES[codec], data[PREFIX.size :], size)
    if zlib.crc32(raw) != crc:
        raise TrainingError(f"{path}: its checksum does not match; the file is damaged")
    try:
        return _parse(raw)
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise TrainingError(f"{path}: its contents do not fit its header") from error


def _serialise(stored: Mapping[str, Stored], dense: bool) -> bytes:
    table, codes, halves, floats = [], [], [], []
    for name, item in stored.items():
        if isinstance(item, Codes):
            shape, bits = list(item.codes.shape), item.bits
            array = item.codes.numpy()
            codes.append(pack_bits(array, bits) if dense else array.tobytes())
            halves.append(item.scales.numpy().tobytes())
        else:
            shape, bits = list(item.shape), 16 if item.dtype == torch.float16 else 32
            (halves if bits == 16 else floats).append(item.contiguous().numpy().tobytes())
        table.append([name, shape, bits])
    header = json.dumps({"dense": dense, "tensors": table}, separators=(",", ":")).encode()
    return b"".join(
        (
            struct.pack("<I", len(header)),
            header,
            *codes,
            shuffle(b"".join(halves), 2),
            shuffle(b"".join(floats), 4),
        )
    )


def _parse(raw: bytes) -> dict[str, Stored]:
    (length,) = struct.unpack_from("<I", raw)
    header = json.loads(raw[4 : 4 + length])
    table = [(str(n), tuple(map(int, shape)), int(bits)) for n, shape, bits in header["tensors"]]
    at = 4 + length
    arrays: dict[str, np.ndarray] = {}
    for name, shape, bits in table:
        if bits > 8:
            continue
        count = math.prod(shape)
        size = packed_size(count, bits) if header["dense"] else count
        piece = raw[at : at + size]
        flat = unpack_bits(piece, bits, count) if header["dense"] else np.frombuffer(piece, np.int8)
        arrays[name] = flat.reshape(shape)
        at += size
    half_count = sum(
        shape[0] if bits <= 8 else math.prod(shape) for _, shape, bits in table if bits < 32
    )
    halves = np.frombuffer(unshuffle(raw[at : at + 2 * half_count], 2), np.float16)
    floats = np.frombuffer(unshuffle(raw[at + 2 * half_count :], 4), np.float32)
    stored: dict[str, Stored] = {}
    h = f = 0
    for name, shape, bits in table:
        if bits <= 8:
            scales = torch.from_numpy(halves[h : h + shape[0]].copy())
            stored[name] = Codes(torch.from_numpy(arrays[name].copy()), scales, bits)
            h += shape[0]
            continue
        count = math.prod(shape)
        source, start = (halves, h) if bits == 16 else (floats, f)
        stored[name] = torch.from_numpy(source[start : start + count].reshape(shape).copy())
        h, f = (h + count, f) if bits == 16 else (h, f + count)
    if h != len(halves) or f != len(floats):
        raise ValueError("streams and table disagree")
    return stored
