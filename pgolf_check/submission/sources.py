"""The program of a submission: its entry script and all the code that script reaches."""

import ast
import posixpath
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from pgolf_check.findings import Place
from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission.codecs import Budget
from pgolf_check.submission.facts import Problem, ProblemKind, Source, SourceRole
from pgolf_check.submission.parse import Trees, statements
from pgolf_check.submission.precheck import decode
from pgolf_check.submission.tree import Tree, UnreadableFileError
from pgolf_check.submission.unpack import Unpacked, unpack

NATIVE = (".c", ".cc", ".cpp", ".cu", ".cuh", ".h", ".rs")
_SHELL = (".sh", ".bash")
_STUB = 300  # characters; nobody trains a model in fewer
_ASIDE = re.compile(r"human|readable|test|smoke|debug|profile|bench|prepare|download|setup|build")
_STARTS_SCRIPTS = re.compile(r"\b(?:subprocess|os\.system|os\.exec\w+|Popen|torchrun|runpy)\b")


@dataclass(slots=True)
class Program:
    """What was found; `wrappers` are the layers around a packed entry, outermost first."""

    entry: Source | None = None
    wrappers: tuple[Source, ...] = ()
    modules: list[Source] = field(default_factory=list[Source])
    natives: list[Source] = field(default_factory=list[Source])
    problems: list[Problem] = field(default_factory=list[Problem])


def discover(tree: Tree, trees: Trees, limits: Limits = LIMITS) -> Program:
    """Find the entry script and follow it to everything it reaches."""
    search = _Search(tree, trees, limits)
    search.find_entry()
    search.follow_modules()
    search.find_natives()
    search.note_unparsed()
    return search.program


def entry_candidates(tree: Tree) -> list[str]:
    """Python files, the likeliest entry script first."""
    return sorted((path for path in tree.entries if path.endswith(".py")), key=_likelihood)


def _likelihood(path: str) -> tuple[bool, int, int, str]:
    name = PurePosixPath(path).name.lower()
    depth = path.count("/")
    if name == "train_gpt.py":
        rank = 0
    elif _ASIDE.search(name):
        rank = 5
    elif name.startswith("train"):
        rank = 1
    elif "train" in name:
        rank = 2
    elif name in ("submission.py", "main.py", "run.py"):
        rank = 3
    else:
        rank = 4
    return depth > 0 and rank > 2, depth if rank <= 2 else rank, rank, path


