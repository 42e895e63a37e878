"""Pages about the law itself: one rule, or the list of all. Their text is the project's own."""

import textwrap
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pgolf_check.law import Rule
from pgolf_check.page import Section

_PAGE = "`pgolf explain {}` prints this page."


def rule_markdown(rule: Rule, sections: Sequence[Section]) -> str:
    """A rule as a Markdown page."""
    parts = [f"# {rule.id}: {rule.title}", f"Question: {rule.axis}. {_PAGE.format(rule.id)}"]
    for section in sections:
        parts.append(f"## {section.heading}")
        parts += [
            f"```text\n{block.text}\n```" if block.quoted else block.text
            for block in section.blocks
        ]
    return "\n\n".join(parts) + "\n"


def rule_terminal(rule: Rule, sections: Sequence[Section]) -> RenderableType:
    """A rule as a page of 80 columns."""
    parts: list[RenderableType] = [Text(f"{rule.id}  {rule.title}", style="bold")]
    parts.append(Text(f"decides {rule.axis}", style="dim"))
    for section in sections:
        parts += [Text(""), Text(section.heading, style="bold")]
        for block in section.blocks:
            if block.quoted:
                body = textwrap.indent(block.text, "| ", lambda _: True)
                parts += [Padding(Text(body, style="cyan"), (0, 0, 1, 4))]
            else:
                parts += [Padding(Text(block.text), (0, 0, 0, 2))]
    return Group(*parts)


def rule_list(rules: Sequence[Rule]) -> RenderableType:
    """Every rule with the standing of its law."""
    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    table.add_column("rule", no_wrap=True)
    table.add_column("decides", no_wrap=True)
    table.add_column("law", no_wrap=True)
    table.add_column("what is asked", overflow="fold")
    for rule in rules:
        table.add_row(rule.id, rule.axis.value, rule.law.status.value, rule.title)
    return table
