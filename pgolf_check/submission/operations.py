"""The operations that unpacking may carry out: pure, bounded in size, nothing of the system.

What is not in these tables does not happen; its result is UNKNOWN.
"""

import ast
import base64
import binascii
import codecs as names_of_codecs
import json
import lzma
import operator
import posixpath
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from pgolf_check.submission import codecs

ITEMS = 1_000_000  # of any sequence
_BYTES = 64 << 20  # of any one value


class Unknown:
    """A value that only a run would show."""


UNKNOWN = Unknown()


def known(value: Any) -> bool:
    """Whether a value is plain data rather than a reference into the unknown."""
    return isinstance(value, _PLAIN)


def item(owner: Any, key: Any) -> Any:
    """`owner[key]`."""
    return pure(operator.getitem, owner, key)


def pure(function: Callable[..., Any] | None, *arguments: Any) -> Any:
    """Apply a function of the tables to plain values."""
    if function is None or not all(isinstance(argument, _PLAIN) for argument in arguments):
        return UNKNOWN
    try:
        return function(*arguments)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        return UNKNOWN


def binary(op: ast.operator, left: Any, right: Any) -> Any:
    """`left op right`, unless the result could be huge."""
    if isinstance(op, ast.Mult):
        for sequence, times in ((left, right), (right, left)):
            if isinstance(sequence, str | bytes | tuple) and isinstance(times, int):
                return sequence * times if len(sequence) * times <= ITEMS else UNKNOWN
    if isinstance(op, ast.LShift) and not (isinstance(right, int) and 0 <= right < 64):
        return UNKNOWN
    if isinstance(op, ast.Add) and _size(left) + _size(right) > _BYTES:
        return UNKNOWN
    if isinstance(op, ast.Div) and not isinstance(left, PurePosixPath):
        return UNKNOWN
    return pure(_BINARY.get(type(op)), left, right)


def unary(op: ast.unaryop, operand: Any) -> Any:
    """`op operand`."""
    return pure(_UNARY.get(type(op)), operand)


def compare(op: ast.cmpop, left: Any, right: Any) -> Any:
    """`left op right` for one comparison."""
    return pure(_COMPARE.get(type(op)), left, right)


def join(separator: Any, parts: Any) -> Any:
    """`separator.join(parts)` within bounds."""
    if not isinstance(separator, str | bytes) or not isinstance(parts, list | tuple | str):
        return UNKNOWN
    if sum(map(_size, parts)) + len(separator) * len(parts) > _BYTES:
        return UNKNOWN
    return pure(type(separator).join, separator, tuple(parts))


