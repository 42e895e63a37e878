"""How small the code of a submission can get. The minified text is never run, only counted."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Sequence

import brotli
import zstandard

from pgolf_check.minify.minify import minify
from pgolf_check.submission.facts import Source, Submission
from pgolf_check.submission.sizes import Part


def minimal_code(submission: Submission) -> Part | None:
    """All code of a submission minified and compressed as one, by the codec that does best.

    A packed script is counted by its innermost layer.
    """
    if submission.entry is None:
        return None
    codec, size = smallest([minified(source, submission) for source in _sources(submission)])
    return Part(size, True, f"minified, {codec}")


def compressed_code(submission: Submission) -> Part | None:
    """The same code compressed as it is: a quick upper bound of what minifying makes of it."""
    if submission.entry is None:
        return None
    data = _joined([source.text for source in _sources(submission)])
    return Part(len(zlib.compress(data, 9)), True, "compressed, zlib")


def minified(source: Source, submission: Submission) -> str:
    """A source without what only people read; as it is where that cannot be told apart."""
    tree = submission.trees.get((source.path, source.layer))
    if tree is None:
        return source.text
    try:
        return minify(tree, source.text)
    except (RecursionError, ValueError, MemoryError):
        return source.text  # too deep or too large a literal to be written out again


def smallest(texts: Sequence[str]) -> tuple[str, int]:
    """The codec that makes the fewest bytes of some texts, and how many."""
    data = _joined(texts)
    sizes = {codec: len(compress(data)) for codec, compress in _COMPRESS.items()}
    codec = min(sizes, key=sizes.__getitem__)
    return codec, sizes[codec]


def _sources(submission: Submission) -> list[Source]:
    sources = (submission.entry, *submission.modules, *submission.natives)
    return [source for source in sources if source]


def _joined(texts: Sequence[str]) -> bytes:
    return "\0".join(texts).encode("utf-8", "surrogatepass")


def _lzma(data: bytes) -> bytes:
    raw = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]
    return lzma.compress(data, lzma.FORMAT_RAW, filters=raw)


_COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "zlib": lambda data: zlib.compress(data, 9),
    "bz2": lambda data: bz2.compress(data, 9),
    "lzma": _lzma,
    "zstd": lambda data: zstandard.ZstdCompressor(level=19).compress(data),
    "brotli": lambda data: brotli.compress(data, quality=11),
}
