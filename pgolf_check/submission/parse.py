"""From text to `ast`, once for each source, whatever the text."""

import ast
import warnings
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pgolf_check.findings import Place
from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission.facts import Problem, ProblemKind, Source
from pgolf_check.submission.fstrings import parse_modern
from pgolf_check.submission.grammar import older
from pgolf_check.submission.precheck import refuse


def parse(source: Source, limits: Limits = LIMITS) -> ast.Module | Problem:
    """The tree of a Python source, or what kept it from being parsed."""
    if refusal := refuse(source.text, limits):
        return _problem(source, ProblemKind.HOSTILE, refusal, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of invalid escapes, which are the author's business
        try:
            return ast.parse(source.text)
        except SyntaxError as error:
            return _parse_newer(source, error)
        except (ValueError, MemoryError, RecursionError) as error:
            message = str(error) or type(error).__name__
            return _problem(source, ProblemKind.HOSTILE, f"breaks the parser: {message}", 0)


def statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Every statement of a tree, however deep, without a look at expressions."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        for name in _BODIES:
            for child in getattr(node, name, ()):
                if isinstance(child, ast.stmt):
                    yield child
                pending.append(child)


_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


def _parse_newer(source: Source, first: SyntaxError) -> ast.Module | Problem:
    """Lower what is newer than the interpreter, then let the same parser decide."""
    for text in (source.text, older(source.text)):
        try:
            return parse_modern(text)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
    message = f"no Python grammar accepts it: {first.msg}"
    return _problem(source, ProblemKind.UNPARSED, message, first.lineno or 0)


def _problem(source: Source, kind: ProblemKind, message: str, line: int) -> Problem:
    place = source.place(line) if line else Place(source.path, 0, "", source.layer, source.anchor)
    return Problem(kind, message, place)


class Trees:
    """Every tree of one submission, each text parsed once."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._parsed: dict[tuple[str, int], ast.Module | Problem] = {}

    def of(self, source: Source) -> ast.Module | Problem:
        """The tree of a source, parsed now or before."""
        key = (source.path, source.layer)
        if key not in self._parsed:
            self._parsed[key] = parse(source, self._limits)
        return self._parsed[key]

    def modules(self) -> Mapping[tuple[str, int], ast.Module]:
        """What could be parsed, by path and layer."""
        parsed = self._parsed.items()
        return MappingProxyType({key: t for key, t in parsed if isinstance(t, ast.Module)})
