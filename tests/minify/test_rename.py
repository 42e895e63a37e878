"""Locals get short names; what others can know keeps its own."""

import ast

import pytest

from pgolf_check.minify.minify import minify
from pgolf_check.minify.proof import is_renaming

PROGRAMS = [
    """
def f(value):
    other = value + 1
    return [other * n for n in range(value)]
result = f(3)
""",
    """
def f(value, scale=2):
    def g(extra):
        nonlocal value
        value += extra
        return value * scale
    return g(1), value
result = f(3, scale=5)
""",
    """
x = 1
def f(xylophone):
    return xylophone + x
result = f(2)
""",
    """
def f(*rest, **named):
    return rest, sorted(named)
result = f(1, 2, key=3)
""",
    """
def f(first):
    try:
        return first / 0
    except ZeroDivisionError as error:
        return str(error) + str(first)
result = f(1)
""",
    """
class A:
    size = 3
    def area(self, width):
        size = self.size
        return size * width
result = A().area(width=4)
""",
    """
def f(config):
    return config
result = f(**{'config': 1})
""",
    """
total = 0
def f(amount):
    global total
    total += amount
    return total
result = f(4)
""",
    """
def f(data):
    return sorted(data, key=lambda item: -item)
result = f([1, 3, 2])
""",
    """
def f(seq):
    match seq:
        case [first, *others]:
            return first, others
result = f([1, 2, 3])
""",
    """
def f(a_long, b_long):
    if (c_long := a_long + b_long) > 2:
        return f'{c_long=} {a_long!r}'
result = f(1, 2)
""",
    """
def f(values):
    values = [values for values in values]
    return values
result = f([1])
""",
    """
class B:
    def __init__(self, depth):
        self.__secret = depth
    def get(self):
        __tmp = self.__secret
        return __tmp
result = B(2).get()
""",
    """
def outer(name):
    class Inner:
        name = 'kept'
        def get(self):
            return name
    return Inner().get(), Inner.name
result = outer('n')
""",
    """
def f(z_value):
    import math as m_alias, os.path
    return m_alias.floor(z_value), os.path.sep
result = f(2.5)
""",
]

MANY = [f"value_{n}" for n in range(60)]
PROGRAMS.append(
    f"def f(be, io):\n {';'.join(f'{name} = {n}' for n, name in enumerate(MANY))}\n"
    f" return [be, io, {', '.join(MANY)}]\nresult = f(-1, -2)"
)
PROGRAMS.append("def f(n):\n try:\n  return n\n finally:\n  pass\nresult = f(1)")


def minified(source):
    return minify(ast.parse(source), source)


def result(source):
    space = {}
    exec(source, space)
    return space["result"]


@pytest.mark.parametrize("source", PROGRAMS)
def test_it_does_the_same_in_fewer_bytes(source):
    small = minified(source)
    assert result(small) == result(source)
    assert len(small) < len(source)


def test_names_become_short():
    text = minified("def f(a_long_name):\n    bigger = a_long_name * 2\n    return bigger\nf(1)")
    assert text == "def f(a):b=a*2;return b\nf(1)"


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("def f(width): return width\nf(width=1)", "width"),
        ("def f(width): return width\nf(**settings)", "width"),
        ("def f(width): return width\nd = {'width': 1}", "width"),
        ("def f(): \n    width = 1\n    return locals()", "width"),
        ("@triton.jit\ndef f(width): return width", "width"),
        (
            "class M(nn.Module):\n    def state_dict(self, destination): return destination",
            "destination",
        ),
        ("class M(nn.Module):\n    def forward(self, x_in): return x_in\n", "forward"),
        ("def function(): pass\nclass Name: attribute = function", "attribute"),
    ],
)
def test_what_others_may_know_is_kept(source, kept):
    assert kept in minified(source)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(a):\n b = a\n return b", "def f(a):\n a = a\n return a"),  # two became one
        ("def f(a): return a + c", "def f(c): return c + c"),  # a global was caught
        ("def f(a): return a", "def g(a): return a"),  # a function is known to others
        ("def f(a): return a.b", "def f(c): return c.d"),
        ("def f(a): return (lambda: a)", "def f(c): return (lambda: d)"),
        ("x = 1\nprint(x)", "y = 1\nprint(y)"),
        ("def f(a): return [a for a in a]", "def f(b): return [b for c in b]"),
    ],
)
def test_what_is_no_renaming_is_found_out(before, after):
    assert is_renaming(ast.parse(before), ast.parse(before))
    assert not is_renaming(ast.parse(before), ast.parse(after))


def test_a_renaming_is_one():
    before = "def f(long, other):\n def g(): return long\n return g() + other"
    after = "def f(l, o):\n def g(): return l\n return g() + o"
    assert is_renaming(ast.parse(before), ast.parse(after))


def test_numbers_are_computed_only_where_that_is_shorter():
    assert minified("x=1024*1024*4") == "x=4194304"
    assert minified("x=1<<20") == "x=1<<20"
    assert minified("x=1/3") == "x=1/3"
    assert minified("x=1/0") == "x=1/0"
