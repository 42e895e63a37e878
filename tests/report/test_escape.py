import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pgolf_check.report.escape import (
    html,
    markdown_code,
    markdown_text,
    visible,
    workflow_command,
)

_ANY = st.text(st.characters(codec=None), max_size=80)


@given(_ANY)
def test_nothing_invisible_survives(text):
    for character in visible(text):
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}


@given(_ANY)
def test_never_longer_than_the_limit(text):
    assert len(visible(text, 20)) <= 20


def test_escapes_are_spelt_out():
    assert visible("a\x1b[31mb\x9bc\u202ed\u200be\x7f\ud800\n") == (
        "a\\x1b[31mb\\x9bc\\u202ed\\u200be\\x7f\\ud800\\x0a"
    )


def test_ordinary_text_stays():
    assert (
        visible("Läufe über 3 Seeds — 1.0810 ± 0.0002 🏌")
        == "Läufe über 3 Seeds — 1.0810 ± 0.0002 🏌"
    )


@given(_ANY)
def test_a_code_span_cannot_be_closed_from_inside(text):
    span = markdown_code(text)
    fence = re.match(r"`+", span)[0]
    inner = span[len(fence) : -len(fence)]
    assert span.endswith(fence)
    assert fence not in re.findall(r"`+", inner)
    assert "|" not in inner


def test_markdown_text_neither_links_nor_mentions():
    shown = markdown_text("see #12 @who https://a.b [x](y) <b> www.a.b")
    for live in ("#12", "@who", "://", "[x]", "<b>", "www."):
        assert live not in shown


def test_html_and_workflow_commands():
    assert html("<a href='x'>&") == "&lt;a href=&#x27;x&#x27;&gt;&amp;"
    assert workflow_command("50%: a,b\r\n::error::") == (
        "50%25%3A a%2Cb\\x0d\\x0a%3A%3Aerror%3A%3A"
    )
