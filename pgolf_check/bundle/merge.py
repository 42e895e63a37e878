"""All modules that an entry reaches, in one text: imports inside the package gone, names unique."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pgolf_check.bundle.edits import Edit, apply, located
from pgolf_check.errors import PgolfError
from pgolf_check.minify.scopes import Scopes


@dataclass(slots=True)
class Module:
    """One module of the package, parsed."""

    name: str
    text: str
    tree: ast.Module
    scopes: Scopes
    own: set[str] = field(default_factory=set[str])  # what it defines at its top level
    links: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    imports: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    @property
    def stem(self) -> str:
        """The last part of its name."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Merged:
    """The one text, and which of its names had to be changed."""

    text: str
    renamed: Mapping[str, str]  # the name in the text -> the name its author gave


def merge(sources: Mapping[str, str], entry: str) -> Merged:
    """Join the modules that `entry` imports, each before those that need it."""
    modules = _Reader(sources).read(entry)
    unique = _unique(modules)
    parts = [_rewritten(module, modules, unique) for module in modules.values()]
    head = _import_lines(modules.values())
    renamed = {new: name for (_, name), new in unique.items() if new != name}
    return Merged(head + "\n\n" + "\n\n".join(parts), renamed)


class _Reader:
    """Follows imports depth first."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._package = next(iter(sources)).partition(".")[0]
        self._read: dict[str, Module] = {}
        self._open: list[str] = []

    def read(self, entry: str) -> dict[str, Module]:
        self._visit(entry)
        return self._read

    def _visit(self, name: str) -> None:
        if name in self._read:
            return
        if name in self._open:
            raise PgolfError("imports itself in a circle", where=name)
        self._open.append(name)
        text = self._sources[name]
        tree = ast.parse(text)
        module = Module(name, text, tree, Scopes(tree))
        for statement in ast.walk(tree):
            if isinstance(statement, ast.ImportFrom | ast.Import):
                self._link(module, statement)
        bound = module.scopes.root.names.values()
        imported = {**module.links, **module.imports}
        module.own = {b.name for b in bound if b.bound and b.name not in imported}
        self._open.pop()
        self._read[name] = module

    def _link(self, module: Module, statement: ast.ImportFrom | ast.Import) -> None:
        top = statement in module.tree.body
        if isinstance(statement, ast.ImportFrom) and self._inside(statement.module or ""):
            for alias in statement.names:
                inner = f"{statement.module}.{alias.name}"
                home, symbol = (
                    (inner, "") if inner in self._sources else (statement.module or "", alias.name)
                )
                self._visit(home)
                module.links[alias.asname or alias.name] = (home, symbol)
        elif top and isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                module.imports[alias.asname or alias.name] = (statement.module or "", alias.name)
        elif top:
            if any(self._inside(alias.name) for alias in statement.names):
                where = f"{module.name}:{statement.lineno}"
                raise PgolfError("imports a module by its whole path", where=where)
            for alias in statement.names:
                bound = alias.asname or alias.name.partition(".")[0]
                module.imports[bound] = (alias.name if alias.asname else bound, "")

    def _inside(self, name: str) -> bool:
        return name == self._package or name.startswith(f"{self._package}.")


def _unique(modules: Mapping[str, Module]) -> dict[tuple[str, str], str]:
    """A name of its own for everything defined at the top of a module."""
    owners: dict[str, set[str]] = {}
    for module in modules.values():
        for name in module.own:
            owners.setdefault(name, set()).add(module.name)
        for name, target in module.imports.items():
            owners.setdefault(name, set()).add(".".join(target))
    taken = set(owners)
    unique: dict[tuple[str, str], str] = {}
    for module in modules.values():
        for name in sorted(module.own):
            chosen = name
            if len(owners[name]) > 1:
                chosen = _prefixed(name, module.stem)
                while chosen in taken:
                    chosen += "_"
                taken.add(chosen)
            unique[module.name, name] = chosen
    return unique


def _prefixed(name: str, stem: str) -> str:
    bare = name.lstrip("_")
    lead = name[: len(name) - len(bare)]
    stem = stem.strip("_")
    if bare.isupper():
        return f"{lead}{stem.upper()}_{bare}"
    if bare[:1].isupper():
        return f"{lead}{stem.title().replace('_', '')}{bare}"
    return f"{lead}{stem}_{bare}"


def _import_lines(modules: Iterable[Module]) -> str:
    """Every import of the outside world, once each."""
    lines: dict[str, None] = {}
    meaning: dict[str, tuple[str, str]] = {}
    for module in modules:
        for name, (home, symbol) in module.imports.items():
            if meaning.setdefault(name, (home, symbol)) != (home, symbol):
                raise PgolfError(f"imports another thing as {name}", where=module.name)
            if symbol:
                shown = symbol if symbol == name else f"{symbol} as {name}"
                lines[f"from {home} import {shown}"] = None
            else:
                lines[f"import {home}" if home == name else f"import {home} as {name}"] = None
    return "\n".join(lines) + "\n"


def _rewritten(
    module: Module, modules: Mapping[str, Module], unique: Mapping[tuple[str, str], str]
) -> str:
    """A module's text under the unique names, without its imports of the package."""
    body = module.tree.body
    edits = [Edit.remove(node) for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    package = module.name.partition(".")[0]
    for node in ast.walk(module.tree):
        match node:
            case ast.ImportFrom(module=str(home)) if node not in body:
                if home.partition(".")[0] == package:
                    where = f"{module.name}:{node.lineno}"
                    raise PgolfError("imports the package inside a function", where=where)
            case _:
                pass
    names: dict[str, str] = {name: unique[module.name, name] for name in module.own}
    for name, (home, symbol) in module.links.items():
        if symbol:
            names[name] = _resolved(home, symbol, modules, unique)
    root = module.scopes.root
    for name, new in names.items():
        binding = root.names.get(name)
        if binding is None or new == name:
            continue
        places = [place for place in binding.places if not isinstance(place, ast.alias)]
        edits += [located(module.text, place, name, new) for place in places]
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(value=ast.Name(id=base) as value, attr=attr) if module.links.get(
                base, ("", "x")
            )[1] == "" and module.scopes.of[value] is root.names.get(base):
                new = _resolved(module.links[base][0], attr, modules, unique)
                edits.append(Edit(*_range(node), new))
            case _:
                pass
    for node, old in _annotations(module.tree):
        text = re.sub(r"\b[A-Za-z_]\w*\b", lambda m: names.get(m[0], m[0]), old)
        if text != old:
            edits.append(Edit(*_range(node), f'"{text}"'))
    docstring = ast.get_docstring(module.tree)
    if docstring is not None:
        edits.append(Edit.remove(module.tree.body[0]))
    return apply(module.text, edits).strip("\n") + "\n"


def _resolved(
    home: str,
    symbol: str,
    modules: Mapping[str, Module],
    unique: Mapping[tuple[str, str], str],
) -> str:
    """The unique name of something, through modules that only pass it on."""
    while symbol in modules[home].links:
        home, symbol = modules[home].links[symbol]
    if symbol in modules[home].imports:
        return symbol
    try:
        return unique[home, symbol]
    except KeyError:
        raise PgolfError(f"has no {symbol}", where=home) from None


def _range(node: ast.expr) -> tuple[tuple[int, int], tuple[int, int]]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _annotations(tree: ast.Module) -> Iterator[tuple[ast.Constant, str]]:
    """Annotations that are written as strings."""
    for node in ast.walk(tree):
        found: list[ast.expr | None] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        for annotation in filter(None, found):
            for part in ast.walk(annotation):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part, part.value
