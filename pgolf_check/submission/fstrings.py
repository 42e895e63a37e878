"""f-strings of Python 3.12 and later, for an interpreter that does not know them yet.

Since 3.12 a replacement field may hold the quotes of its own string, backslashes, comments and
line ends. Each such field is taken out of the text and a name is left in its place, on the same
line; after parsing, the field's own tree takes the place of the name.
"""

import ast
import re
from dataclasses import dataclass

_DEPTH = 20  # of f-strings within fields within f-strings
_NAME = "_pgolf_field_"
_START = re.compile(
    r"""(?P<comment>\#[^\n]*+)
      |(?P<prefix>\b[rRbBuUfF]{1,2})?+(?P<quote>'''|\"\"\"|'|")""",
    re.VERBOSE,
)


class _BrokenError(Exception):
    """A string that does not end, in any grammar."""


@dataclass(frozen=True, slots=True)
class _Field:
    """An expression that was taken out of an f-string, and the line where it stood."""

    name: str
    expression: str
    line: int


def parse_modern(text: str) -> ast.Module:
    """The tree of a text whose f-strings are too new for `ast`, as far as those are the reason."""
    hoister = _Hoister()
    tree = ast.parse(hoister.rewrite(text, 1))
    trees: dict[str, ast.expr] = {}
    for _ in range(_DEPTH):
        pending, hoister.fields = hoister.fields, []
        for field in pending:
            body = ast.parse(f"({hoister.rewrite(field.expression, field.line)}\n)", mode="eval")
            ast.increment_lineno(body, field.line - 1)
            trees[field.name] = body.body
        if not hoister.fields:
            break
    _restore([tree, *trees.values()], trees)
    return tree


def _restore(pending: list[ast.AST], trees: dict[str, ast.expr]) -> None:
    """Put the trees of hoisted fields where their names were left."""
    for root in pending:
        for node in ast.walk(root):
            if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
                node.value = trees.get(node.value.id, node.value)


class _Hoister:
    """Rewrites text and collects the fields it takes out."""

    def __init__(self) -> None:
        self.fields: list[_Field] = []
        self._named = 0

    def rewrite(self, text: str, line: int) -> str:
        out: list[str] = []
        at = 0
        while match := _START.search(text, at):
            out.append(text[at : match.start()])
            at = match.end()
            if match["comment"] is not None:
                out.append(match[0])
                continue
            prefix = (match["prefix"] or "").lower()
            try:
                if "f" in prefix:
                    string = _String(text, line, match["quote"], "r" in prefix)
                    end, new = self._literal(string, at, match["quote"])
                    lost = text.count("\n", at, end) - new.count("\n")
                    out += [match[0], new, match["quote"], "\\\n" * lost]
                else:
                    end = _plain_end(text, at, match["quote"])
                    out.append(text[match.start() : end + len(match["quote"])])
            except _BrokenError:
                out.append(text[match.start() :])
                return "".join(out)
            at = end + len(match["quote"])
        out.append(text[at:])
        return "".join(out)

    def _literal(self, string: "_String", at: int, stop: str) -> tuple[int, str]:
        """Copy up to `stop`: the closing quote, or the brace that ends a format specification."""
        text, out = string.text, []
        while not text.startswith(stop, at):
            width = string.literal_width(at)
            if width:
                out.append(text[at : at + width])
                at += width
            else:
                at, new = self._field(string, at + 1)
                out.append(new)
        return at, "".join(out)

    def _field(self, string: "_String", at: int) -> tuple[int, str]:
        text = string.text
        split = _expression_end(text, at, 0)
        expression = text[at:split]
        new = expression
        if string.needs_hoisting(expression):
            name = f"{_NAME}{self._named}"
            self._named += 1
            bare = expression.rstrip()
            line = string.line + text.count("\n", 0, at)
            self.fields.append(_Field(name, bare.removesuffix("="), line))
            new = name + "=" * bare.endswith("=")
            if len(string.quote) == 3:
                new += "\n" * expression.count("\n")
        end = split
        while text[end : end + 1] not in (":", "}", ""):  # a conversion such as !r
            end += 1
        tail = text[split:end]
        if text[end : end + 1] == ":":
            end, specification = self._literal(string, end + 1, "}")
            tail += f":{specification}"
        if text[end : end + 1] != "}":
            raise _BrokenError
        return end + 1, f"{{{new}{tail}}}"


@dataclass(frozen=True, slots=True)
class _String:
    """An f-string within a text whose first line has number `line`."""

    text: str
    line: int
    quote: str
    raw: bool

    def literal_width(self, at: int) -> int:
        """How many characters at `at` stand for themselves; 0 where a field begins."""
        char = self.text[at : at + 1]
        if not char or (char == "\n" and len(self.quote) == 1):
            raise _BrokenError
        if char == "\\":
            return _escape_width(self.text, at, self.raw)
        if char == "{":
            return 2 if self.text.startswith("{{", at) else 0
        return 1

    def needs_hoisting(self, expression: str) -> bool:
        """Whether an older grammar refuses this expression within these quotes."""
        if "\\" in expression or "#" in expression or self.quote in expression:
            return True
        return "\n" in expression and len(self.quote) == 1


def _escape_width(text: str, at: int, raw: bool) -> int:
    if not raw and text.startswith("\\N{", at):
        return max(text.find("}", at) + 1 - at, 2)
    return 1 if text[at + 1 : at + 2] in ("{", "}") else 2


def _plain_end(text: str, at: int, quote: str) -> int:
    """Where the closing quote of an ordinary string begins."""
    while not text.startswith(quote, at):
        char = text[at : at + 1]
        if not char or (char == "\n" and len(quote) == 1):
            raise _BrokenError
        at += 2 if char == "\\" else 1
    return at


def _expression_end(text: str, at: int, depth: int) -> int:
    """Where the expression of a field ends: at its `!`, `:` or `}`."""
    nesting = 0
    while True:
        match = _START.match(text, at)
        char = text[at : at + 1]
        if not char:
            raise _BrokenError
        if match:
            at = match.end() if match["comment"] else _string_end(text, match, depth)
        elif char in "([{":
            nesting += 1
            at += 1
        elif nesting == 0 and (char in ":}" or (char == "!" and text[at + 1 : at + 2] != "=")):
            return at
        else:
            nesting -= char in ")]}"
            at += 1


def _string_end(text: str, start: "re.Match[str]", depth: int) -> int:
    """Just behind a string that stands in a field."""
    prefix, quote = (start["prefix"] or "").lower(), start["quote"]
    if depth == _DEPTH:
        raise _BrokenError
    if "f" not in prefix:
        return _plain_end(text, start.end(), quote) + len(quote)
    string = _String(text, 1, quote, "r" in prefix)
    return _literal_end(string, start.end(), quote, depth) + len(quote)


def _literal_end(string: _String, at: int, stop: str, depth: int) -> int:
    while not string.text.startswith(stop, at):
        if width := string.literal_width(at):
            at += width
            continue
        at = _expression_end(string.text, at + 1, depth + 1)
        while string.text[at : at + 1] not in (":", "}", ""):
            at += 1
        if string.text[at : at + 1] == ":":
            at = _literal_end(string, at + 1, "}", depth + 1)
        at += 1
    return at
