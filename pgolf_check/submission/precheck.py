"""What can be told of a source before any parser sees it, in one linear pass.

Parsers can be killed by nesting that no person writes; whoever passes here cannot do that.
"""

import codecs
import re

from pgolf_check.limits import LIMITS, Limits

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_ALLOWED = {"utf-8", "ascii", "iso8859-1"}
_UNARY_RUN = 200  # of `-`, `not`, `lambda:` or `*` in a row

_TOKEN = re.compile(
    r"""(?P<skip>\#[^\n]*+
          |(?:'''(?:[^'\\]|\\.|'(?!''))*+(?:'''|\\?\Z))
          |(?:\"\"\"(?:[^"\\]|\\.|"(?!""))*+(?:\"\"\"|\\?\Z))
          |'(?:[^'\\\n]|\\.)*+(?:'|(?=\n)|\\?\Z)
          |"(?:[^"\\\n]|\\.)*+(?:"|(?=\n)|\\?\Z)
          |\\\n)
      |(?P<run>(?:(?:[-+~*!][ \t]*+|not[ \t(]++|lambda[ \t]*+[^:\n(]{0,99}:[ \t]*+|await[ \t]++)
               (?:\\\n[ \t]*+)?+){200})
      |(?P<open>[(\[{]+)
      |(?P<close>[)\]}]+)
      |(?P<line>\n)
      |(?P<operator>\*\*|//|<<|>>|[-+*/%@&|^.]|[<>=!]=|[<>]
          |\b(?:and|or|not|if|else|in|is|for|lambda|await)\b)
    """,
    re.VERBOSE | re.DOTALL,
)


def decode(data: bytes) -> str:
    """The text of a Python source by its own cookie; ValueError says what is wrong with it."""
    if b"\0" in data:
        raise ValueError("holds NUL bytes")
    name = "utf-8"
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    else:
        for line in data.split(b"\n", 2)[:2]:
            if match := _COOKIE.match(line):
                name = match[1].decode("ascii", "replace")
                break
            if line.strip() and not line.lstrip().startswith(b"#"):
                break
    try:
        known = codecs.lookup(name).name
    except LookupError:
        known = ""
    if known not in _ALLOWED:
        raise ValueError(f"declares the encoding {name!r}; only utf-8, ascii and latin-1 are read")
    try:
        text = data.decode(known)
    except UnicodeDecodeError as error:
        raise ValueError(f"is not {known} at byte {error.start}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def refuse(text: str, limits: Limits = LIMITS) -> str:
    """Why no parser should see this text, or nothing."""
    depth = operators = 0
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "operator":
            operators += 1
            if operators > limits.operators:
                return f"more than {limits.operators} operators in one statement, at line {line}"
        elif kind == "line":
            line += 1
            if depth <= 0:
                operators = depth = 0
        elif kind == "open":
            depth += match.end() - match.start()
            if depth > limits.brackets:
                return f"brackets nested deeper than {limits.brackets}, at line {line}"
        elif kind == "close":
            depth -= match.end() - match.start()
        elif kind == "skip":
            line += text.count("\n", match.start(), match.end())
        else:
            return f"more than {_UNARY_RUN} unary operators in a row, at line {line}"
    return ""
