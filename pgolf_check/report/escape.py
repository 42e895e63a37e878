"""Untrusted text made safe to show, once for each kind of place it is shown in.

rich, JSON viewers and issue trackers all pass terminal escapes, bidi overrides or links through;
`visible` is therefore applied before any of the escapes that belong to one sink.
"""

import html as html_entities
import re
import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+|~!@&:-]")
_BACKTICKS = re.compile(r"`+")


def visible(text: str, limit: int = 300) -> str:
    r"""The text on one line, with all that a reader would not see spelt out: `\x1b`, `\u202e`."""
    cut = text[: limit + 1]
    shown = cut if cut.isascii() and cut.isprintable() else "".join(map(_shown, cut))
    return shown if len(shown) <= limit else shown[: max(limit - 1, 0)] + "…"


def markdown_code(text: str, limit: int = 300) -> str:
    """A code span that no run of backticks inside can close; `|` would end a table cell."""
    shown = visible(text, limit).replace("|", "¦")
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(shown)), default=0))
    padded = f" {shown} " if not shown.strip(" ") or "`" in (shown[0], shown[-1]) else shown
    return f"{fence}{padded}{fence}"


def markdown_text(text: str, limit: int = 300) -> str:
    """Plain words in Markdown: no markup, no link, no mention, no issue reference."""
    return _MARKDOWN.sub(_entity, visible(text, limit)).replace("www.", "www&#46;")


def html(text: str, limit: int = 300) -> str:
    """Text for HTML, inside an element or a quoted attribute."""
    return html_entities.escape(visible(text, limit), quote=True)


def workflow_command(text: str, limit: int = 300) -> str:
    """A message or property of a GitHub workflow command, which `%`, `:` and `,` would end."""
    shown = visible(text, limit).replace("%", "%25")
    return shown.replace(":", "%3A").replace(",", "%2C")


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
