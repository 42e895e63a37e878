"""What a packed script could not do as before: told with its place, and not packed.

A packed script runs from a text that lies in no file. Its own file can still be read and measured,
and is then the packed one, which is what counts. What looks into running code cannot be kept true.
"""

import ast
from dataclasses import dataclass

from pgolf_check.minify.decorators import last_name
from pgolf_check.minify.scopes import Scopes

_BUILTINS = {
    "exec": "runs code that may name local variables",
    "eval": "evaluates code that may name local variables",
    "globals": "lists the names of the module",
    "locals": "lists local variables by name",
    "compile": "compiles code that may name local variables",
}
_ALONE = {"vars": "lists local variables by name", "dir": "lists names"}
_FOREIGN = {
    "sys._getframe": "looks into a running frame",
    "torch.jit.script": "compiles from source, which would lie in no file",
    "torch.jit.interface": "compiles from source, which would lie in no file",
    "linecache.getline": "reads source lines",
    "linecache.getlines": "reads source lines",
    "importlib.reload": "runs the file again",
}
_INSPECT = "looks into running code"
_SOURCE_READERS = {"jit": "triton compiles from source, which would lie in no file"}
_CODE = {"__code__", "co_varnames", "co_name", "co_filename", "f_locals", "f_back", "tb_lineno"}
_ATTRIBUTES = dict.fromkeys(_CODE, "looks into compiled code")
_NO_PATH = {"stat", "read_bytes", "getsize", "exists", "parent", "parents", "dirname", "name"}
_NO_PATH |= {"basename", "stem", "read_text"}  # what these give is not the path of the script
_PARSES_ITSELF = {"ast.parse", "tokenize.generate_tokens", "tokenize.tokenize", "runpy.run_path"}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a script is not packed, and where it says so."""

    line: int
    text: str
    message: str


def reasons(tree: ast.Module, text: str) -> list[Reason]:
    """Everything in a script that would behave otherwise if it were packed."""
    scopes = Scopes(tree)
    imports = _imports(tree)
    lines = text.split("\n")
    found: list[Reason] = []

    def report(node: ast.AST, message: str) -> None:
        line = getattr(node, "lineno", 0)
        shown = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        found.append(Reason(line, shown, message))

    reads_itself = any(isinstance(n, ast.Name) and n.id == "__file__" for n in ast.walk(tree))
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if not scopes.of[node].bound:
                if name in _BUILTINS:
                    report(node, _BUILTINS[name])
            case ast.Call(func=ast.Name(id=name), args=[]) if name in _ALONE:
                report(node, _ALONE[name])
            case ast.Attribute(attr=attr):
                dotted = _dotted(node, imports)
                if dotted.startswith("inspect."):
                    report(node, _INSPECT)
                elif dotted in _FOREIGN:
                    report(node, _FOREIGN[dotted])
                elif attr in _ATTRIBUTES:
                    report(node, _ATTRIBUTES[attr])
                elif reads_itself and dotted in _PARSES_ITSELF:
                    report(node, "takes source apart, perhaps its own")
            case ast.ImportFrom(module="inspect"):
                report(node, _INSPECT)
            case ast.ImportFrom(module=str(module)):
                for alias in node.names:
                    if f"{module}.{alias.name}" in _FOREIGN:
                        report(node, _FOREIGN[f"{module}.{alias.name}"])
            case ast.FunctionDef(decorator_list=[_, *_]):
                for decorator in node.decorator_list:
                    name = last_name(decorator)
                    if name in _SOURCE_READERS and _is_foreign_jit(decorator, imports):
                        report(decorator, _SOURCE_READERS[name])
            case _:
                pass
    return found


def reads_itself_as_text(tree: ast.Module) -> bool:
    """Whether a script may decode its own file, which must then be plain text."""
    names = {"__file__"}
    defined = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    grown = True
    while grown:
        grown = False
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if not _is_own_path(node.value, names):
                    continue
                for target in targets:
                    if not isinstance(target, ast.Name):
                        return True  # kept where it is hard to follow
                    grown |= target.id not in names
                    names.add(target.id)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="read_text" | "open")):
                if _is_own_path(owner, names) or _any_own(node.args, names):
                    return True
            case ast.Call(func=ast.Name(id=name)) if name == "open" or name in defined:
                if _any_own([*node.args, *(k.value for k in node.keywords)], names):
                    return True
            case _:
                pass
    return False


def _any_own(nodes: list[ast.expr], names: set[str]) -> bool:
    return any(_is_own_path(node, names) for node in nodes)


def _is_own_path(node: ast.AST, names: set[str]) -> bool:
    """Whether an expression may be the path of the script itself."""
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Name) and part.id in names:
            return True
        if isinstance(part, ast.Attribute) and part.attr in ("argv", "orig_argv"):
            return True
        if isinstance(part, ast.Attribute) and part.attr in _NO_PATH:
            continue
        if isinstance(part, ast.Call) and last_name(part) in _NO_PATH:
            continue
        pending += ast.iter_child_nodes(part)
    return False


def _imports(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                found[bound] = alias.name if alias.asname else bound
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _dotted(node: ast.expr, imports: dict[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "__import__" and node.args:
        first = node.args[0]
        base = first.value if isinstance(first, ast.Constant) else ""
        return ".".join([str(base), *reversed(parts)])
    if not isinstance(node, ast.Name) or node.id not in imports:
        return ""
    return ".".join([imports[node.id], *reversed(parts)])


def _is_foreign_jit(decorator: ast.expr, imports: dict[str, str]) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    dotted = _dotted(called, imports)
    return dotted.startswith("triton") or dotted == ""
