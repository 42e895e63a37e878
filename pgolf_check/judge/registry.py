"""Finds the rules: every module in the subfolders of the sibling package `rules`."""

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from pgolf_check.case import Case
from pgolf_check.errors import PgolfError
from pgolf_check.findings import Finding, Recognised
from pgolf_check.law import Example, Rule

Check = Callable[[Case], Iterator[Finding | Recognised]]

FOLDERS = ("causality", "normalisation", "order", "data", "bytes", "budget", "evidence")
_EXAMPLES = ("ILLEGAL", "LEGAL", "UNDECIDED")


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule as its module states it."""

    rule: Rule
    check: Check
    illegal: tuple[Example, ...]
    legal: tuple[Example, ...]
    undecided: tuple[Example, ...]


@cache
def all_rules() -> tuple[Entry, ...]:
    """Every rule, in the order of the folders and of their names."""
    home = _home()
    return tuple(
        _entry(folder, path.stem)
        for folder in FOLDERS
        for path in sorted((home / folder).glob("*.py"))
        if path.stem != "__init__"
    )


def rule_named(name: str) -> Entry:
    """The rule of that id, whatever the case of its letters."""
    wanted = name.upper().replace("_", "-")
    for entry in all_rules():
        if entry.rule.id == wanted:
            return entry
    close = [entry.rule.id for entry in all_rules() if entry.rule.id[:3] == wanted[:3]]
    cure = f"Did you mean {', '.join(close)}?" if close else "`pgolf rules` lists them all."
    raise PgolfError("there is no such rule", where=name, cure=cure)


def _home() -> Path:
    """The sibling package; one that merely has its name is refused before any of it runs."""
    expected = Path(__file__).resolve().parents[2] / "rules"
    spec = importlib.util.find_spec("rules")
    home = Path(spec.origin).resolve().parent if spec and spec.origin else None
    if home != expected:
        raise PgolfError(
            "another package named `rules` hides the contest's law",
            where=str(home or "rules"),
            cure="Install pgolf in an environment of its own.",
        )
    return expected


def _entry(folder: str, stem: str) -> Entry:
    module = importlib.import_module(f"rules.{folder}.{stem}")
    where = f"rules/{folder}/{stem}.py"
    rule, check = getattr(module, "RULE", None), getattr(module, "check", None)
    if not isinstance(rule, Rule) or not callable(check):
        cure = "rules/README.md shows the form of a rule."
        raise PgolfError("a rule file needs RULE and check", where=where, cure=cure)
    if rule.id.lower().replace("-", "_") != stem:
        raise PgolfError("the file is not named after its rule", where=where)
    illegal, legal, undecided = (_examples(module, where, kind) for kind in _EXAMPLES)
    return Entry(rule, check, illegal, legal, undecided)


def _examples(module: ModuleType, where: str, kind: str) -> tuple[Example, ...]:
    examples = getattr(module, kind, [])
    if not isinstance(examples, list) or not all(isinstance(one, Example) for one in examples):
        raise PgolfError(f"{kind} must be a list of examples", where=where)
    return tuple(examples)
