"""A program in fewer bytes, step by step. What cannot be proved the same is not done."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pgolf_check.minify.fold import fold
from pgolf_check.minify.layout import compact
from pgolf_check.minify.proof import is_renaming
from pgolf_check.minify.rename import rename
from pgolf_check.minify.strip import strip


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, and the text after it."""

    name: str
    text: str


def minify(tree: ast.Module, text: str) -> str:
    """The smallest text of a program, of which `text` is the source and `tree` the tree.

    ValueError where the tree cannot be written out so that it is read back the same.
    """
    return list(steps(tree, text))[-1].text


def steps(tree: ast.Module, text: str) -> Iterator[Step]:
    """The text after each step; the last is the smallest."""
    plain = ast.unparse(tree)
    yield Step("comments and blanks", plain)
    copy = ast.parse(plain)
    if ast.dump(copy) != ast.dump(ast.parse(ast.unparse(copy))):
        raise ValueError("the program cannot be written out")
    strip(copy, text)
    yield Step("docstrings, annotations, imports", ast.unparse(ast.fix_missing_locations(copy)))
    fold(copy)
    yield Step("constants", ast.unparse(ast.fix_missing_locations(copy)))
    before = ast.unparse(copy)
    rename(copy)
    if not is_renaming(ast.parse(before), ast.parse(ast.unparse(copy))):
        raise ValueError("the names of its variables cannot be told apart")
    yield Step("names of locals", ast.unparse(copy))
    small = compact(copy)
    if ast.dump(ast.parse(small)) != ast.dump(ast.parse(ast.unparse(copy))):
        raise ValueError("the program cannot be laid out more tightly")
    yield Step("layout", small)
