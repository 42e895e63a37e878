"""From a script to the smallest script that does the same, with the bytes after every step."""

import ast
from dataclasses import dataclass

from pgolf_check.errors import PgolfError
from pgolf_check.minify.minify import steps
from pgolf_check.pack.layers import innermost
from pgolf_check.pack.refuse import Reason, reads_itself_as_text, reasons
from pgolf_check.pack.wrap import wrap
from pgolf_check.submission.fstrings import parse_modern
from pgolf_check.submission.precheck import refuse


@dataclass(frozen=True, slots=True)
class Packed:
    """The packed script, and how it came to its size."""

    data: bytes
    source: str  # what is inside, before anything was taken away
    minified: str  # what is inside, as it runs
    steps: tuple[tuple[str, int], ...]  # what was done, bytes after it


def pack(text: str, name: str) -> Packed | list[Reason]:
    """Pack a script, or say what forbids it. A packed one is unpacked first."""
    source = innermost(text, name)
    tree = _parsed(source, name)
    found = reasons(tree, source)
    if found:
        return found
    try:
        done = list(steps(tree, source))
    except (ValueError, RecursionError, MemoryError) as error:
        cure = "It stays as it is."
        raise PgolfError(f"cannot be written out again: {error}", where=name, cure=cure) from error
    small = done[-1].text
    counted = [("source", len(text.encode()))]
    if source != text:
        counted.append(("unpacked", len(source.encode())))
    counted += [(step.name, len(step.text.encode())) for step in done]
    wrapped = wrap(small, plain=reads_itself_as_text(tree))
    data = wrapped.data
    if len(data) < len(small.encode()):
        counted.append((wrapped.codec, len(data)))
    else:
        data = small.encode()
    return Packed(data, source, small, tuple(counted))


def _parsed(source: str, name: str) -> ast.Module:
    if complaint := refuse(source):
        raise PgolfError(complaint, where=name)
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    try:
        return parse_modern(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise PgolfError(f"is not Python: {error}", where=name) from error
