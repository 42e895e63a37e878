"""Every codec returns what it may and no more, whatever the data claims."""

import bz2
import gzip
import lzma
import resource
import zlib

import brotli
import pytest
import zstandard

from pgolf_check.submission import codecs
from pgolf_check.submission.codecs import Budget, CodecError, TooLargeError

RAW = [{"id": lzma.FILTER_LZMA2, "preset": 6}]
TEXT = b"for step in range(1000):\n    loss.backward()\n" * 400


def unraw(data, limit):
    return codecs.unlzma(data, limit, lzma.FORMAT_RAW, RAW)


PACK = {
    codecs.unzlib: zlib.compress,
    codecs.ungzip: gzip.compress,
    codecs.unbz2: bz2.compress,
    codecs.unlzma: lzma.compress,
    unraw: lambda data: lzma.compress(data, lzma.FORMAT_RAW, filters=RAW),
    codecs.unzstd: zstandard.compress,
    codecs.unbrotli: brotli.compress,
}
ALL = pytest.mark.parametrize(("unpack", "pack"), PACK.items(), ids=lambda f: f.__name__)


@ALL
def test_the_exact_limit_is_enough_and_one_byte_less_is_not(unpack, pack):
    packed = pack(TEXT)
    assert unpack(packed, len(TEXT)) == TEXT
    with pytest.raises(TooLargeError):
        unpack(packed, len(TEXT) - 1)
    with pytest.raises(TooLargeError):
        unpack(packed, 0)


@ALL
def test_what_is_cut_short_or_foreign_is_an_error(unpack, pack):
    for broken in (pack(TEXT)[:-9], b"", b"no codec wrote this"):
        with pytest.raises(CodecError):
            unpack(broken, len(TEXT))


def zeros(unpack, size):
    """`size` zeros without ever holding them."""
    chunk = bytes(1 << 20)
    streams = {
        codecs.unzlib: zlib.compressobj(9),
        codecs.ungzip: zlib.compressobj(9, zlib.DEFLATED, 31),
        codecs.unbz2: bz2.BZ2Compressor(),
        codecs.unlzma: lzma.LZMACompressor(preset=0),
        unraw: lzma.LZMACompressor(lzma.FORMAT_RAW, filters=RAW),
        codecs.unzstd: zstandard.ZstdCompressor().compressobj(),
        codecs.unbrotli: brotli.Compressor(quality=1),
    }
    stream = streams[unpack]
    feed = stream.process if unpack is codecs.unbrotli else stream.compress
    end = stream.finish if unpack is codecs.unbrotli else stream.flush
    return b"".join(feed(chunk) for _ in range(size >> 20)) + end()


@ALL
def test_a_bomb_goes_off_within_its_limit(unpack, pack):
    bomb = zeros(unpack, 96 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLargeError):
        unpack(bomb, 1 << 20)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 48 << 10  # KiB: far less than the bomb holds


def test_ten_gigabytes_of_zeros_in_a_few_bytes_are_refused_at_once():
    block = bz2.compress(bytes(900_000 * 10))
    with pytest.raises(TooLargeError):
        codecs.unbz2(block * 1_200, 64 << 20)  # concatenated streams: 10.8 GB in 54 kB


def test_a_dictionary_that_is_itself_a_bomb_is_refused():
    greedy = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]
    with pytest.raises(TooLargeError):
        codecs.unlzma(b"", 1 << 20, lzma.FORMAT_RAW, greedy)


def test_concatenated_members_share_one_limit():
    packed = gzip.compress(TEXT) * 2
    assert codecs.ungzip(packed, 2 * len(TEXT)) == TEXT * 2
    with pytest.raises(TooLargeError):
        codecs.ungzip(packed, 2 * len(TEXT) - 1)


def test_a_budget_is_spent_over_all_layers():
    budget = Budget(len(TEXT) + 10)
    packed = zlib.compress(TEXT)
    assert budget.spend(lambda limit: codecs.unzlib(packed, limit)) == TEXT
    with pytest.raises(TooLargeError):
        budget.spend(lambda limit: codecs.unzlib(packed, limit))
