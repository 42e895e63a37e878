"""`pgolf explain`: one rule, with its law and its examples."""

from typing import Annotated

import typer


def explain(
    rule: Annotated[str, typer.Argument(help="The rule's id, such as TTT-CHUNK.")],
    output_format: Annotated[
        str, typer.Option("--format", help="terminal or markdown.")
    ] = "terminal",
) -> None:
    """Explain a rule: what it asks, who says so, what breaks it and what does not."""
    from pgolf_check.commands.written import write
    from pgolf_check.errors import PgolfError
    from pgolf_check.judge.explain import explain as sections_of
    from pgolf_check.judge.registry import rule_named
    from pgolf_check.report.rule_pages import rule_markdown, rule_terminal

    if output_format not in ("terminal", "markdown"):
        cure = "Use --format terminal or --format markdown."
        raise PgolfError("unknown format", where=output_format, cure=cure)
    entry = rule_named(rule)
    sections = sections_of(entry)
    if output_format == "markdown":
        write(rule_markdown(entry.rule, sections), None)
    else:
        write([rule_terminal(entry.rule, sections)], None)
