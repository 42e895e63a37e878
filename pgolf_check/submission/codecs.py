"""Decompressors that cannot be made to fill the memory: one function for each codec.

Each returns at most `limit` bytes or raises TooLargeError, whatever the data claims about itself.
Data that is broken or cut short raises CodecError.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import brotli
import zstandard

_DICTIONARY = 128 << 20  # what a stream may ask for to unpack itself; presets ask for up to 64 MiB
_CHUNK = 1 << 20
_PIECE = 16 << 20


class CodecError(Exception):
    """Data that does not decode."""


class TooLargeError(CodecError):
    """Data that decodes to more than it may."""


class Budget:
    """How many bytes one submission may still unpack to, over all its layers."""

    def __init__(self, total: int) -> None:
        self.left = total

    def spend(self, decode: Callable[[int], bytes]) -> bytes:
        """What `decode` gives within what is left, which shrinks by it."""
        data = decode(self.left)
        self.left -= len(data)
        return data


class _Streaming(Protocol):
    """The interface that the standard library's decompressors share."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def unzlib(data: bytes, limit: int, wbits: int = zlib.MAX_WBITS) -> bytes:
    """A zlib stream, or with another `wbits` a raw or gzip one."""
    stream = zlib.decompressobj(wbits)
    return _whole(stream, data, limit, "zlib")


def ungzip(data: bytes, limit: int) -> bytes:
    """One or more gzip members."""
    return _members(lambda: zlib.decompressobj(31), data, limit, "gzip")


def unbz2(data: bytes, limit: int) -> bytes:
    """One or more bzip2 streams."""
    return _members(bz2.BZ2Decompressor, data, limit, "bz2")


def unlzma(
    data: bytes,
    limit: int,
    container: int = lzma.FORMAT_AUTO,
    filters: Sequence[Mapping[str, Any]] | None = None,
) -> bytes:
    """One or more xz or lzma streams, or raw LZMA data with its filters."""
    if container != lzma.FORMAT_RAW:
        return _members(
            lambda: lzma.LZMADecompressor(container, memlimit=_DICTIONARY), data, limit, "lzma"
        )
    for step in filters or ():
        size = step.get("dict_size", 0)
        if not isinstance(size, int) or size > _DICTIONARY:  # memlimit does not reach raw streams
            raise TooLargeError("lzma: the filter asks for too large a dictionary")
    try:
        stream = lzma.LZMADecompressor(container, filters=filters)
    except (lzma.LZMAError, ValueError, TypeError, OverflowError, MemoryError) as error:
        raise CodecError(f"lzma: {error}") from error
    return _whole(stream, data, limit, "lzma")


def unzstd(data: bytes, limit: int) -> bytes:
    """A Zstandard frame, streamed: a one-shot call believes the size that a frame states."""
    stream = zstandard.ZstdDecompressor(max_window_size=_DICTIONARY).stream_reader(data)
    out = bytearray()
    try:
        stated = zstandard.frame_content_size(data)
        while chunk := stream.read(min(_CHUNK, limit + 1 - len(out))):
            out += chunk
            if len(out) > limit:
                raise TooLargeError(f"zstd: more than {limit} bytes")
    except zstandard.ZstdError as error:
        raise CodecError(f"zstd: {error}") from error
    if len(out) < stated:
        raise CodecError("zstd: cut short")
    return bytes(out)


def unbrotli(data: bytes, limit: int) -> bytes:
    """A brotli stream."""
    stream = brotli.Decompressor()
    out = bytearray()
    pending = data
    try:
        while not stream.is_finished():
            # The library's own bound is block-wise and may be passed by a block; ours is exact.
            out += stream.process(pending, output_buffer_limit=_CHUNK)
            pending = b""
            if len(out) > limit:
                raise TooLargeError(f"brotli: more than {limit} bytes")
            if stream.can_accept_more_data() and not stream.is_finished():
                raise CodecError("brotli: cut short")
    except brotli.error as error:
        raise CodecError(f"brotli: {error}") from error
    return bytes(out)


def unshuffle(data: bytes, limit: int) -> bytes:
    """Bytes that were sorted by their place in a number, as some do before compressing.

    Four letters, the width of a number, then all first bytes, all second bytes and so on.
    """
    width, body = data[4] if len(data) > 4 else 0, data[5:]
    if not width:
        raise CodecError("byte shuffle: cut short")
    if len(body) > limit:
        raise TooLargeError(f"byte shuffle: more than {limit} bytes")
    out = bytearray(len(body))
    at = 0
    for place in range(min(width, len(body))):
        count = len(range(place, len(body), width))
        out[place::width] = body[at : at + count]
        at += count
    return bytes(out)


def _members(start: Callable[[], Any], data: bytes, limit: int, name: str) -> bytes:
    """Concatenated streams; what follows the last one and is none is ignored, as Python does."""
    out = bytearray()
    rest = data
    while rest or not out:
        stream: _Streaming = start()
        try:
            out += _whole(stream, rest, limit - len(out), name)
        except TooLargeError:
            if not out:
                raise
            raise TooLargeError(f"{name}: more than {limit} bytes") from None
        except CodecError:
            if out:
                break
            raise
        if not stream.unused_data:
            break
        rest = stream.unused_data
    return bytes(out)


def _whole(stream: _Streaming, data: bytes, limit: int, name: str) -> bytes:
    """All of one stream, piece by piece: a single call would need the memory twice."""
    out = bytearray()
    pending = data
    while not stream.eof:
        try:
            part = stream.decompress(pending, min(_PIECE, limit + 1 - len(out)))
        except MemoryError as error:  # a stream whose dictionary exceeds the limit says so
            raise TooLargeError(f"{name}: needs more memory than it may have") from error
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            raise CodecError(f"{name}: {error}") from error
        out += part
        if len(out) > limit:
            raise TooLargeError(f"{name}: more than {limit} bytes")
        pending = getattr(stream, "unconsumed_tail", b"")  # zlib hands back what it did not take
        if not part and not pending and not stream.eof:
            raise CodecError(f"{name}: cut short")
    return bytes(out)
