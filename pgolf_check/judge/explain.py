"""A rule as a page: what it asks for, where it comes from, and examples of both sides."""

import textwrap
from collections.abc import Iterator, Sequence

from pgolf_check.judge.registry import Entry
from pgolf_check.law import Example, Rule
from pgolf_check.page import Block, Section

_MARK = "# <-"
_LINES = 30  # of a file that a page shows


def explain(entry: Entry) -> tuple[Section, ...]:
    """The page of one rule, in the order in which a contestant asks."""
    rule = entry.rule
    sections = [
        Section("What", (Block(rule.statement),)),
        Section("Law and source", (Block(_law(rule)),)),
        _examples("Why: against the rule", entry.illegal),
        _examples("Use instead: within the rule", entry.legal),
        _examples("What is left undecided", entry.undecided),
        Section("Remedy", (Block(rule.remedy),) if rule.remedy else ()),
    ]
    return tuple(section for section in sections if section.blocks)


def _law(rule: Rule) -> str:
    since = f" since {rule.law.since}" if rule.law.since else ""
    return f"{rule.law.status.capitalize()}{since}. {rule.law.source}"


def _examples(heading: str, examples: Sequence[Example]) -> Section:
    blocks: list[Block] = []
    for example in examples:
        blocks += [Block(example.title[:1].upper() + example.title[1:] + ":")]
        blocks += [Block(text, quoted=True) for text in _texts(example)]
    return Section(heading, tuple(blocks))


def _texts(example: Example) -> Iterator[str]:
    """The files of an example; the name of each where there is more than the script."""
    if example.settings:
        yield " ".join(f"{name}={value}" for name, value in example.settings.items())
    files = ({"train_gpt.py": example.code} if example.code else {}) | example.files
    for name, text in files.items():
        shown = _beginning(textwrap.dedent(text).strip("\n"))
        named = name != "train_gpt.py" or len(files) > 1
        lines = [f"{name}:", *(f"  {line}" for line in shown.split("\n"))] if named else [shown]
        yield "\n".join(lines).replace(_MARK, "<-- here" if named else "# <-- here")


def _beginning(text: str) -> str:
    lines = text.split("\n")
    more = len(lines) - _LINES
    return "\n".join([*lines[:_LINES], f"... ({more} more lines)"]) if more > 1 else text
