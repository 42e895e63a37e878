"""Functions, classes, constants and imports that nothing mentions any more."""

import ast
from collections.abc import Iterator

from pgolf_check.bundle.decisions import Decisions, spot
from pgolf_check.bundle.program import Function
from pgolf_check.minify.scopes import Binding, Scopes

Definition = ast.FunctionDef | ast.ClassDef


def drop_definitions(tree: ast.Module, reached: set[Function], decisions: Decisions) -> bool:
    """Cut what is unused from the tree; whether anything was, and another turn may find more."""
    scopes = Scopes(tree)
    changed = False
    idle = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node not in reached
        for inner in ast.walk(node)
    }
    for holder, body in list(_bodies(tree)):
        kept = []
        for statement in body:
            if _unused(statement, holder, scopes, reached, idle):
                decisions.removed.add(spot(statement))
                changed = True
            else:
                kept.append(statement)
        body[:] = kept or ([] if isinstance(holder, ast.Module) else [ast.Pass()])
    return changed


def _bodies(tree: ast.Module) -> Iterator[tuple[ast.AST, list[ast.stmt]]]:
    yield tree, tree.body
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node, node.body


def _unused(
    statement: ast.stmt,
    holder: ast.AST,
    scopes: Scopes,
    reached: set[Function],
    idle: set[ast.AST],
) -> bool:
    if isinstance(holder, ast.ClassDef):
        protocol = any(ast.unparse(base) == "Protocol" for base in holder.bases)
        return isinstance(statement, ast.FunctionDef) and statement not in reached and not protocol
    if isinstance(statement, Definition):
        inside = idle.union(ast.walk(statement))
        binding = scopes.of[statement]
        return not any(_reads(place) and place not in inside for place in binding.places)
    if isinstance(holder, ast.Module) and isinstance(statement, ast.Assign | ast.AnnAssign):
        bound = [scopes.of[n] for n in ast.walk(statement) if _stored(n)]
        return bool(bound) and not any(map(_is_read, bound))
    if isinstance(statement, ast.Import | ast.ImportFrom):
        # An import under a private name that nobody uses is there for what it sets in motion.
        effect = any((alias.asname or "").startswith("_") for alias in statement.names)
        return not effect and not any(_is_read(scopes.of[alias]) for alias in statement.names)
    return False


def _is_read(binding: Binding) -> bool:
    return any(map(_reads, binding.places))


def _reads(place: ast.AST) -> bool:
    return isinstance(place, ast.Name) and isinstance(place.ctx, ast.Load)


def _stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
