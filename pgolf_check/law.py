"""What a rule of the contest is: its statement, its standing, its examples."""

from dataclasses import dataclass, field
from datetime import date

from pgolf_check.findings import Axis, Evidence, Finding, LawStatus, Place, Recognised, Status


@dataclass(frozen=True, slots=True)
class Law:
    """Where a rule comes from. `source` names rulings a reader can look up."""

    status: LawStatus
    source: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as an organizer would state it."""

    id: str
    title: str
    axis: Axis
    law: Law
    statement: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A small submission that a rule judges.

    `code` is the script; `before` and `after` are the parts of it that every example of a kind
    shares and nobody needs to read twice. A line that ends in `# <-` must be part of the evidence
    shown. `files` adds logs or modules, `settings` environment values of the run.
    """

    title: str
    code: str
    files: dict[str, str] = field(default_factory=dict[str, str])
    settings: dict[str, str] = field(default_factory=dict[str, str])
    before: str = ""
    after: str = ""
    outside: tuple[str, ...] = ()  # what the pull request touches elsewhere


def found(rule: Rule, message: str, evidence: tuple[Evidence, ...]) -> Finding:
    """A mechanism found for certain: a violation where the law is settled, else a hold."""
    settled = rule.law.status in (LawStatus.RULED, LawStatus.NORM)
    status = Status.VIOLATION if settled else Status.HOLD
    return _finding(rule, status, message, evidence)


def hold(rule: Rule, message: str, evidence: tuple[Evidence, ...] = ()) -> Finding:
    """Something that could not be resolved; `message` names it."""
    return _finding(rule, Status.HOLD, message, evidence)


def note(rule: Rule, message: str, evidence: tuple[Evidence, ...] = ()) -> Finding:
    """Worth saying, but no reason to refuse."""
    return _finding(rule, Status.NOTE, message, evidence)


def recognised(rule: Rule, message: str, evidence: tuple[Evidence, ...] = ()) -> Recognised:
    """A legal mechanism, seen and understood."""
    return Recognised(rule.id, message, evidence)


def at(place: Place, role: str = "") -> Evidence:
    """Shorthand for a piece of evidence."""
    return Evidence(place, role)


def _finding(rule: Rule, status: Status, message: str, evidence: tuple[Evidence, ...]) -> Finding:
    return Finding(rule.id, rule.axis, status, rule.law.status, message, evidence, rule.remedy)
