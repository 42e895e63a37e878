"""From a submission to the facts of its program."""

import ast
import sys
from collections.abc import Mapping

from pgolf_check.program.calls import attribute, call, eval_call, set_attribute
from pgolf_check.program.calls import _unknown_call as unknown_call
from pgolf_check.program.expressions import EXPRESSIONS, binary
from pgolf_check.program.machine import Machine, TooLong, derived
from pgolf_check.program.statements import STATEMENTS, write_element, write_whole
from pgolf_check.program.values import NONE, UNKNOWN, Module, Value, constant
from pgolf_check.submission.facts import Settings, Source

# The run a referee judges: rank 0 of 8.
_LAUNCHED = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "8"}


class Walk(Machine):
    """A machine that knows every construct."""

    def __init__(
        self, settings: Settings, sources: Mapping[str, tuple[Source, ast.Module]]
    ) -> None:
        super().__init__(
            settings, sources, {**EXPRESSIONS, ast.Call: eval_call}, STATEMENTS
        )
        self.fixed_environment: dict[str, str] = dict(_LAUNCHED)
        self.assigned: dict[int, tuple[ast.AST, frozenset[str]]] = {}

    def call(self, callee, args, kwargs, node):
        return call(self, callee, args, kwargs, node)

    def unknown_call(self, callee, args, kwargs, node):
        return unknown_call(self, callee, args, kwargs, node)

    def attribute(self, base, name, node):
        return attribute(self, base, name, node)

    def set_attribute(self, base, name, value, node):
        set_attribute(self, base, name, value, node)

    def write_element(self, base, index, value, node):
        write_element(self, base, index, value, node)

    def write_whole(self, value, labels, node):
        write_whole(self, value, labels, node)

    def binary(self, op, left, right, node):
        return binary(self, op, left, right, node)

    def environment(self, name: Value, default: Value | None) -> Value:
        """The value of an environment variable in the judged run."""
        if not name.known or not isinstance(name.const, str):
            return derived(NONE)
        values = self.settings.values(name.const)
        if len(values) == 1:
            return string(values[0])
        if len(values) > 1:
            return derived(NONE)
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


def string(text: str) -> Value:
    from pgolf_check.program.expressions import path_labels

    return Value(text, path_labels(text), text=text)


def walk(settings: Settings, sources: Mapping[str, tuple[Source, ast.Module]]) -> Walk:
    """Follow a program from its entry, the source under the empty name."""
    machine = Walk(settings, sources)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20_000))
    try:
        machine.load_module("")
    except TooLong:
        machine.trace.unresolved.append(
            machine.trace.unresolved[-1]
            if machine.trace.unresolved
            else None  # type: ignore[arg-type]
        )
    finally:
        sys.setrecursionlimit(limit)
    return machine