def text(data: bytes) -> Any:
    """Bytes as the text they are if they are any."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return UNKNOWN


def method(owner: Any, name: str, arguments: Sequence[Any]) -> Any:
    """Call a pure method of a plain value."""
    if name == "join" and arguments:
        return join(owner, arguments[0])
    if name == "decode" and isinstance(owner, bytes):
        latin = arguments and arguments[0] in ("latin-1", "latin1", "iso-8859-1")
        return owner.decode("latin-1") if latin else text(owner)
    if name == "replace" and isinstance(owner, str | bytes) and len(arguments) > 1:
        old, new = arguments[:2]
        if isinstance(old, type(owner)) and _size(new) * (len(owner) + 1) > _BYTES:
            found = owner.count(old)  # type: ignore[arg-type]
            if found * _size(new) > _BYTES:
                return UNKNOWN
    if name not in _METHODS or (name == "translate" and not _alphabet(arguments)):
        return UNKNOWN
    return pure(getattr(type(owner), name, None), owner, *arguments)


def _alphabet(arguments: Sequence[Any]) -> bool:
    """Whether a table maps characters to characters; to longer text it would be a way to grow."""
    table = arguments[0] if arguments else None
    return not isinstance(table, dict) or all(_size(value) <= 1 for value in table.values())


def lzma_constant(name: str) -> Any:
    """`lzma.FORMAT_RAW` and its kind."""
    found = getattr(lzma, name, None)
    return found if name.isupper() and isinstance(found, int) else None


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | bytes | tuple | list) else 0


def _unlzma(data: bytes, limit: int, rest: Sequence[Any], named: Mapping[str, Any]) -> bytes:
    container = named.get("format", rest[0] if rest else lzma.FORMAT_AUTO)
    filters = named.get("filters", rest[2] if len(rest) > 2 else None)
    return codecs.unlzma(data, limit, container, filters)


def _unzlib(data: bytes, limit: int, rest: Sequence[Any], named: Mapping[str, Any]) -> bytes:
    return codecs.unzlib(data, limit, named.get("wbits", rest[0] if rest else 15))


def _simple(decode: Callable[[bytes, int], bytes]) -> Callable[..., bytes]:
    return lambda data, limit, _rest, _named: decode(data, limit)


def _named_codec(data: Any, name: str = "utf-8") -> Any:
    """`codecs.decode` for the encodings that are mere alphabets."""
    known = names_of_codecs.lookup(name).name
    if known not in ("base64", "hex", "rot13", "utf-8", "ascii", "iso8859-1"):
        raise ValueError(known)
    return names_of_codecs.decode(data, known)


def _translation(source: Any, target: Any) -> Any:
    make = str.maketrans if isinstance(source, str) else bytes.maketrans
    return make(source, target)


def _integers(*bounds: int) -> tuple[int, ...]:
    numbers = range(*bounds)
    if len(numbers) > ITEMS:
        raise ValueError
    return tuple(numbers)


def _bytes(value: Any = b"", encoding: str = "utf-8") -> bytes:
    if isinstance(value, int):
        raise TypeError  # bytes(10**10) is a bomb
    return value.encode(encoding) if isinstance(value, str) else bytes(value)


_PLAIN = (str, bytes, int, float, bool, type(None), tuple, list, dict, PurePosixPath)
_BINARY: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: lambda left, right: left % right if isinstance(left, int) else UNKNOWN,
    ast.Div: operator.truediv,
    ast.Mult: lambda left, right: left * right if max(left, right) < 1 << 64 else UNKNOWN,
}
_UNARY: dict[type, Callable[..., Any]] = {ast.USub: operator.neg, ast.Not: operator.not_}
_COMPARE: dict[type, Callable[..., Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Is: lambda left, right: left is right,
    ast.IsNot: lambda left, right: left is not right,
}
_METHODS = {
    *("encode", "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "partition"),
    *("rpartition", "replace", "translate", "lower", "upper", "startswith", "endswith", "find"),
    *("removeprefix", "removesuffix", "index", "count", "swapcase", "hex", "get", "keys"),
    *("values", "items"),
}
DECODERS = {
    **{f"base64.{name}": getattr(base64, name) for name in dir(base64) if name.endswith("decode")},
    "base64.decodebytes": base64.decodebytes,
    "binascii.unhexlify": binascii.unhexlify,
    "binascii.a2b_hex": binascii.a2b_hex,
    "binascii.a2b_base64": binascii.a2b_base64,
    "bytes.fromhex": bytes.fromhex,
    "bytearray.fromhex": bytes.fromhex,
    "codecs.decode": _named_codec,
}
CODECS: dict[str, Callable[..., bytes]] = {
    "lzma.decompress": _unlzma,
    "zlib.decompress": _unzlib,
    "bz2.decompress": _simple(codecs.unbz2),
    "gzip.decompress": _simple(codecs.ungzip),
    "brotli.decompress": _simple(codecs.unbrotli),
    "brotlicffi.decompress": _simple(codecs.unbrotli),
    "zstandard.decompress": _simple(codecs.unzstd),
    "zstd.decompress": _simple(codecs.unzstd),
    "pyzstd.decompress": _simple(codecs.unzstd),
    "compression.zstd.decompress": _simple(codecs.unzstd),
}
DECOMPRESSORS = {
    "lzma.LZMADecompressor": "lzma.decompress",
    "zlib.decompressobj": "zlib.decompress",
    "bz2.BZ2Decompressor": "bz2.decompress",
    "brotli.Decompressor": "brotli.decompress",
    "zstandard.ZstdDecompressor": "zstandard.decompress",
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **DECODERS,
    "str": lambda value="", *_: value.decode() if isinstance(value, bytes) else str(value),
    "bytes": _bytes,
    "bytearray": _bytes,
    "int": int,
    "len": len,
    "chr": chr,
    "ord": ord,
    "list": list,
    "tuple": tuple,
    "range": _integers,
    "zip": lambda *rows: tuple(zip(*rows, strict=False)),
    "enumerate": lambda row: tuple(enumerate(row)),
    "reversed": lambda row: tuple(reversed(row)),
    "sorted": lambda row: tuple(sorted(row)),
    "dict": dict,
    "json.loads": json.loads,
    "str.maketrans": _translation,
    "bytes.maketrans": bytes.maketrans,
    "os.path.join": posixpath.join,
    "os.path.dirname": posixpath.dirname,
    "os.path.basename": posixpath.basename,
    "os.path.splitext": posixpath.splitext,
    "os.path.abspath": lambda path: path,
    "os.path.realpath": lambda path: path,
    "os.path.normpath": posixpath.normpath,
    "os.fspath": str,
    "pathlib.Path": PurePosixPath,
    "pathlib.PurePath": PurePosixPath,
}
