"""Packed scripts, taken apart layer by layer without executing anything.

A wrapper is kept beside the code it wraps: it may set the environment of the run.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission.codecs import Budget
from pgolf_check.submission.facts import Problem, ProblemKind, Source, SourceRole
from pgolf_check.submission.parse import Trees
from pgolf_check.submission.precheck import decode
from pgolf_check.submission.static import Executed, Trace, watch

_LAUNCHER = 4_000  # characters of code; a longer script does work of its own
_NATIVE = (".c", ".cc", ".cpp", ".cu", ".cuh", ".h", ".rs")
_MAKES_CODE = re.compile(
    r"\bexec\b|\brun_path\b|\bspec_from_file_location\b|\bSourceFileLoader\b|builtins"
)
_DYNAMIC = re.compile(rf"{_MAKES_CODE.pattern}|__import__|\bimport_module\b|\bdecompress")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The code at the core of a source, and all that was around it."""

    core: Source
    wrappers: tuple[Source, ...] = ()  # outermost first
    modules: tuple[Source, ...] = ()
    follows: str = ""  # the sibling file that the core merely starts
    also: tuple[str, ...] = ()  # sibling files that it runs besides its own code
    problems: tuple[Problem, ...] = ()


def unpack(
    source: Source,
    trees: Trees,
    root: str,
    read: Callable[[str], bytes | None],
    budget: Budget,
    limits: Limits = LIMITS,
) -> Unpacked:
    """Peel the layers off a source until code is left that runs by itself."""
    peeling = _Peeling(source, trees, root, read, budget)
    for _ in range(limits.layers):
        if not peeling.step():
            return peeling.result()
    message = f"packed in more than {limits.layers} layers"
    peeling.report(ProblemKind.HOSTILE, peeling.core, 0, message)
    return peeling.result()


class _Peeling:
    def __init__(
        self,
        source: Source,
        trees: Trees,
        root: str,
        read: Callable[[str], bytes | None],
        budget: Budget,
    ) -> None:
        self.core = source
        self._trees = trees
        self._root = root
        self._read = read
        self._budget = budget
        self._layer = 0
        self._wrappers: list[Source] = []
        self._modules: list[Source] = []
        self._problems: list[Problem] = []
        self._follows = ""
        self._also: list[str] = []

    def result(self) -> Unpacked:
        return Unpacked(
            self.core,
            tuple(self._wrappers),
            tuple(self._modules),
            self._follows,
            tuple(self._also),
            tuple(self._problems),
        )

    def report(self, kind: ProblemKind, source: Source, line: int, message: str) -> None:
        self._problems.append(Problem(kind, message, source.place(line)))

    def step(self) -> bool:
        """Take one layer off; False when there is none."""
        source = self.core
        if not _DYNAMIC.search(source.text):
            return False
        tree = self._trees.of(source)
        if isinstance(tree, Problem):
            return False  # whoever asks for the core's tree gets to see the problem
        trace = watch(tree, self._root, source.path, self._read, self._budget)
        self._complain(source, tree, trace)
        made = [item for item in trace.executed if item.text]
        named = [item for item in trace.executed if item.path]
        kernel = max(made, key=lambda item: len(item.text), default=None)
        own = _code_size(tree, source.text) if trace.executed else 0
        if kernel and len(kernel.text) > own:
            self._wrappers.append(source)
            self._written(source, trace, kernel)
            self.core = self._layered(source, kernel)
            return True
        for item in made:
            self._modules.append(replace(self._layered(source, item), role=SourceRole.MODULE))
        if named and own < _LAUNCHER:
            self._follows = named[0].path
        self._also += [item.path for item in named]
        self._written(source, trace, None)
        return False

    def _complain(self, source: Source, tree: ast.Module, trace: Trace) -> None:
        for line, message in trace.bombs:
            self.report(ProblemKind.HOSTILE, source, line, message)
        for line, message in trace.opaque:
            self.report(ProblemKind.UNPACKED, source, line, message)
        if not _MAKES_CODE.search(source.text):
            return
        if trace.stopped:
            self.report(ProblemKind.UNPACKED, source, 0, "is too long to follow")
        seen = {line for line, _ in trace.opaque} | trace.lines
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="exec")) if node.lineno not in seen:
                    message = "executes code that only a run would show"
                    self.report(ProblemKind.UNPACKED, source, node.lineno, message)

    def _layered(self, source: Source, item: Executed) -> Source:
        self._layer += 1
        anchor = source.anchor or item.line
        text = _normal(item.text)
        return replace(source, text=text, layer=self._layer, anchor=anchor, codec=item.codec)

    def _written(self, source: Source, trace: Trace, core: Executed | None) -> None:
        """Files that a wrapper lays down before it runs: modules and native code."""
        for path, data in trace.written.items():
            name = PurePosixPath(path)
            try:
                text = decode(data)
            except ValueError:
                continue
            if (core and text == core.text) or name.suffix not in (".py", *_NATIVE):
                continue
            role = SourceRole.MODULE if name.suffix == ".py" else SourceRole.NATIVE
            line = trace.written_at
            layered = self._layered(source, Executed(line, text))
            self._modules.append(replace(layered, role=role, module=name.stem))


def _normal(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _code_size(tree: ast.Module, text: str) -> int:
    """How long a script is without its constants and what stands between them."""
    return len(text) - sum(_extent(n) for n in ast.walk(tree) if isinstance(n, ast.Constant))


def _extent(node: ast.Constant) -> int:
    if node.lineno == node.end_lineno and node.end_col_offset is not None:
        return node.end_col_offset - node.col_offset + 2  # and ", "
    return len(node.value) if isinstance(node.value, str | bytes) else 0
