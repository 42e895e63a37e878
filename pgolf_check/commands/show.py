"""`pgolf show`: what a submission is, before anybody judges it."""

from typing import Annotated

import typer

from pgolf_check.commands.asked import Base, Ref, Repo, Target, of_submissions


def show(
    target: Target = None,
    repo: Repo = None,
    ref: Ref = None,
    base: Base = None,
    output_format: Annotated[str, typer.Option("--format", help="terminal or json.")] = "terminal",
) -> None:
    """Show what is submitted, where it came from, how it ran and what it claims."""
    import json

    from rich.console import Console

    from pgolf_check.errors import PgolfError
    from pgolf_check.report.show import page
    from pgolf_check.report.show_json import shown

    if output_format not in ("terminal", "json"):
        cure = "Use --format terminal or --format json."
        raise PgolfError("unknown format", where=output_format, cure=cure)
    if output_format == "json":
        found = of_submissions(shown, target, repo, ref, base)
        typer.echo(json.dumps(found, indent=2, allow_nan=False))
        return
    pages = of_submissions(page, target, repo, ref, base)
    console = Console(highlight=False, markup=False, emoji=False)
    console.width = min(console.width, 100)
    for one in pages:
        console.print(one)
