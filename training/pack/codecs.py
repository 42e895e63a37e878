"""Lossless coders. Readers never produce more than they were told to expect."""

import lzma
import zlib
from collections.abc import Sequence

from training.errors import TrainingError

NAMES = ("zlib", "lzma", "zstd", "brotli")
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]


def encode(name: str, data: bytes) -> bytes:
    """Compress as hard as the coder can."""
    if name == "zlib":
        return zlib.compress(data, 9)
    if name == "lzma":
        return lzma.compress(data, lzma.FORMAT_RAW, filters=_FILTERS)
    if name == "zstd":
        import zstandard  # noqa: PLC0415 - a package the scoring machine may lack

        return zstandard.ZstdCompressor(level=22).compress(data)
    import brotli  # noqa: PLC0415 - the same

    return bytes(brotli.compress(data, quality=11, lgwin=24))


def decode(name: str, data: bytes, size: int) -> bytes:
    """Exactly `size` bytes, or an error."""
    try:
        raw = _decode(name, data, size)
    except Exception as error:  # each coder has its own family of errors
        raise TrainingError(f"the {name} stream of the model file is damaged") from error
    if len(raw) != size:
        raise TrainingError(
            f"the model file is damaged: it unpacks to {len(raw):,} bytes, not {size:,}"
        )
    return raw


def _decode(name: str, data: bytes, size: int) -> bytes:
    if name == "zlib":
        return zlib.decompressobj().decompress(data, size + 1)
    if name == "lzma":
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_FILTERS).decompress(data, size + 1)
    if name == "zstd":
        import zstandard  # noqa: PLC0415

        return zstandard.ZstdDecompressor().stream_reader(data).read(size + 1)
    import brotli  # noqa: PLC0415

    return bytes(brotli.Decompressor().process(data, output_buffer_limit=size + 1))


def smallest(data: bytes, names: Sequence[str]) -> tuple[str, bytes]:
    """The coder that makes the fewest bytes of `data`, and those bytes."""
    coded = [(name, encode(name, data)) for name in names]
    return min(coded, key=lambda pair: len(pair[1]))
