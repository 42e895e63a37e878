"""`pgolf unpack`: the script inside a packed one, found without running it."""

from pathlib import Path
from typing import Annotated

import typer

from pgolf_check.errors import PgolfError


def unpack(
    script: Annotated[Path, typer.Argument(help="The packed script.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write it. Default: stdout.")
    ] = None,
) -> None:
    """Write the innermost layer of a script; what its wrappers lay down is named on stderr."""
    from pgolf_check.commands.written import source_text, write, write_bytes
    from pgolf_check.pack.layers import layers
    from pgolf_check.submission.facts import Problem
    from pgolf_check.worker import Worker

    with Worker() as worker:
        found = worker.run(layers, source_text(script), script.name)
    if isinstance(found, Problem):
        raise PgolfError(found.message, where=str(script))
    core = found.core
    if core.layer == 0:
        typer.echo(f"{script}: holds no other script", err=True)
    else:
        typer.echo(f"{script}: {len(found.wrappers)} layers of {core.codec or 'text'}", err=True)
    for module in found.modules:
        typer.echo(f"it also lays down {module.module or module.path}", err=True)
    if output is None:
        write(core.text, None)
    else:
        write_bytes(core.text.encode(), output)
