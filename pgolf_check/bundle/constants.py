"""A preset written into the classes that describe one: their defaults become its values."""

import ast
import dataclasses
from collections.abc import Iterator
from typing import Any

from pgolf_check.bundle.edits import Edit, apply
from pgolf_check.errors import PgolfError

# What the contest lets the environment decide. Everything else is settled by the preset.
ENVIRONMENT = {
    "schedule.steps": "ITERATIONS",
    "schedule.seconds": "MAX_WALLCLOCK_SECONDS",
    "schedule.warmup_steps": "WARMUP_STEPS",
    "schedule.warmdown_steps": "WARMDOWN_ITERS",
    "schedule.log_every": "TRAIN_LOG_EVERY",
    "schedule.validate_every": "VAL_LOSS_EVERY",
    "data.batch_tokens": "TRAIN_BATCH_TOKENS",
    "data.sequence": "TRAIN_SEQ_LEN",
    "evaluate.sequence": "EVAL_SEQ_LEN",
    "model.vocab": "VOCAB_SIZE",
    "optimiser.matrix_lr": "MATRIX_LR",
    "optimiser.scalar_lr": "SCALAR_LR",
}
_WIDTH = 100


def settle(text: str, preset: Any) -> str:
    """Write every value of a preset into the dataclass field it belongs to."""
    classes = {n.name: n for n in ast.parse(text).body if isinstance(n, ast.ClassDef)}
    edits: list[Edit] = []
    for section in dataclasses.fields(preset):
        value = getattr(preset, section.name)
        if not dataclasses.is_dataclass(value):
            continue
        body = classes[type(value).__name__].body
        fields = {
            item.target.id: item
            for item in body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        }
        for field in dataclasses.fields(value):
            statement = fields.get(field.name)
            if statement is None or statement.value is None:
                raise PgolfError(f"{section.name}.{field.name} has no default to replace")
            shown = _default(f"{section.name}.{field.name}", getattr(value, field.name))
            if ast.unparse(ast.parse(shown)) != ast.unparse(statement.value):
                edits.append(_replaced(text, statement.value, shown))
    return apply(text, edits)


def _default(path: str, value: object) -> str:
    variable = ENVIRONMENT.get(path)
    if variable is None:
        return _literal(value)
    return f'{type(value).__name__}(os.environ.get("{variable}", "{value}"))'


def _literal(value: object) -> str:
    if isinstance(value, tuple):
        inner = ", ".join(map(_literal, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return f"{type(value).__name__}({', '.join(_arguments(value))})"
    if isinstance(value, str):
        return '"' + repr(value)[1:-1].replace('"', '\\"') + '"'
    return repr(value)


def _arguments(value: Any) -> Iterator[str]:
    named = False
    for field in dataclasses.fields(value):
        content = getattr(value, field.name)
        if field.default is not dataclasses.MISSING and content == field.default:
            named = True  # what is left out must not be counted as a position
            continue
        yield f"{field.name}={_literal(content)}" if named else _literal(content)


def _replaced(text: str, node: ast.expr, new: str) -> Edit:
    """The default, with its comment moved above it where the line would become too long."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    line = text.split("\n")[node.end_lineno - 1]
    before, after = line[: node.col_offset], line[node.end_col_offset :]
    start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    if node.lineno == node.end_lineno and len(before + new + after) > _WIDTH and "#" in after:
        indent = before[: len(before) - len(before.lstrip())]
        new = f"{indent}{after.strip()}\n{before}{new}"
        return Edit((node.lineno, 0), (node.end_lineno, len(line.encode())), new)
    return Edit(start, end, new)
