"""Whatever stands in a script, reading ends with a tree or a problem."""

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from pgolf_check.submission.codecs import Budget
from pgolf_check.submission.facts import Problem, Source, SourceRole
from pgolf_check.submission.parse import Trees
from pgolf_check.submission.precheck import decode, refuse
from pgolf_check.submission.unpack import unpack

PIECES = [
    *("exec(", "eval(", "compile(", "__import__('zlib')", ".decompress(", "base64.b85decode("),
    *("open(__file__)", ".read()", ".join(", ".replace(", ".split(", "x", "x = ", "for x in ", ":"),
    *("lambda x: ", "def f(x):\n ", "return ", "[", "]", "(", ")", "{", "}", "'", '"', '"""', 'f"'),
    *("{x!r:>{y}}", "{{", "}}", "\\", "\n", "\n ", "#", ",", " * 10**9", " << 9", " + ", " % x"),
    *(
        "if x:\n ",
        "with open('a') as f:\n ",
        "import zlib, base64\n",
        "b'abc'",
        "1",
        "\0",
        "\u2028",
    ),
    *(
        "type X[T] = ",
        "class A[T]:\n ",
        "except A, B:\n ",
        "try:\n ",
        "range(10**6)",
        "(x for x in ",
    ),
]
SCRIPTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@settings(max_examples=400, deadline=None)
@given(SCRIPTS)
def test_scripts_of_any_shape_are_peeled_and_parsed(text):
    trees = Trees()
    source = Source("train_gpt.py", text, SourceRole.ENTRY)
    found = unpack(source, trees, "/repository/a/b/c", {}.get, Budget(1 << 20))
    assert isinstance(trees.of(found.core), ast.Module | Problem)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | SCRIPTS.map(str.encode))
def test_bytes_of_any_kind_are_text_or_refused(data):
    try:
        text = decode(data)
    except ValueError:
        return
    assert "\0" not in text
    assert isinstance(refuse(text), str)
