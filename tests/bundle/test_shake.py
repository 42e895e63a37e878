"""Programs that were cut down print what they printed before, and have lost what they should."""

import ast
import contextlib
import io
import sys
import types

import pytest

from pgolf_check.bundle.finish import check
from pgolf_check.bundle.merge import merge
from pgolf_check.bundle.rewrite import rewrite
from pgolf_check.bundle.shake import shake
from pgolf_check.errors import PgolfError

PROGRAMS = {
    "a branch by a constant": (
        """
        MODE = "fast"

        def slow():
            return "slow"

        def run(mode):
            if mode == "slow":
                return slow()
            elif mode == "fast":
                return "fast"
            return "none"

        print(run(MODE))
        """,
        ("slow", "none"),
    ),
    "a class from a table": (
        """
        class Relu:
            def __call__(self, x):
                return max(x, 0)

        class Square:
            def __call__(self, x):
                return x * x

        KINDS = {"relu": Relu, "square": Square}

        def make(kind):
            return KINDS[kind]()

        print([make("square")(n) for n in (1, 2)])
        """,
        ("Relu",),
    ),
    "settings in dataclasses": (
        """
        from dataclasses import dataclass, field

        @dataclass(frozen=True)
        class Model:
            width: int = 4
            bits: int = 0  # 0: off
            tied: bool = True

        @dataclass(frozen=True)
        class Preset:
            model: Model = field(default_factory=Model)

        class Layer:
            def __init__(self, width, bits=0):
                self.width, self.bits = width, bits

            def run(self, x):
                if self.bits:
                    x = round(x, self.bits)
                return x * self.width

        def build(model):
            layer = Layer(model.width, bits=model.bits)
            return layer if model.tied else None

        print(build(Preset().model).run(2))
        """,
        ("bits", "round"),
    ),
    "parameters that nobody reads": (
        """
        def inner(a, b, *, c=None):
            if c is not None:
                a += c
            return a

        def outer(a, b):
            return inner(a, b) + inner(a, b=b)

        print(outer(1, 2))
        """,
        ("b", "c"),
    ),
    "methods chosen by the object": (
        """
        class Base:
            def size(self):
                return 1

            def unused(self):
                return 2

        class Big(Base):
            def size(self):
                return 10 + super().size()

        class Other(Base):
            def size(self):
                return 99

        def total(parts):
            return sum(part.size() for part in parts)

        print(total([Base(), Big()]))
        """,
        ("unused", "Other", "99"),
    ),
    "a list that another name fills": (
        """
        class A:
            def go(self):
                return "a"

        class B:
            def go(self):
                return "b"

        def fill(found):
            found.append(B())

        def run():
            found = []
            fill(found)
            chunks = [[] for _ in range(2)]
            chunks[1].append(A())
            for chunk in chunks:
                for part in chunk:
                    found.append(part)
            return [part.go() for part in found]

        print(run())
        """,
        (),
    ),
    "callbacks and closures": (
        """
        def apply(function, values):
            return [function(value) for value in values]

        def make(scale):
            def scaled(value):
                return value * scale
            return scaled

        def never():
            return None

        print(apply(make(3), [1, 2]), sorted([3, 1], key=lambda n: -n))
        """,
        ("never",),
    ),
    "generators and their consumers": (
        """
        class Event:
            def __init__(self, n):
                self.n = n

        class Other:
            def __init__(self, n):
                self.n = -n

        def events():
            yield Event(1)
            yield from (Event(n) for n in (2, 3))

        def consume():
            total = 0
            for event in events():
                if isinstance(event, Other):
                    total -= 1
                else:
                    total += event.n
            return total

        print(consume())
        """,
        ("Other", "isinstance"),
    ),
    "values that only a run shows": (
        """
        import os

        LIMIT = int(os.environ.get("NO_SUCH_VARIABLE", "3"))

        def run(limit):
            if limit > 2:
                return "large"
            return "small"

        print(run(LIMIT), run(1))
        """,
        (),
    ),
    "narrowing and early returns": (
        """
        def code(name):
            if name == "zlib":
                return 1
            if name == "lzma":
                return 2
            if name == "brotli":
                return 3
            return 4

        print([code(name) for name in ("zlib", "brotli")])
        """,
        ("lzma", "2", "4"),
    ),
    "context managers, properties, static methods": (
        """
        from contextlib import contextmanager

        class Clock:
            def __init__(self):
                self.log = []

            @contextmanager
            def phase(self, name):
                self.log.append(name)
                try:
                    yield name
                finally:
                    self.log.append("end")

            @property
            def count(self):
                return len(self.log)

            @staticmethod
            def unit(verbose=False):
                return "seconds" if verbose else "s"

        clock = Clock()
        with clock.phase("x") as name:
            print(name)
        print(clock.count, clock.unit())
        """,
        ("verbose", "seconds"),
    ),
    "attributes that only the outside reads": (
        """
        import json

        class Thing:
            def __init__(self, n):
                self.n = n
                self.idle = n + 1

        def show(thing):
            return json.dumps(vars(thing))

        print(show(Thing(1)))
        """,
        (),
    ),
    "empty functions and what fed them": (
        """
        class Loop:
            def __init__(self, show=lambda progress: None):
                self.show = show
                self.steps = 0

            def run(self):
                self.steps += 1
                rate = self.steps * 2
                self.show(rate)
                return self.steps

        print(Loop().run())
        """,
        ("show", "rate"),
    ),
}


