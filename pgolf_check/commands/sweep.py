"""`pgolf sweep`: many pull requests at once, one JSON line for each folder."""

from pathlib import Path
from typing import Annotated

import typer


def sweep(
    repo: Annotated[
        Path, typer.Option(help="Git directory that holds the heads.", show_default=False)
    ],
    refs: Annotated[
        Path | None,
        typer.Option(help="One ref, commit id or pull-request number a line. Default: all heads."),
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="The default branch. Default: the repository's HEAD.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes that read. Default: one for each core.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Append to this file; what it holds is not redone."),
    ] = None,
    output_format: Annotated[
        str, typer.Option("--format", help="jsonl is the only one.")
    ] = "jsonl",
) -> None:
    """Read many pull requests straight from the object store and print a line for each folder."""
    import json
    import os
    import sys
    from contextlib import nullcontext

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from pgolf_check.errors import PgolfError
    from pgolf_check.fleet.auditing import audit_document
    from pgolf_check.fleet.lines import finished, listed
    from pgolf_check.fleet.sweep import sweep as run

    if output_format != "jsonl":
        raise PgolfError("unknown format", where=output_format, cure="Use --format jsonl.")
    done = finished(output) if output else frozenset()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with (
        output.open("a", encoding="utf-8") if output else nullcontext(sys.stdout) as sink,
        Progress(*columns, console=console, disable=not console.is_terminal) as progress,
    ):
        task = progress.add_task("folders", total=None)
        workers = jobs or os.cpu_count() or 1
        for line in run(repo, listed(refs) if refs else None, base, audit_document, workers, done):
            sink.write(json.dumps(line, allow_nan=False) + "\n")
            sink.flush()
            progress.advance(task)
