"""The script inside a packed script, found without running either."""

import ast
from collections.abc import Callable

from pgolf_check.errors import PgolfError
from pgolf_check.limits import LIMITS
from pgolf_check.submission.codecs import Budget
from pgolf_check.submission.facts import Source, SourceRole
from pgolf_check.submission.parse import Trees
from pgolf_check.submission.unpack import Unpacked, unpack


def layers(
    text: str, name: str, read: Callable[[str], bytes | None] = lambda path: None
) -> Unpacked:
    """Everything that a script holds, layer by layer."""
    source = Source(name, text, SourceRole.ENTRY)
    unpacked = unpack(source, Trees(), "", read, Budget(LIMITS.unpacked_bytes))
    for problem in unpacked.problems:
        raise PgolfError(problem.message, where=f"{name}:{problem.place.line}")
    return unpacked


def innermost(text: str, name: str) -> str:
    """The script inside wrappers that do nothing but unpack and run it."""
    try:
        unpacked = layers(text, name)
    except PgolfError:
        return text  # whatever it executes will be told with its place
    bare = all(_merely_runs(wrapper.text) for wrapper in unpacked.wrappers)
    return unpacked.core.text if bare and not unpacked.modules else text


def _merely_runs(wrapper: str) -> bool:
    """Whether a wrapper has imports, assignments and one call, and leaves nothing behind."""
    try:
        body = ast.parse(wrapper).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    calls = [s for s in body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)]
    rest = [
        s for s in body if not isinstance(s, ast.Import | ast.ImportFrom | ast.Expr | ast.Assign)
    ]
    names = [t for s in body if isinstance(s, ast.Assign) for t in s.targets]
    return len(calls) == 1 and not rest and all(isinstance(name, ast.Name) for name in names)
