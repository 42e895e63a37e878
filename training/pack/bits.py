"""Byte-level layouts: packed bits and shuffled bytes, each with its exact inverse."""

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.int8]


def pack_bits(codes: Codes, bits: int) -> bytes:
    """Signed codes of `bits` bits each, one after the other."""
    unsigned = (codes.astype(np.int16).ravel() + (1 << (bits - 1))).astype(np.uint8)
    return np.packbits(np.unpackbits(unsigned[:, None], axis=1)[:, 8 - bits :]).tobytes()


def unpack_bits(data: bytes, bits: int, count: int) -> Codes:
    """`count` signed codes of `bits` bits."""
    flat = np.unpackbits(np.frombuffer(data, np.uint8), count=count * bits)
    wide = np.zeros((count, 8), np.uint8)
    wide[:, 8 - bits :] = flat.reshape(count, bits)
    return (np.packbits(wide, axis=1)[:, 0].astype(np.int16) - (1 << (bits - 1))).astype(np.int8)


def packed_size(count: int, bits: int) -> int:
    """Bytes that `count` codes take."""
    return (count * bits + 7) // 8


def shuffle(data: bytes, stride: int) -> bytes:
    """All first bytes of the items, then all second ones: like bytes stand together."""
    return np.frombuffer(data, np.uint8).reshape(-1, stride).T.tobytes()


def unshuffle(data: bytes, stride: int) -> bytes:
    """The inverse of `shuffle`."""
    return np.frombuffer(data, np.uint8).reshape(stride, -1).T.tobytes()
