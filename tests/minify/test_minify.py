"""Smaller code is the same code."""

import ast
import textwrap

import pytest

from pgolf_check.minify.minify import minify
from pgolf_check.submission.minify import smallest

SOURCE = '''
"""What this module is for."""

import math  # a comment


class Table:
    """A docstring."""

    size: int = 3
    name: "str"

    def area(self, width: float, *rest: int, deep: bool = True, **more: str) -> float:
        """Another."""
        half: float = width / 2
        text = """two
    lines"""
        if deep:
            for n in range(self.size):
                half += n
        return half * len(text) + math.pi


def only_words():
    """Nothing but a docstring."""


@triton.jit
def kernel(x, block: tl.constexpr):
    y: int = 1
    return x + block + y
'''


def minified(source):
    return minify(ast.parse(source), source)


def test_what_only_people_read_is_gone():
    text = minified(SOURCE)
    for word in ("comment", "docstring", "What this", "Another", "float", "bool"):
        assert word not in text
    assert "\n\n" not in text
    assert "half" not in text  # a local of `area`


def test_what_programs_read_is_kept():
    text = minified(SOURCE)
    assert "size:int=3" in minified(
        f"import dataclasses\n@dataclasses.dataclass\n{SOURCE[SOURCE.index('class') :]}"
    )
    assert "block:tl.constexpr" in text  # a kernel's compiler reads it
    assert "two\\n    lines" in text or "two\n    lines" in text


def test_it_does_the_same():
    plain, small = {"triton": None}, {}
    source = SOURCE.partition("@triton")[0]
    exec(source, plain)
    exec(minified(source), small)
    for namespace in (plain, small):
        namespace["value"] = namespace["Table"]().area(3.0)
    assert plain["value"] == small["value"]
    assert small["only_words"]() is None


@pytest.mark.parametrize("reader", ["print(f.__doc__)", "print(f.__annotations__)"])
def test_a_program_that_reads_its_own_words_keeps_them(reader):
    source = f'def f(a: "kept"):\n    "also kept"\n    return a\n\n\n{reader}\n'
    assert ("also kept" in minified(source)) == ("__doc__" in reader)
    assert ("'kept'" in minified(source)) == ("annotations" in reader)


@pytest.mark.parametrize(
    "source",
    [
        "x = f'''{1\n}  two\n    lines'''\n",
        "def f():\n    return '''a\n        b'''\n",
        "if a:\n    if b:\n        x = 1\n    else:\n        y = 2\n",
        "async def f():\n    async with a as b, c:\n        await b\n",
        "match x:\n    case [1, *_]:\n        pass\n    case _:\n        raise ValueError\n",
        "def f():\n    pass\n",
    ],
)
def test_the_tree_stays_what_it_was(source):
    assert ast.dump(ast.parse(minified(source))) == ast.dump(ast.parse(source))


def test_the_best_codec_wins():
    codec, size = smallest([textwrap.dedent("x = 1\n") * 500, "y = 2\n" * 500])
    assert codec in ("zlib", "bz2", "lzma", "zstd", "brotli")
    assert size < 60
