"""A machine that knows every construct: where the parts of this stage meet."""

import ast
from bisect import bisect_left
from collections.abc import Mapping

from pgolf_check.program.calls import attribute, call, eval_call, set_attribute, unknown_call
from pgolf_check.program.expressions import EXPRESSIONS, binary, path_labels
from pgolf_check.program.machine import Machine, derived
from pgolf_check.program.methods import call_method
from pgolf_check.program.statements import STATEMENTS, write_element, write_whole
from pgolf_check.program.values import NONE, Labels, Module, Value, constant
from pgolf_check.submission.facts import Settings, Source

# The run a referee judges: rank 0 of 8.
LAUNCHED = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "8"}


class Walk(Machine):
    """A machine that knows every construct."""

    def __init__(
        self,
        settings: Settings,
        sources: Mapping[str, tuple[Source, ast.Module]],
        printed: list[str],
    ) -> None:
        super().__init__(settings, sources, {**EXPRESSIONS, ast.Call: eval_call}, STATEMENTS)
        self.fixed_environment = dict(LAUNCHED)
        self.printed = printed

    def call(
        self, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST
    ) -> Value:
        """Call a value."""
        return call(self, callee, args, kwargs, node)

    def unknown_call(
        self, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST
    ) -> Value:
        """Call something that cannot be followed."""
        return unknown_call(self, callee, args, kwargs, node)

    def call_method(self, receiver: Value, name: str, args: list[Value], node: ast.AST) -> Value:
        """Call a method of an object that is not the submission's own."""
        return call_method(self, receiver, name, args, {}, node)

    def attribute(self, base: Value, name: str, node: ast.AST) -> Value:
        """Read an attribute."""
        return attribute(self, base, name, node)

    def set_attribute(self, base: Value, name: str, value: Value, node: ast.AST) -> None:
        """Set an attribute."""
        set_attribute(self, base, name, value, node)

    def write_element(self, base: Value, index: Value, value: Value, node: ast.AST) -> None:
        """Store under an index or key."""
        write_element(self, base, index, value, node)

    def write_whole(self, value: Value, labels: Labels, node: ast.AST) -> None:
        """Change memory in place."""
        write_whole(self, value, labels, node)

    def binary(self, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
        """Combine two values."""
        return binary(self, op, left, right, node)

    def witnessed(self, body: list[ast.stmt]) -> bool:
        """Whether a log shows that a branch ran which the settings say is off."""
        if not self.printed:
            return False
        for statement in body:  # what is printed in any case decides
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                for opening in filter(None, map(_opening, statement.value.args)):
                    return self._logged_only_by(body, opening)
        pending: list[ast.AST] = list(body)
        while pending:
            node = pending.pop()
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
                continue
            if isinstance(node, ast.Call):
                for opening in filter(None, map(_opening, node.args)):
                    if self._logged_only_by(body, opening):
                        return True
            pending.extend(ast.iter_child_nodes(node))
        return False

    def _logged_only_by(self, body: list[ast.stmt], opening: str) -> bool:
        return _any_begins(self.printed, opening) and self._said_only_in(body, opening)

    def _said_only_in(self, body: list[ast.stmt], opening: str) -> bool:
        """Whether no other part of the program prints lines that begin like this."""
        everywhere = sum(source.text.count(opening) for source, _ in self.sources.values())
        own: Source = self.frame.module.source
        lines = own.text.split("\n")[body[0].lineno - 1 : body[-1].end_lineno]
        return "\n".join(lines).count(opening) == everywhere

    def environment(self, name: Value, default: Value | None) -> Value:
        """The value of an environment variable in the judged run."""
        if not name.known or not isinstance(name.const, str):
            return derived(NONE)
        values = self.settings.values(name.const)
        if len(values) == 1:
            return string(_as_given(values[0], default))
        if len(values) > 1:
            named = {path_labels(value) for value in values}
            return derived(named.pop() if len(named) == 1 else NONE)
        fixed = self.fixed_environment.get(name.const)
        if fixed is not None:
            return constant(fixed)
        return default if default is not None else derived(NONE)

    def load_module(self, name: str) -> Module | None:
        """A local module, followed at its first import."""
        known = self.modules.get(name)
        if known is not None:
            return known
        found = self.sources.get(name)
        if found is None:
            return None
        source, tree = found
        module = self.modules[name] = Module(name, source)
        outer, self.frame = self.frame, module.frame
        module.frame.names["__name__"] = constant(name or "__main__")
        module.frame.names["__file__"] = constant(source.path)
        try:
            self.run(tree.body)
        finally:
            self.frame = outer
        return module


def _as_given(logged: str, default: Value | None) -> str:
    """The text behind a logged truth value, where the code reads numbers."""
    numeric = default is not None and default.known and str(default.const) in ("0", "1")
    return {"True": "1", "False": "0"}.get(logged, logged) if numeric else logged


def string(text: str) -> Value:
    """A string, with what it says of data if it is a path."""
    return Value(text, path_labels(text), text=text)


_OPENING = 10  # letters of a printed line that tell it from others


def _opening(node: ast.expr) -> str:
    """How a printed text begins, if it begins with enough literal text."""
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0] if isinstance(node.values[0], ast.Constant) else node
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value.strip()
        if len(text) >= _OPENING:
            return text
    return ""


def _any_begins(lines: list[str], opening: str) -> bool:
    """Whether any of the sorted lines begins with a text."""
    position = bisect_left(lines, opening)
    return position < len(lines) and lines[position].startswith(opening)