def dedented(text):
    import textwrap

    return textwrap.dedent(text).lstrip()


def printed(text):
    module = types.ModuleType("shaken")
    sys.modules["shaken"] = module
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(text, "shaken", "exec"), vars(module))
    finally:
        del sys.modules["shaken"]
    return out.getvalue()


def cut(text):
    tree = ast.parse(text)
    decisions = shake(tree)
    result = rewrite(text, decisions)
    assert ast.dump(ast.parse(result)) == ast.dump(tree)
    check(result)
    return result


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_prints_the_same_without_what_is_idle(name):
    source, gone = PROGRAMS[name]
    text = dedented(source)
    result = cut(text)
    assert printed(result) == printed(text)
    words = {
        word
        for node in ast.walk(ast.parse(result))
        for word in (
            getattr(node, "id", None),
            getattr(node, "name", None),
            getattr(node, "arg", None),
        )
        if word
    }
    words |= {str(n.value) for n in ast.walk(ast.parse(result)) if isinstance(n, ast.Constant)}
    assert not words & set(gone)
    assert cut(result) == result  # nothing more falls


def test_comments_stay_with_what_they_speak_of():
    text = dedented(
        """
        def run(a, fast=True):
            # only where it matters
            if fast:
                # double it
                a *= 2  # twice
            else:
                # triple it
                a *= 3
            return a


        print(run(1))
        """
    )
    result = cut(text)
    assert "# double it" in result
    assert "# twice" in result
    assert "triple" not in result


def test_an_import_for_its_effect_stays():
    result = cut("import json\nimport this as _poem\nimport math\n\nprint(math.pi)\n")
    assert "_poem" in result
    assert "json" not in result


def test_names_of_several_modules_are_told_apart():
    sources = {
        "lib": "",
        "lib.one": "SIZE = 1\n\ndef get():\n    return SIZE\n",
        "lib.two": "SIZE = 2\n\ndef get():\n    SIZE_ = SIZE\n    return f'{SIZE}{SIZE_}'\n",
        "lib.main": "from lib import one\nfrom lib.two import get as second\n\n"
        "print(one.get(), second(), one.SIZE)\n",
    }
    merged = merge(sources, "lib.main")
    assert printed(merged.text) == "1 22 1\n"
    assert set(merged.renamed.values()) == {"SIZE", "get"}


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        ({"lib": "", "lib.a": "import lib.b\n", "lib.b": ""}, "by its whole path"),
        ({"lib": "", "lib.a": "from lib.b import x\n", "lib.b": ""}, "has no x"),
        (
            {"lib": "", "lib.a": "from lib.b import x\n", "lib.b": "from lib.a import y\nx = 1\n"},
            "circle",
        ),
        (
            {"lib": "", "lib.a": "def f():\n    from lib.b import x\n", "lib.b": "x = 1\n"},
            "inside a function",
        ),
    ],
)
def test_what_cannot_be_merged_is_told(sources, says):
    with pytest.raises(PgolfError, match=says):
        merge(sources, "lib.a")


def test_a_script_that_lacks_a_name_is_refused():
    with pytest.raises(PgolfError, match="lacks helper"):
        check("print(helper(1))\n")
