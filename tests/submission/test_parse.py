"""Sources that break parsers, and sources that are merely newer than the interpreter."""

import ast
import time

import pytest

from pgolf_check.submission.facts import Problem, ProblemKind, Source, SourceRole
from pgolf_check.submission.parse import Trees, parse
from pgolf_check.submission.precheck import decode, refuse

MANY = 100_000
NESTS = {
    "parentheses": "(" * MANY,
    "balanced parentheses": "(" * MANY + ")" * MANY,
    "lists": "[" * MANY,
    "braces": "{" * MANY,
    "unary minus": "-" * MANY + "1",
    "not": "not " * MANY + "1",
    "lambda": "lambda: " * MANY + "1",
    "await": "await " * MANY + "x",
    "plus": "1+" * MANY + "1",
    "power": "1**" * MANY + "1",
    "attributes": "a" + ".b" * MANY,
    "subscripts": "a" + "[0]" * MANY,
    "calls": "a" + "()" * MANY,
    "conditionals": "1 if x else " * MANY + "1",
    "comparisons": "1<" * MANY + "1",
    "f-strings": "f'{" * MANY,
    "comprehensions": "[x for x in " * MANY,
    "unclosed quotes": '"' * MANY,
    "escaped quotes": "'" + "\\'" * MANY,
    "continued minus": "- \\\n" * MANY + "1",
}


def source(text):
    return Source("train_gpt.py", text, SourceRole.ENTRY)


@pytest.mark.parametrize("name", NESTS)
def test_nesting_that_kills_parsers_is_a_problem_and_quick(name):
    began = time.process_time()
    found = parse(source(f"x = {NESTS[name]}\n"))
    assert time.process_time() - began < 3
    assert isinstance(found, Problem)
    assert found.kind in (ProblemKind.HOSTILE, ProblemKind.UNPARSED)


def test_deeply_nested_blocks_are_a_problem():
    text = "if x:\n pass\n" + "elif x:\n pass\n" * MANY
    blocks = "".join(f"{' ' * level}if x:\n" for level in range(150)) + " " * 150 + "pass\n"
    for hostile in (text, blocks):
        assert isinstance(parse(source(hostile)), Problem)


def test_ordinary_code_is_parsed_with_its_lines():
    tree = parse(source("import os\n\nx = [1,\n 2]\ny = f'{x}'\n"))
    assert isinstance(tree, ast.Module)
    assert [node.lineno for node in tree.body] == [1, 3, 5]


@pytest.mark.parametrize(
    ("modern", "same"),
    [
        ('f"{", ".join(x)}"', "f'{\", \".join(x)}'"),
        ('f"{d["a"]:{w["b"]}}"', "f\"{d['a']:{w['b']}}\""),
        ('f"{f"{1 + 1}"}"', "f\"{f'{1 + 1}'}\""),
        ('f"{{{x["y"]}}}"', "f\"{{{x['y']}}}\""),
        ('f"{a != b} {c["d"]!r:>{w}}"', "f\"{a != b} {c['d']!r:>{w}}\""),
        ('rf"\\d{x["a"]}"', "rf\"\\d{x['a']}\""),
        ('f"""{x["""a"""]}"""', "f\"{x['a']}\""),
    ],
)
def test_newer_f_strings_mean_the_same_in_the_older_grammar(modern, same):
    tree = parse(source(f"y = {modern}\n"))
    assert isinstance(tree, ast.Module)
    assert ast.dump(tree) == ast.dump(ast.parse(f"y = {same}\n"))


def test_newer_f_strings_keep_the_line_numbers_behind_and_within_them():
    text = 'a = f"{x[\n  "k"\n]}"\nb = f"""\n{y["""k"""]}\n{\n z["""l"""]}"""\nc = 1\n'
    tree = parse(source(text))
    assert isinstance(tree, ast.Module)
    assert [node.lineno for node in tree.body] == [1, 4, 8]
    names = {node.id: node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names["x"] == 1
    assert names["y"] == 5
    assert names["z"] == 7


@pytest.mark.parametrize(
    ("modern", "same"),
    [
        ("def f[T](x: T) -> T:\n    return x\ny = 1\n", "def f(x: T) -> T:\n    return x\ny = 1\n"),
        ("class A[T: int,\n  *U](B):\n    pass\ny = 1\n", "class A\\\n(B):\n    pass\ny = 1\n"),
        ("type X = int\ntype Y[T] = list[T]\n", "X = int\nY = list[T]\n"),
        ("try:\n    a\nexcept A, B:\n    b\n", "try:\n    a\nexcept (A, B):\n    b\n"),
        ('type X = int\ny = f"{", ".join(x)}"\n', "X = int\ny = f\"{', '.join(x)}\"\n"),
    ],
)
def test_newer_statements_lose_only_what_no_run_needs(modern, same):
    tree = parse(source(modern))
    assert isinstance(tree, ast.Module)
    assert ast.dump(tree) == ast.dump(ast.parse(same))
    assert [n.lineno for n in tree.body] == [n.lineno for n in ast.parse(same).body]


def test_broken_code_is_named_with_its_line():
    found = parse(source("x = 1\ny = = 2\n"))
    assert isinstance(found, Problem)
    assert found.kind is ProblemKind.UNPARSED
    assert found.place.line == 2
    assert found.place.text == "y = = 2"


def test_a_source_is_parsed_once():
    trees = Trees()
    one = source("x = 1\n")
    assert trees.of(one) is trees.of(one)
    assert list(trees.modules()) == [("train_gpt.py", 0)]


def test_sources_are_decoded_by_their_cookie():
    assert decode("# coding: latin-1\nx = 'é'".encode("latin-1")).endswith("'é'")
    assert decode(b"\xef\xbb\xbfx = 1\r\ny = 2") == "x = 1\ny = 2"
    assert decode(b"\n# -*- coding: ascii -*-\nx = 1").startswith("\n#")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x = 1\0", "NUL"),
        ("x = 1".encode("utf-16"), "NUL"),
        (b"x = '\xff'", "is not utf-8 at byte 5"),
        (b"# coding: utf-7\nx = 1", "utf-7"),
        (b"# coding: rot13\nk = 1", "rot13"),
        (b"# coding: no-such-thing\nk = 1", "no-such-thing"),
        (b"# coding: ascii\nx = '\xc3\xa9'", "is not ascii"),
    ],
)
def test_other_encodings_are_refused_with_the_reason(data, reason):
    with pytest.raises(ValueError, match=reason):
        decode(data)


def test_what_people_write_is_not_refused():
    table = "T = [" + ", ".join(f"({n}, {n} + 1)" for n in range(600)) + "]\n"
    assert refuse(table + "'''" + "(" * 900 + "'''\n# " + "(" * 900) == ""
