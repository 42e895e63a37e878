"""`pgolf pack`: a script in the fewest bytes that still do the same."""

from pathlib import Path
from typing import Annotated

import typer

from pgolf_check.errors import Exit, PgolfError


def pack(
    script: Annotated[Path, typer.Argument(help="The script to shrink.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the packed one.")],
    readable: Annotated[
        bool, typer.Option("--readable", help="Keep the source beside it, as NAME.readable.py.")
    ] = False,
) -> None:
    """Minify a script, wrap it in the best codec, and print the bytes after each step.

    Exit code: 0 packed, 1 refused because packing would change what it does, 2 cannot be read.
    """
    from pgolf_check.commands.written import source_text, write_bytes
    from pgolf_check.pack.pack import Packed
    from pgolf_check.pack.pack import pack as packed_of
    from pgolf_check.report.escape import visible
    from pgolf_check.submission.facts import Problem
    from pgolf_check.worker import Worker

    with Worker() as worker:
        packed = worker.run(packed_of, source_text(script), script.name)
    if isinstance(packed, Problem):
        raise PgolfError(packed.message, where=str(script))
    if not isinstance(packed, Packed):
        for reason in packed:
            typer.echo(f"{script}:{reason.line}: {reason.message}")
            typer.echo(f"  | {visible(reason.text)}")
        raise typer.Exit(Exit.VIOLATION)
    write_bytes(packed.data, output)
    if readable:
        write_bytes(packed.source.encode(), output.with_suffix(".readable.py"))
    before = packed.steps[0][1]
    for name, size in packed.steps:
        typer.echo(f"{name:34}{size:>10,}{size / before:>8.1%}")
