"""A text inside a script that unpacks and runs it, by the codec that takes the fewest bytes."""

import base64
import bz2
import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_LITERAL_BITS = range(5)  # of context for a literal; which does best depends on the text


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A script that runs another, and how it holds it."""

    data: bytes
    codec: str


def wrap(text: str, *, plain: bool) -> Wrapped:
    """The smallest wrapper; `plain` keeps it in ASCII, for scripts that read their own file."""
    return min(_wrappers(text.encode(), plain), key=lambda wrapped: len(wrapped.data))


def _wrappers(data: bytes, plain: bool) -> Iterator[Wrapped]:
    for module, packed in _packed(data):
        if plain:
            inner = base64.b85encode(packed).decode()
            head = f"import {module},base64\nexec({module}.decompress(base64.b85decode("
            yield Wrapped(f'{head}"{inner}")))'.encode(), f"{module}, base85")
        else:
            head = f"#coding:L1\nimport {module}\nexec({module}.decompress("
            body = f'{_literal(packed)}.encode("L1")))'
            yield Wrapped(head.encode() + body.encode("latin-1"), f"{module}, Latin-1")


def _packed(data: bytes) -> Iterator[tuple[str, bytes]]:
    size = 1 << max(12, (len(data) - 1).bit_length())
    for bits in _LITERAL_BITS:
        options = {
            "id": lzma.FILTER_LZMA1,
            "preset": 9 | lzma.PRESET_EXTREME,
            "dict_size": size,
            "lc": bits,
            "lp": 0,
            "pb": 0,
        }
        yield "lzma", lzma.compress(data, lzma.FORMAT_ALONE, filters=[options])
    yield "zlib", zlib.compress(data, 9)
    yield "bz2", bz2.compress(data, 9)


def _literal(data: bytes) -> str:
    """Bytes as a string of Latin-1 characters between quotes."""
    quote = min("'\"", key=lambda quote: data.count(quote.encode()))
    text = data.decode("latin-1")
    for raw, escaped in (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), (quote, f"\\{quote}")):
        text = text.replace(raw, escaped)
    out = []
    for at, character in enumerate(text):
        if character == "\0":  # source may not hold one; `\0` must not run into a digit
            out.append("\\x00" if text[at + 1 : at + 2].isdigit() else "\\0")
        else:
            out.append(character)
    return f"{quote}{''.join(out)}{quote}"
