"""Gates that mix each position with the one before it, found by their shape.

A network is not entered when a program is followed, and this is a question about its inside: in a
stream of many documents the first token of one must not take in the last token of another.
"""

import ast
from collections.abc import Iterable, Iterator

from pgolf_check.findings import Place
from pgolf_check.submission.facts import Settings, Source

_PACKED = "cu_seqlens"  # the argument by which attention over packed documents knows their ends
_OFF = frozenset({"0", "false", "off", "no", ""})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def unmasked_smears(
    sources: Iterable[tuple[Source, ast.Module]], settings: Settings
) -> tuple[Place, ...]:
    """Where positions are mixed across the documents of a packed stream."""
    pairs = tuple(sources)
    if not any(_PACKED in source.text for source, _ in pairs):
        return ()
    return tuple(
        source.place(line)
        for source, tree in pairs
        for function in _functions(tree)
        if not _compares_tokens(function)
        for line, tests in _mixes(function)
        if not any(_is_off(test, settings) for test in tests)
    )


def _functions(tree: ast.Module) -> Iterator[_Function]:
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, _Function):
                yield child
            if isinstance(child, _Function | ast.ClassDef | ast.If):
                pending.append(child)


def _mixes(function: _Function) -> Iterator[tuple[int, list[ast.expr]]]:
    """Lines that add a part of the position before, with the tests they stand under."""
    pending: list[tuple[ast.AST, list[ast.expr]]] = [(part, []) for part in function.body]
    while pending:
        node, tests = pending.pop()
        if isinstance(node, _Function | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _is_mix(node):
            yield node.lineno, tests
        if isinstance(node, ast.If):
            pending += [(part, [*tests, node.test]) for part in node.body]
            pending += [(part, tests) for part in node.orelse]
        else:
            pending += [(child, tests) for child in ast.iter_child_nodes(node)]


def _is_mix(node: ast.BinOp) -> bool:
    """`x[:, 1:] + gate * x[:, :-1]`, in either order."""
    for kept, added in ((node.left, node.right), (node.right, node.left)):
        if not isinstance(added, ast.BinOp) or not isinstance(added.op, ast.Mult):
            continue
        base = _cut(kept, later=True)
        if base and base in (_cut(added.left, later=False), _cut(added.right, later=False)):
            return True
    return False


def _cut(node: ast.expr, *, later: bool) -> str:
    """The name of what is cut to `[..., 1:]` (later) or `[..., :-1]`."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
        return ""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for part in parts:
        if isinstance(part, ast.Slice) and _is_cut(part, later=later):
            return node.value.id
    return ""


def _is_cut(part: ast.Slice, *, later: bool) -> bool:
    if later:
        return part.upper is None and isinstance(part.lower, ast.Constant) and part.lower.value == 1
    upper = part.upper
    return (
        part.lower is None
        and isinstance(upper, ast.UnaryOp)
        and isinstance(upper.op, ast.USub)
        and isinstance(upper.operand, ast.Constant)
        and upper.operand.value == 1
    )


def _compares_tokens(function: _Function) -> bool:
    """Whether a mask is made by comparing something with one value, such as a document start."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            return True
        for field, child in ast.iter_fields(node):
            if field == "test":
                continue  # decides what runs, not what is mixed
            pending += [c for c in (child if isinstance(child, list) else [child]) if _is_node(c)]
    return False


def _is_node(child: object) -> bool:
    return isinstance(child, ast.AST)


def _is_off(test: ast.expr, settings: Settings) -> bool:
    """Whether a test asks for a switch that the run had off."""
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    for known in (name, name.upper()):
        values = settings.values(known)
        if values and all(value.strip().lower() in _OFF for value in values):
            return True
    return False
