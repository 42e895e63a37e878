"""A drawing as PNG, for places that show no SVG. Pillow brings its own letters: no font needed."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pgolf_check.errors import PgolfError
from pgolf_check.report.drawing import (
    LIGHT,
    Anchor,
    Diamond,
    Dot,
    Drawing,
    Ink,
    Line,
    Shape,
    Text,
    corners_of,
)
from pgolf_check.report.escape import visible

if TYPE_CHECKING:
    from PIL import ImageDraw

_SCALE = 2  # of the finished picture, for dense screens
_SMOOTH = 3  # painted this much larger and reduced, which softens the edges
_ALIGN = {Anchor.START: "ls", Anchor.MIDDLE: "ms", Anchor.END: "rs"}
_SEE_THROUGH = 158


def png(drawing: Drawing) -> bytes:
    """The drawing in its light colours."""
    try:
        from PIL import Image, ImageDraw  # noqa: PLC0415 - only those who want PNG need it
    except ImportError:
        cure = "Install it with `pip install 'pgolf[plot]'`, or write to .svg or .html."
        raise PgolfError("PNG needs Pillow", cure=cure) from None
    factor = _SCALE * _SMOOTH
    size = (drawing.width * factor, drawing.height * factor)
    image = Image.new("RGB", size, LIGHT[Ink.PAPER])
    for shape in drawing.shapes:
        _paint(ImageDraw.Draw(image, "RGBA"), shape, factor)
    small = image.resize(
        (drawing.width * _SCALE, drawing.height * _SCALE), Image.Resampling.LANCZOS
    )
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return file.getvalue()


def _paint(canvas: "ImageDraw.ImageDraw", shape: Shape, factor: int) -> None:
    colour = LIGHT[shape.ink]
    match shape:
        case Line():
            for x1, y1, x2, y2 in _dashes(shape):
                ends = [value * factor for value in (x1, y1, x2, y2)]
                canvas.line(ends, fill=colour, width=round(shape.width * factor))
        case Dot():
            red, green, blue = bytes.fromhex(colour[1:])
            x, y, r = (value * factor for value in (shape.x, shape.y, shape.radius))
            canvas.ellipse((x - r, y - r, x + r, y + r), fill=(red, green, blue, _SEE_THROUGH))
        case Diamond():
            corners = [(x * factor, y * factor) for x, y in corners_of(shape)]
            width = round(1.5 * factor)
            canvas.polygon(corners, fill=colour, outline=LIGHT[Ink.PAPER], width=width)
        case Text():
            _letters(canvas, shape, factor)


def _letters(canvas: "ImageDraw.ImageDraw", text: Text, factor: int) -> None:
    from PIL import ImageFont  # noqa: PLC0415 - see above

    font = ImageFont.load_default(text.size * factor)
    place = (text.x * factor, text.y * factor)
    stroke = round(0.35 * factor) if text.bold else 0  # the one built-in weight, thickened
    colour = LIGHT[text.ink]
    shown = visible(text.text)
    canvas.text(place, shown, colour, font, _ALIGN[text.anchor], stroke_width=stroke)


def _dashes(line: Line) -> Iterator[tuple[float, float, float, float]]:
    """The strokes that make up a line; dashed ones are all upright here."""
    if not line.dashed:
        yield line.x1, line.y1, line.x2, line.y2
        return
    top, bottom = sorted((line.y1, line.y2))
    while top < bottom:
        yield line.x1, top, line.x2, min(top + 5, bottom)
        top += 9
