"""Finds the rules: every module in the subfolders of the sibling package `rules`."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import rules
from pgolf_check.case import Case
from pgolf_check.errors import PgolfError
from pgolf_check.findings import Finding, Recognised
from pgolf_check.law import Example, Rule

Check = Callable[[Case], Iterator[Finding | Recognised]]

FOLDERS = ("causality", "normalisation", "order", "data", "bytes", "budget", "evidence")


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
    home = Path(rules.__file__ or "").resolve().parent
    if home.parent != Path(__file__).resolve().parents[2]:
        raise PgolfError(
            "another package named `rules` hides the contest's law",
            where=str(home),
            cure="Install pgolf in an environment of its own.",
        )
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


def _entry(folder: str, stem: str) -> Entry:
    module = importlib.import_module(f"rules.{folder}.{stem}")
    rule: Rule = module.RULE
    if rule.id.lower().replace("-", "_") != stem:
        raise PgolfError("the file is not named after its rule", where=f"rules/{folder}/{stem}.py")
    return Entry(
        rule,
        module.check,
        tuple(getattr(module, "ILLEGAL", ())),
        tuple(getattr(module, "LEGAL", ())),
        tuple(getattr(module, "UNDECIDED", ())),
    )
