"""Changes of a text by place, applied all at once. Columns count bytes, as `ast` counts them."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pgolf_check.errors import PgolfError

Spot = tuple[int, int]  # line from 1, column from 0


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands between two spots becomes `text`."""

    start: Spot
    end: Spot
    text: str

    @classmethod
    def remove(cls, node: ast.stmt) -> "Edit":
        """The whole statement goes."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return cls((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset), "")


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; none may overlap another."""
    lines = text.encode().split(b"\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    data = text.encode()
    out: list[bytes] = []
    at = 0
    for edit in sorted(set(edits), key=lambda edit: (edit.start, edit.end)):
        begin = starts[edit.start[0] - 1] + edit.start[1]
        if begin < at:
            continue  # inside what an outer edit has replaced already
        out += [data[at:begin], edit.text.encode()]
        at = starts[edit.end[0] - 1] + edit.end[1]
    return b"".join([*out, data[at:]]).decode()


def located(text: str, node: ast.AST, name: str, new: str) -> Edit:
    """The edit that renames the identifier which a node binds or mentions."""
    line = getattr(node, "lineno", 0)
    column = getattr(node, "col_offset", 0)
    row = text.split("\n")[line - 1].encode()
    found = re.compile(rb"(?<![\w.])" + name.encode() + rb"\b").search(row, column)
    if found is None:
        raise PgolfError(f"cannot rename {name}", where=f"line {line}")
    return Edit((line, found.start()), (line, found.end()), new)
