"""The last touches: plain names, imports in order, blank lines, and the proof that all is whole."""

import ast
import builtins
import re
import sys
from collections.abc import Mapping

from pgolf_check.errors import PgolfError
from pgolf_check.minify.scopes import Scopes


def plain_names(text: str, renamed: Mapping[str, str]) -> str:
    """Names that were made unique get their old ones back where those are free."""
    words = set(re.findall(r"\b[A-Za-z_]\w*\b", text))
    wanted = [name for new, name in renamed.items() if new in words]
    for new, name in renamed.items():
        if new in words and name not in words and wanted.count(name) == 1:
            text = re.sub(rf"\b{new}\b", name, text)
    return text


def sorted_imports(text: str) -> str:
    """All imports of the module at its head, the standard library's first."""
    tree = ast.parse(text)
    plain: set[str] = set()
    named: dict[str, set[str]] = {}
    lines = text.split("\n")
    for node in reversed(tree.body):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        for alias in node.names:
            shown = alias.name if alias.asname is None else f"{alias.name} as {alias.asname}"
            if isinstance(node, ast.Import):
                plain.add(shown)
            else:
                named.setdefault(node.module or "", set()).add(shown)
        del lines[node.lineno - 1 : node.end_lineno]
    groups: tuple[list[str], list[str]] = ([], [])
    for shown in sorted(plain):
        groups[_is_foreign(shown)].append(f"import {shown}")
    for home in sorted(named):
        groups[_is_foreign(home)].append(f"from {home} import {', '.join(sorted(named[home]))}")
    head = "\n\n".join("\n".join(group) for group in groups if group)
    return f"{head}\n\n\n" + "\n".join(lines).lstrip("\n")


def spaced(text: str) -> str:
    """Two blank lines around what stands at the top, at most one elsewhere."""
    inside = _lines_in_strings(text)
    out: list[str] = []
    previous = ""  # the last line that began a statement at the top
    for number, line in enumerate(text.rstrip("\n").split("\n"), start=1):
        if number in inside:
            out.append(line)
            continue
        if not line.strip():
            if out and out[-1].strip() and not out[-1].rstrip().endswith(":"):
                out.append("")
            continue
        if not line[0].isspace() and line[0] not in ")]}":
            _part(out, previous, line)
            previous = line if not line.startswith(("@", "#")) else previous
            if line.startswith(("@", "#")):
                previous = "\0"  # what follows belongs to it
        out.append(line)
    return "\n".join(out) + "\n"


def check(text: str) -> None:
    """Refuse a script that mentions what it does not define."""
    scopes = Scopes(ast.parse(text))
    for scope in scopes.root.walk():
        for binding in scope.names.values():
            if binding.bound or hasattr(builtins, binding.name) or binding.name == "__file__":
                continue
            line = getattr(binding.places[0], "lineno", 0)
            raise PgolfError(f"the bundle lacks {binding.name}", where=f"line {line}")


def _is_foreign(home: str) -> bool:
    return re.split(r"[. ]", home)[0] not in sys.stdlib_module_names


def _part(out: list[str], previous: str, line: str) -> None:
    if not out or previous == "\0":
        return
    blank = 0
    while out and not out[-1]:
        out.pop()
        blank += 1
    opens = r"(?:class |def |async def |@)"
    block = re.match(opens, line) or re.match(opens, previous) or line.startswith("if __name__")
    comment_above = line.startswith("#") and blank > 1
    out += [""] * (2 if block or comment_above else min(blank, 1))


def _lines_in_strings(text: str) -> set[int]:
    """Lines that begin inside a string."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.JoinedStr() | ast.Constant(value=str() | bytes()):
                found.update(range(node.lineno + 1, (node.end_lineno or 0) + 1))
            case _:
                pass
    return found
