"""Statements of Python 3.12 to 3.14 that an older interpreter refuses, in the older grammar.

Type parameters and type aliases mean nothing to a run, and `except A, B` lacks its parentheses.
Everything stays on its line.
"""

import re

_PARAMETERS = re.compile(r"^([ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+\w+)[ \t]*\[", re.MULTILINE)
_ALIAS = re.compile(r"^([ \t]*)type[ \t]+(\w+)[ \t]*(\[?)", re.MULTILINE)
_EXCEPT = re.compile(
    r"^([ \t]*except\*?)[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)[ \t]*:", re.MULTILINE
)


def older(text: str) -> str:
    """The text without type parameters and aliases, and with parentheses behind `except`."""
    text = _without_brackets(text, _PARAMETERS, r"\1")
    text = _without_brackets(text, _ALIAS, r"\1\2 ")
    return _EXCEPT.sub(r"\1 (\2):", text)


def _without_brackets(text: str, opening: "re.Pattern[str]", kept: str) -> str:
    """Replace each match, and the bracket it opens, by `kept` and the lines they took."""
    out: list[str] = []
    at = 0
    for match in opening.finditer(text):
        if match.start() < at:
            continue
        end = _closing(text, match.end()) if match[0].endswith("[") else match.end()
        out += [text[at : match.start()], match.expand(kept)]
        out.append("\\\n" * text.count("\n", match.start(), end))
        at = end
    return "".join([*out, text[at:]])


def _closing(text: str, at: int) -> int:
    """Just behind the bracket that closes one opened before `at`."""
    depth = 1
    while depth and at < len(text):
        depth += {"[": 1, "]": -1}.get(text[at], 0)
        at += 1
    return at
