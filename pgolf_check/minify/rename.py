"""Shorter names for what lives inside functions, where nobody else can know the old ones."""

import ast
from collections import Counter
from collections.abc import Iterator
from itertools import product
from string import ascii_letters

from pgolf_check.minify.decorators import is_plain, last_name
from pgolf_check.minify.scopes import Binding, Scope, Scopes, put

# Whoever calls one of these can see the names of local variables.
_LOOKS = {"locals", "exec", "eval", "globals"}
_LOOKS |= {"sys._getframe", "inspect.currentframe", "inspect.stack"}
# Methods of a class with foreign parents whose callers are all in the script.
_CALLED_HERE = {"__init__", "forward"}


def rename(tree: ast.Module) -> None:
    """Rename locals in place; the same old name becomes the same new one wherever it can."""
    if any(_looks(node) for node in ast.walk(tree) if isinstance(node, ast.Call)):
        return
    scopes = Scopes(tree)
    chosen = {b for b in _candidates(tree, scopes) if len(b.name) > 1}
    uses = Counter[str]()
    for binding in chosen:
        uses[binding.name] += len(binding.places)
    final: dict[Binding, str] = {}
    for scope in _outside_in(scopes.root):
        taken = _seen_from(scope, final, chosen)
        mine = [b for b in scope.names.values() if b in chosen]
        for binding in sorted(mine, key=lambda b: (-uses[b.name], b.name)):
            wanted = _favourite(binding.name)
            new = wanted if wanted not in taken else next(n for n in _short() if n not in taken)
            if len(new) >= len(binding.name) and binding.name not in taken:
                new = binding.name
            final[binding] = new
            taken.add(new)
    for binding, new in final.items():
        for place in binding.places:
            put(place, binding.name, new)


def _candidates(tree: ast.Module, scopes: Scopes) -> Iterator[Binding]:
    passed = {k.arg for n in ast.walk(tree) if isinstance(n, ast.Call) for k in n.keywords}
    texts = {
        n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
    spread = any(_spreads(node) for node in ast.walk(tree))
    owners = _owners(tree)
    for scope in scopes.root.walk():
        if not scope.is_function:
            continue
        for binding in scope.names.values():
            if not binding.bound or binding.scope is not scope or binding.name.startswith("__"):
                continue
            kinds = [place for place in binding.places if not isinstance(place, ast.Name)]
            arguments = [place for place in kinds if isinstance(place, ast.arg)]
            if any(not isinstance(p, ast.arg | ast.ExceptHandler | ast.Nonlocal) for p in kinds):
                continue
            if not arguments:
                yield binding
                continue
            known = binding.name in passed or binding.name in texts or spread
            first = _is_first(scope, binding, owners)
            ours = not known and _is_ours(scope.node, owners)
            if first or ours or _is_rest(scope, binding):
                yield binding


def _looks(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    return name in _LOOKS or (name in ("vars", "dir") and not call.args)


def _is_rest(scope: Scope, binding: Binding) -> bool:
    """Whether this is `*rest` or `**named`, whose own name no caller can use."""
    arguments = getattr(scope.node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return False
    rest = filter(None, (arguments.vararg, arguments.kwarg))
    return any(argument.arg == binding.name for argument in rest)


def _is_first(scope: Scope, binding: Binding, owners: dict[ast.AST, ast.ClassDef]) -> bool:
    """Whether this is what a method calls `self`."""
    node = scope.node
    if node not in owners or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    positional = [*node.args.posonlyargs, *node.args.args]
    static = any(last_name(decorator) == "staticmethod" for decorator in node.decorator_list)
    return bool(positional) and positional[0].arg == binding.name and not static


def _is_ours(node: ast.AST, owners: dict[ast.AST, ast.ClassDef]) -> bool:
    """Whether all calls of a function are in the script, or pass what they pass by position."""
    if isinstance(node, ast.Lambda):
        return True
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    if not is_plain(node):
        return False
    owner = owners.get(node)
    if owner is None:
        return True
    if not owner.bases and not owner.keywords:
        return True
    private = node.name.startswith("_") and not node.name.startswith("__")
    return node.name in _CALLED_HERE or private


def _owners(tree: ast.Module) -> dict[ast.AST, ast.ClassDef]:
    return {
        item: node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _spreads(node: ast.AST) -> bool:
    """Whether a call passes names that stand in no text: `f(**something)`."""
    if not isinstance(node, ast.Call):
        return False
    return any(k.arg is None and not isinstance(k.value, ast.Dict) for k in node.keywords)


def _favourite(name: str) -> str:
    """One new name for each old one: its initial, so that like code stays alike."""
    bare = name.strip("_")[:1]
    return bare if bare in ascii_letters and bare else "a"


def _outside_in(root: Scope) -> Iterator[Scope]:
    pending = [root]
    while pending:
        scope = pending.pop()
        yield scope
        pending += reversed(scope.children)


def _seen_from(scope: Scope, final: dict[Binding, str], chosen: set[Binding]) -> set[str]:
    """Names that a scope and those inside it need for something else."""
    inside = set(scope.walk())
    taken: set[str] = set()
    for inner in inside:
        for binding in inner.mentioned:
            if binding.scope not in inside or binding not in chosen:
                taken.add(final.get(binding, binding.name))
    return taken


def _short() -> Iterator[str]:
    for length in (1, 2):
        for letters in product(ascii_letters, repeat=length):
            word = "".join(letters)
            if word not in ("as", "if", "in", "is", "or"):
                yield word
