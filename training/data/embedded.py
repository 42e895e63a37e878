"""A corpus that every machine has: the English documentation inside the standard library."""

import ast
import hashlib
import inspect
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

SHORTEST = 400  # characters; less is not a document


def embedded_documents() -> list[str]:
    """One text for each module and each help topic, in an order that only names decide."""
    library = Path(sysconfig.get_paths()["stdlib"])
    found: dict[str, str] = {}
    for path in sorted(library.rglob("*.py")):
        name = path.relative_to(library).as_posix()
        if name.startswith("site-packages/") or "/tests/" in f"/{name}" or "/test/" in f"/{name}":
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, SyntaxError, ValueError):
            continue  # some distributions ship broken samples; they hold no documentation
        if name == "pydoc_data/topics.py":
            found.update({f"topic:{key}": text for key, text in _topics(tree)})
        else:
            found[name] = "\n\n".join(_docstrings(tree))
    texts = {name: text.strip() for name, text in found.items() if len(text) >= SHORTEST}
    order = sorted(texts, key=lambda name: hashlib.sha256(name.encode()).digest())
    return [texts[name] for name in order]


def _docstrings(tree: ast.Module) -> Iterator[str]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, kinds) and (text := ast.get_docstring(node, clean=False)):
            yield inspect.cleandoc(text)


def _topics(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                    yield str(key.value), str(value.value)
