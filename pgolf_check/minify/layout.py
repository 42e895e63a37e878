"""A tree as text with no blank that the grammar does not ask for."""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_BLOCKS = {
    *("if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class"),
    *("async", "match", "case", "@"),
}
_WORD = set("0123456789_") | set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(slots=True)
class _Line:
    """One line under construction; `opens` a block, or is a decorator."""

    depth: int
    text: str
    opens: bool


def compact(tree: ast.Module) -> str:
    """The shortest spelling of the tree that parses to the same tree."""
    lines: list[_Line] = []
    for depth, words in _lines(ast.unparse(tree)):
        opens = words[0] in _BLOCKS
        last = lines[-1] if lines else _Line(-1, "", True)
        if opens or last.opens or last.depth != depth:
            lines.append(_Line(depth, _joined(words), opens))
        else:
            last.text += f";{_joined(words)}"
    return "\n".join(" " * line.depth + line.text for line in _with_suites(lines))


def _with_suites(lines: list[_Line]) -> list[_Line]:
    """A block of one line stands behind its colon."""
    joined: list[_Line] = []
    for at, line in enumerate(lines):
        last = joined[-1] if joined else None
        after = lines[at + 1].depth if at + 1 < len(lines) else 0
        alone = last is not None and last.depth < line.depth and after < line.depth
        if alone and not line.opens and last is not None and last.text.endswith(":"):
            joined[-1] = _Line(last.depth, last.text + line.text, True)
        else:
            joined.append(line)
    return joined


def _lines(plain: str) -> Iterator[tuple[int, list[str]]]:
    """Each logical line: how deep it stands, and its tokens."""
    rows = plain.splitlines(keepends=True)
    depth, formatted = 0, 0
    words: list[str] = []
    began = (0, 0)
    for token in tokenize.generate_tokens(io.StringIO(plain).readline):
        name = tokenize.tok_name[token.type]
        if name == "FSTRING_START":
            began = began if formatted else token.start
            formatted += 1
        elif name == "FSTRING_END":
            formatted -= 1
            if not formatted:
                words.append(_between(rows, began, token.end))
        elif formatted or name in ("NL", "ENDMARKER"):
            continue
        elif name == "INDENT":
            depth += 1
        elif name == "DEDENT":
            depth -= 1
        elif name == "NEWLINE":
            yield depth, words
            words = []
        else:
            words.append(_number(token.string) if name == "NUMBER" else token.string)


def _number(text: str) -> str:
    """`0.5` as `.5`, `1.0` as `1.`, `1e-08` as `1e-8`."""
    head, exponent, tail = text.partition("e")
    if exponent and tail[:1] == "-" and head[:2] not in ("0x", "0X"):
        text = f"{head}e-{tail[1:].lstrip('0')}"
    elif "." in text and not exponent and text[-1:] not in "jJ":
        whole, _, rest = text.partition(".")
        text = f"{whole.lstrip('0')}.{rest.rstrip('0')}"
        text = "0." if text == "." else text
    return text


def _between(rows: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    if start[0] == end[0]:
        return rows[start[0] - 1][start[1] : end[1]]
    first, last = rows[start[0] - 1][start[1] :], rows[end[0] - 1][: end[1]]
    return "".join([first, *rows[start[0] : end[0] - 1], last])


def _joined(words: list[str]) -> str:
    out = words[:1]
    for left, right in pairwise(words):
        number = left[-1] == "." and left[0].isdigit()
        if (left[-1] in _WORD or number) and _sticks(left, right):
            out.append(" ")
        out.append(right)
    return "".join(out)


def _sticks(left: str, right: str) -> bool:
    """Whether two tokens would run into one."""
    if right[0] in _WORD or not right[0].isascii():
        return True
    if right[0] in "'\"":
        return left.lower() in ("b", "f", "r", "u", "br", "rb", "fr", "rf")
    return right[0] == "." and left[0].isdigit()
