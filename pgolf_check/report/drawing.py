"""A picture as a list of shapes, and its form as SVG. Colours are roles, for light and dark."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pgolf_check.report.escape import html


class Ink(StrEnum):
    """What a shape stands for."""

    PAPER = "paper"
    TEXT = "text"
    FAINT = "faint"
    GRID = "grid"
    NEW = "new"
    OLD = "old"
    MARGIN = "margin"


LIGHT = {
    Ink.PAPER: "#ffffff",
    Ink.TEXT: "#1f2328",
    Ink.FAINT: "#59636e",
    Ink.GRID: "#e4e8ec",
    Ink.NEW: "#0a66c2",
    Ink.OLD: "#8a5a00",
    Ink.MARGIN: "#c0254d",
}
DARK = {
    Ink.PAPER: "#0d1117",
    Ink.TEXT: "#e6edf3",
    Ink.FAINT: "#9198a1",
    Ink.GRID: "#262c34",
    Ink.NEW: "#58a6ff",
    Ink.OLD: "#e3b341",
    Ink.MARGIN: "#ff7b93",
}


class Anchor(StrEnum):
    """Which part of a text its x names."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Line:
    """A straight stroke."""

    x1: float
    y1: float
    x2: float
    y2: float
    ink: Ink
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle; where dots lie on one another, that shows."""

    x: float
    y: float
    radius: float
    ink: Ink


@dataclass(frozen=True, slots=True)
class Diamond:
    """A filled rhombus with a rim of paper, so that it stands out from what it covers."""

    x: float
    y: float
    radius: float
    ink: Ink


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; y is its base line."""

    x: float
    y: float
    text: str
    ink: Ink = Ink.TEXT
    size: float = 13.0
    anchor: Anchor = Anchor.START
    bold: bool = False


Shape = Line | Dot | Diamond | Text


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes in the order of painting. `summary` is for those who cannot see them."""

    width: int
    height: int
    title: str
    summary: str
    shapes: tuple[Shape, ...]


def svg(drawing: Drawing) -> str:
    """A standalone picture that follows the reader's light or dark setting."""
    size = f'width="{drawing.width}" height="{drawing.height}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {drawing.width} {drawing.height}" role="img" '
        'font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif">'
    )
    words = f"<title>{html(drawing.title)}</title><desc>{html(drawing.summary, 1000)}</desc>"
    style = f"<style>{_style(LIGHT)}@media (prefers-color-scheme: dark){{{_style(DARK)}}}</style>"
    paper = f'<rect {size} class="paper"/>'
    body = "\n".join(_svg(shape) for shape in drawing.shapes)
    return f"{head}\n{words}\n{style}\n{paper}\n{body}\n</svg>\n"


def _style(colours: dict[Ink, str]) -> str:
    """Fill for shapes, stroke for lines: one class serves both."""
    return "".join(
        f".{ink.value}{{fill:{colour};stroke:none}}line.{ink.value}{{stroke:{colour}}}"
        for ink, colour in colours.items()
    ) + (f".rim{{stroke:{colours[Ink.PAPER]};stroke-width:1.5}}")


def _svg(shape: Shape) -> str:
    match shape:
        case Line():
            dash = ' stroke-dasharray="5 4"' if shape.dashed else ""
            ends = _attributes(x1=shape.x1, y1=shape.y1, x2=shape.x2, y2=shape.y2)
            width = f'stroke-width="{shape.width:g}" stroke-linecap="round"'
            return f'<line class="{shape.ink}" {ends} {width}{dash}/>'
        case Dot():
            place = _attributes(cx=shape.x, cy=shape.y, r=shape.radius)
            return f'<circle class="{shape.ink}" {place} fill-opacity="0.62"/>'
        case Diamond():
            corners = " ".join(f"{x:g},{y:g}" for x, y in corners_of(shape))
            return f'<polygon class="{shape.ink} rim" points="{corners}"/>'
        case Text():
            place = _attributes(x=shape.x, y=shape.y, font_size=shape.size)
            weight = ' font-weight="600"' if shape.bold else ""
            anchor = "" if shape.anchor is Anchor.START else f' text-anchor="{shape.anchor}"'
            return f'<text class="{shape.ink}" {place}{weight}{anchor}>{html(shape.text)}</text>'


def corners_of(diamond: Diamond) -> Iterable[tuple[float, float]]:
    """Its four corners, clockwise from the top."""
    x, y, r = diamond.x, diamond.y, diamond.radius
    return (x, y - r), (x + r, y), (x, y + r), (x - r, y)


def _attributes(**values: float) -> str:
    return " ".join(f'{key.replace("_", "-")}="{value:.6g}"' for key, value in values.items())