class _Search:
    def __init__(self, tree: Tree, trees: Trees, limits: Limits) -> None:
        self.program = Program()
        self._tree = tree
        self._trees = trees
        self._limits = limits
        self._budget = Budget(limits.unpacked_bytes)
        self._left = limits.all_source_bytes
        self._loaded: set[str] = set()
        self._folders = {
            str(folder) for path in tree.entries for folder in PurePosixPath(path).parents
        }
        self._import_from: list[str] = []  # folders that scripts put on sys.path
        self._queue: deque[tuple[str, str]] = deque()  # path, the name it is imported by

    def find_entry(self) -> None:
        """Take the first candidate that is code, or that starts a file which is."""
        candidates = entry_candidates(self._tree)
        stub: Source | None = None
        for path in candidates:
            source = self._load(path, SourceRole.ENTRY)
            if source is None:
                continue
            unpacked = self._unpack(source)
            core, wrappers = self._start(unpacked)
            works = len(core.text) >= _STUB or any(self._reached_from(core))
            if works or unpacked.problems:
                self.program.entry, self.program.wrappers = core, wrappers
                return
            stub = stub or core
        self.program.entry = stub if stub and stub.text.strip() else None
        if self.program.entry is None:
            message = "holds no Python script that could be the entry"
            self._report(ProblemKind.NO_ENTRY, message, Place(""))

    def _start(self, unpacked: Unpacked) -> tuple[Source, tuple[Source, ...]]:
        """The code at the end of a line of launchers."""
        wrappers = unpacked.wrappers
        core = unpacked.core
        for _ in range(self._limits.layers):
            if not unpacked.follows:
                break
            followed = self._load(unpacked.follows, SourceRole.ENTRY)
            if followed is None:
                break
            wrappers += (core,)
            unpacked = self._unpack(followed)
            wrappers += unpacked.wrappers
            core = unpacked.core
        return core, wrappers

    def follow_modules(self) -> None:
        """Breadth first through everything the entry imports or starts."""
        if self.program.entry is None:
            return
        pending = deque([*self.program.wrappers, self.program.entry, *self.program.modules])
        while pending:
            source = pending.popleft()
            self._queue.extend(self._reached_from(source))
            while self._queue:
                path, name = self._queue.popleft()
                module = self._load(path, SourceRole.MODULE)
                if module is None:
                    continue
                before = len(self.program.modules)
                unpacked = self._unpack(replace(module, module=name))
                self.program.modules.append(unpacked.core)
                pending.extend([*unpacked.wrappers, *self.program.modules[before:]])

    def find_natives(self) -> None:
        """Native sources that some script mentions by file name or by stem."""
        texts = [s.text for s in self._python()]
        texts += [text for path in self._tree.entries if (text := self._shell(path))]
        for path in self._tree.entries:
            name = PurePosixPath(path)
            if name.suffix in NATIVE and any(
                re.search(rf"\b{re.escape(name.stem)}\b", text) for text in texts
            ):
                source = self._load(path, SourceRole.NATIVE)
                if source:
                    self.program.natives.append(source)

    def note_unparsed(self) -> None:
        """Every Python source that no parser accepts is a problem of the submission."""
        for source in self._python():
            tree = self._trees.of(source)
            if isinstance(tree, Problem) and tree not in self.program.problems:
                self.program.problems.append(tree)

    def _python(self) -> Iterator[Source]:
        yield from self.program.wrappers
        if self.program.entry:
            yield self.program.entry
        yield from self.program.modules

    def _shell(self, path: str) -> str:
        if not path.endswith(_SHELL):
            return ""
        try:
            return self._tree.read(path, self._limits.source_bytes).decode("utf-8", "replace")
        except UnreadableFileError:
            return ""

    def _load(self, path: str, role: SourceRole) -> Source | None:
        """A source by its path, once; problems on the way are kept."""
        if path.startswith("/"):  # beside the submission: told by the way from its folder
            path = posixpath.relpath(path, self._tree.root)
        path = posixpath.normpath(path)
        if path in self._loaded:
            return None
        self._loaded.add(path)
        try:
            data = self._bytes(path)
        except UnreadableFileError as error:
            self.program.problems.append(error.problem)
            return None
        self._left -= len(data)
        if self._left < 0:
            message = f"more than {self._limits.all_source_bytes} bytes of source; not read"
            self._report(ProblemKind.HOSTILE, message, Place(path))
            return None
        try:
            return Source(path, decode(data), role)
        except ValueError as error:
            self._report(ProblemKind.UNPARSED, str(error), Place(path))
            return None

    def _bytes(self, path: str) -> bytes:
        limit = self._limits.source_bytes
        if path.startswith(("/", "../")):
            elsewhere = posixpath.normpath(posixpath.join(self._tree.root, path))
            data = self._tree.beside(elsewhere, limit)
            if data is not None:
                return data
        return self._tree.read(path, limit)

    def _unpack(self, source: Source) -> Unpacked:
        unpacked = unpack(
            source, self._trees, self._tree.root, self._sibling, self._budget, self._limits
        )
        self.program.problems += unpacked.problems
        for part in unpacked.modules:
            native = part.role is SourceRole.NATIVE
            (self.program.natives if native else self.program.modules).append(part)
        self._queue.extend((path, "") for path in unpacked.also if path != unpacked.follows)
        return unpacked

    def _sibling(self, path: str) -> bytes | None:
        """A file that a wrapper reads."""
        try:
            return self._bytes(path)
        except UnreadableFileError:
            return None

    def _reached_from(self, source: Source) -> Iterator[tuple[str, str]]:
        tree = self._trees.of(source)
        if isinstance(tree, Problem):
            return
        if "sys.path" in source.text:
            self._note_import_folders(tree, source.path)
        starts = bool(_STARTS_SCRIPTS.search(source.text))
        # Every node costs as much as the rest of reading a script; imports are statements.
        for node in ast.walk(tree) if starts else statements(tree):
            match node:
                case ast.Import():
                    for alias in node.names:
                        yield from self._imported(source.path, alias.name)
                case ast.ImportFrom():
                    yield from self._imported_from(source, node)
                case ast.Constant(value=str(text)) if starts and text.endswith(".py"):
                    path = posixpath.normpath(posixpath.join(posixpath.dirname(source.path), text))
                    if path in self._tree.entries:
                        yield path, ""
                case _:
                    pass

    def _note_import_folders(self, tree: ast.Module, importer: str) -> None:
        """Any folder that such a script names may be where it imports from."""
        for node in ast.walk(tree):
            match node:
                case ast.Constant(value=str(text)) if text.strip("./"):
                    folder = posixpath.normpath(
                        posixpath.join(posixpath.dirname(importer), text.strip("/"))
                    )
                    if folder in self._folders and folder not in self._import_from:
                        self._import_from.append(folder)
                case _:
                    pass

    def _imported_from(self, importer: Source, node: ast.ImportFrom) -> Iterator[tuple[str, str]]:
        prefix = node.module or ""
        if node.level:
            package = importer.module.split(".") if importer.module else []
            up = node.level - importer.path.endswith("__init__.py")
            package = package[: max(len(package) - up, 0)]
            prefix = ".".join([*package, *([prefix] if prefix else [])])
        if prefix:
            yield from self._imported(importer.path, prefix)
        for alias in node.names:
            if alias.name != "*":
                yield from self._imported(importer.path, f"{prefix}.{alias.name}".lstrip("."))

    def _imported(self, importer: str, name: str) -> Iterator[tuple[str, str]]:
        """The local files behind a dotted name: the module and the packages around it."""
        here = posixpath.dirname(importer)
        parts = name.split(".")
        for base in dict.fromkeys([here, "", *self._import_from]):
            found = False
            for length in range(1, len(parts) + 1):
                stem = posixpath.join(base, *parts[:length])
                for path in (f"{stem}.py", f"{stem}/__init__.py"):
                    if path in self._tree.entries and path != importer:
                        found = True
                        yield path, ".".join(parts[:length])
            if found:
                return

    def _report(self, kind: ProblemKind, message: str, place: Place) -> None:
        self.program.problems.append(Problem(kind, message, place))
