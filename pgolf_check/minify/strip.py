"""What only people read: docstrings, annotations, statements that do nothing."""

import ast

from pgolf_check.minify.decorators import is_plain, last_name
from pgolf_check.minify.scopes import parameters

# Where these words occur, somebody may read what would be taken away.
_READS_ANNOTATIONS = (
    *("__annotations__", "get_type_hints", "signature(", "getfullargspec"),
    *("get_annotations", "jit.script"),
)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
# Classes below one of these are made without a look at their annotations.
_INDIFFERENT = {"object", "Module", "Optimizer", "Function", "Dataset", "IterableDataset"}
_INDIFFERENT |= {"Linear", "Embedding", "Parameter", "Sampler", "Exception", "RuntimeError"}


def strip(tree: ast.Module, text: str) -> None:
    """Take it away in place; `text` is the source, in which readers of it would be named."""
    keep_docs = "__doc__" in text
    keep_annotations = any(name in text for name in _READS_ANNOTATIONS)
    for node in ast.walk(tree):
        if isinstance(node, _SCOPES) and not keep_docs:
            _drop_docstring(node)
    if not keep_annotations:
        _Annotations().visit(tree)
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                _drop_idle(node, name, body)
    _join_imports(tree)


def _drop_docstring(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module,
) -> None:
    match node.body:
        case [ast.Expr(value=ast.Constant(value=str())), *_]:
            del node.body[0]
            if not node.body and not isinstance(node, ast.Module):
                node.body.append(ast.Pass())
        case _:
            pass


class _Annotations(ast.NodeTransformer):
    """Those of functions with other decorators stay: kernels and custom operators read them."""

    def __init__(self) -> None:
        self._drops = True  # for variables of the scope at hand
        self._in_function = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        outer = self._drops
        plain = not node.decorator_list and not node.keywords
        self._drops = plain and all(last_name(base) in _INDIFFERENT for base in node.bases)
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        self._drops = outer
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        if not self._drops:
            return node
        if node.value is not None:
            return ast.copy_location(ast.Assign([node.target], node.value), node)
        return node if isinstance(node.target, ast.Name) and self._in_function else None

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        outer, self._drops = self._drops, is_plain(node)
        inside, self._in_function = self._in_function, True
        if self._drops:
            node.returns = None
            for argument in parameters(node.args):
                argument.annotation = None
        self.generic_visit(node)
        self._drops, self._in_function = outer, inside
        return node


def _drop_idle(node: ast.AST, name: str, body: list[ast.stmt]) -> None:
    """`pass` beside other statements, and constants that stand alone."""
    kept = [s for s in body if not isinstance(s, ast.Pass) and not _is_constant(s)]
    if len(kept) == len(body) and body:
        return
    first = body[:1] if isinstance(node, _SCOPES) and body and _is_text(body[0]) else []
    kept = [*first, *kept]  # a docstring that was kept because somebody reads it
    alone = name == "finalbody" and not getattr(node, "handlers", [])
    if not kept and (alone or (name == "body" and not isinstance(node, ast.Module))):
        kept = [ast.Pass()]
    body[:] = kept


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_text(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case _:
            return False


def _join_imports(tree: ast.Module) -> None:
    """`import a` and `import b` in a row are `import a, b`."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        joined: list[ast.stmt] = []
        for statement in body:
            last = joined[-1] if joined else None
            match last, statement:
                case ast.Import(), ast.Import():
                    last.names += statement.names
                case ast.ImportFrom(), ast.ImportFrom() if (last.module, last.level) == (
                    statement.module,
                    statement.level,
                ) and not any(alias.name == "*" for alias in last.names + statement.names):
                    last.names += statement.names
                case _:
                    joined.append(statement)
        body[:] = joined
