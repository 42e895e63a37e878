"""The same program in fewer bytes, to measure how small its code can get. Never run, only counted.

Names stay as they are. What goes is what no program can notice: comments, blank lines, docstrings
where `__doc__` is not read, indentation beyond one blank, and annotations where nobody reads them.
"""

import ast
import bz2
import lzma
import zlib
from collections.abc import Callable, Sequence

import brotli
import zstandard

from pgolf_check.submission.facts import Source, Submission
from pgolf_check.submission.sizes import Part

_READS_ANNOTATIONS = ("__annotations__", "get_type_hints", "signature(", "getfullargspec")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)


def minimal_code(submission: Submission) -> Part | None:
    """All code of a submission minified and compressed as one, by the codec that does best.

    A packed script is counted by its innermost layer.
    """
    if submission.entry is None:
        return None
    codec, size = smallest([minified(source, submission) for source in _sources(submission)])
    return Part(size, True, f"minified, {codec}")


def compressed_code(submission: Submission) -> Part | None:
    """The same code compressed as it is: a quick upper bound of what minifying makes of it."""
    if submission.entry is None:
        return None
    data = _joined([source.text for source in _sources(submission)])
    return Part(len(zlib.compress(data, 9)), True, "compressed, zlib")


def minified(source: Source, submission: Submission) -> str:
    """A source without what only people read; as it is where that cannot be told apart."""
    tree = submission.trees.get((source.path, source.layer))
    if tree is None:
        return source.text
    try:
        return minify(tree, source.text)
    except (RecursionError, ValueError, MemoryError):
        return source.text  # too deep or too large a literal to be written out again


def minify(tree: ast.Module, text: str) -> str:
    """The text of a stripped copy of the tree."""
    copy = ast.parse(ast.unparse(tree))
    keep_docs = "__doc__" in text
    keep_annotations = any(name in text for name in _READS_ANNOTATIONS)
    for node in ast.walk(copy):
        if isinstance(node, _SCOPES) and not keep_docs:
            _drop_docstring(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not keep_annotations:
            _drop_annotations(node)
    plain = ast.unparse(ast.fix_missing_locations(copy))
    # Only a string in triple quotes can make a line begin with blanks that are no indentation.
    return plain if '"""' in plain or "'''" in plain else _narrowed(plain)


def smallest(texts: Sequence[str]) -> tuple[str, int]:
    """The codec that makes the fewest bytes of some texts, and how many."""
    data = _joined(texts)
    sizes = {codec: len(compress(data)) for codec, compress in _COMPRESS.items()}
    codec = min(sizes, key=sizes.__getitem__)
    return codec, sizes[codec]


def _sources(submission: Submission) -> list[Source]:
    sources = (submission.entry, *submission.modules, *submission.natives)
    return [source for source in sources if source]


def _joined(texts: Sequence[str]) -> bytes:
    return "\0".join(texts).encode("utf-8", "surrogatepass")


def _lzma(data: bytes) -> bytes:
    raw = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]
    return lzma.compress(data, lzma.FORMAT_RAW, filters=raw)


_COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "zlib": lambda data: zlib.compress(data, 9),
    "bz2": lambda data: bz2.compress(data, 9),
    "lzma": _lzma,
    "zstd": lambda data: zstandard.ZstdCompressor(level=19).compress(data),
    "brotli": lambda data: brotli.compress(data, quality=11),
}


def _drop_docstring(node: ast.AST) -> None:
    body: list[ast.stmt] = node.body  # type: ignore[attr-defined]
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        if isinstance(first.value.value, str):
            del body[0]
        if not body and not isinstance(node, ast.Module):
            body.append(ast.Pass())


def _drop_annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Those of a decorated function stay: Triton kernels and custom operators read them."""
    if node.decorator_list:
        return
    node.returns = None
    arguments = node.args
    for argument in (
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        *filter(None, (arguments.vararg, arguments.kwarg)),
    ):
        argument.annotation = None
    node.body = _without_annotations(node.body)


def _without_annotations(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Statements of a function: `x: int = 1` is `x = 1` there."""
    return [
        ast.Assign([statement.target], statement.value)
        if isinstance(statement, ast.AnnAssign) and statement.value
        else statement
        for statement in body
    ]


def _narrowed(text: str) -> str:
    lines = []
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        if bare:
            lines.append(" " * ((len(line) - len(bare)) // 4) + bare)
    return "\n".join(lines)
