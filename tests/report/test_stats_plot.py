import io
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from PIL import Image

from pgolf_check.editions import editions
from pgolf_check.errors import PgolfError
from pgolf_check.measure.comparison import compare
from pgolf_check.measure.samples import sample_of
from pgolf_check.measure.units import Unit
from pgolf_check.report.drawing import DARK, LIGHT, Dot, Line, Text, svg
from pgolf_check.report.raster import png
from pgolf_check.report.stats_html import page
from pgolf_check.report.stats_plot import plot
from pgolf_check.report.stats_terminal import text_plot

THREE, OLD = "1.07928348 1.07996676 1.08024795", "1.08079 1.08103 1.08118"
HOSTILE = '<script>alert(1)</script>"&\x1b[31m\u202e'


def _compared(new=THREE, old=OLD, name="new", bytes_per_token=3.7266):
    samples = [
        replace(sample_of(text, label, Unit.BPB), bytes_per_token=bytes_per_token)
        for text, label in ((new, name), (old, "old"))
    ]
    return compare(*samples, editions(), editions()[-1])


CASES = {
    "usual": _compared(),
    "one against one": _compared("1.08", "1.09"),
    "two": _compared("1.08 1.09"),
    "equal": _compared("1.08 1.08", "1.08"),
    "summaries": _compared("1.06+-0.001/3", "1.07+-0.002/6"),
    "many": _compared(" ".join(f"{1.05 + at * 1e-6:.6f}" for at in range(3_000))),
    "no tokenizer": _compared(bytes_per_token=None),
    "long names": _compared(name="n" * 300),
    "hostile": _compared(name=HOSTILE),
}


@pytest.mark.parametrize("comparison", CASES.values(), ids=CASES)
def test_everything_stays_on_the_paper(comparison):
    drawing = plot(comparison)
    for shape in drawing.shapes:
        match shape:
            case Line(x1, y1, x2, y2):
                assert 0 <= min(x1, x2) <= max(x1, x2) <= drawing.width
                assert 0 <= min(y1, y2) <= max(y1, y2) <= drawing.height
            case Dot(x, y) | Text(x, y):
                assert 0 <= x <= drawing.width
                assert 0 <= y <= drawing.height


@pytest.mark.parametrize("comparison", CASES.values(), ids=CASES)
def test_svg_is_well_formed_and_holds_nothing_active(comparison):
    text = svg(plot(comparison))
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(text).iter()}
    assert tags <= {
        "svg", "title", "desc", "style", "rect", "line", "circle", "polygon", "text"
    }  # fmt: skip
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_every_seed_is_a_dot_up_to_two_hundred():
    assert sum(isinstance(shape, Dot) for shape in plot(CASES["usual"]).shapes) == 6
    assert sum(isinstance(shape, Dot) for shape in plot(CASES["many"]).shapes) == 203
    words = [shape.text for shape in plot(CASES["many"]).shapes if isinstance(shape, Text)]
    assert "n = 3000 (200 shown)" in words


def test_lower_scores_stand_further_left():
    xs = [shape.x for shape in plot(CASES["usual"]).shapes if isinstance(shape, Dot)]
    assert xs == sorted(xs)


def test_the_threshold_line_is_labelled():
    words = [shape.text for shape in plot(CASES["usual"]).shapes if isinstance(shape, Text)]
    assert "0.005 nats/token below old" in words
    assert "mean of old" in words


def test_every_colour_is_given_for_light_and_dark():
    text = svg(plot(CASES["usual"]))
    assert "prefers-color-scheme: dark" in text
    for palette in (LIGHT, DARK):
        assert all(colour in text for colour in palette.values())


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_words_are_readable_on_the_paper(palette):
    paper = _luminance(palette["paper"])
    for ink in ("text", "faint", "new", "old", "margin"):
        light, dark = sorted((_luminance(palette[ink]), paper), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, ink


def _luminance(colour):
    parts = [value / 255 for value in bytes.fromhex(colour[1:])]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", ["usual", "many", "hostile"])
def test_png_shows_both_rows_in_their_colours(name):
    drawing = plot(CASES[name])
    image = Image.open(io.BytesIO(png(drawing)))
    assert image.size == (2 * drawing.width, 2 * drawing.height)
    colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24)}
    for ink in ("paper", "new", "old", "margin"):
        wanted = bytes.fromhex(LIGHT[ink][1:])
        assert any(max(abs(a - b) for a, b in zip(c, wanted, strict=True)) < 12 for c in colours)


def test_png_without_pillow_names_the_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(PgolfError, match=r"pgolf\[plot\]"):
        png(plot(CASES["usual"]))


def test_the_page_loads_and_runs_nothing():
    text = page([CASES["usual"], CASES["hostile"]])
    assert text.count("<svg") == 2
    assert "default-src 'none'" in text
    assert not re.search(r"<script|javascript:|https?://(?!www\.w3\.org/2000/svg)", text)


@pytest.mark.parametrize("comparison", CASES.values(), ids=CASES)
def test_the_text_plot_has_a_line_for_each_side(comparison):
    new, old, *_ = text_plot(comparison).splitlines()
    assert new.startswith("new ")
    assert old.startswith("old ")
    assert "#" in new
    assert "#" in old
    assert max(map(len, (new, old))) <= 79
