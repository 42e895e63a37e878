"""`pgolf seeds`: the runs behind a claim of significance, one after another."""

from pathlib import Path
from typing import Annotated

import typer

from pgolf_check.errors import PgolfError


def seeds(
    command: Annotated[
        list[str] | None,
        typer.Argument(
            help="A training script and its arguments; with --preset, arguments of pgolf train.",
            metavar="[SCRIPT] [-- ARGUMENT...]",
        ),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="Train this preset instead; `pgolf presets` lists them.")
    ] = None,
    wanted: Annotated[str, typer.Option("--seeds", help="Which seeds, by commas.")] = "42,0,1234",
    out: Annotated[
        Path | None, typer.Option(help="Folder of the logs. Default: runs/NAME.")
    ] = None,
    launcher: Annotated[
        str, typer.Option(help="What starts a run, say `torchrun --nproc_per_node=8`.")
    ] = "",
    against: Annotated[
        str | None, typer.Option(help="Compare with this row or folder. Default: the frontier.")
    ] = None,
) -> None:
    """Run a script (with SEED set) or a preset once for each seed, then print the statistics.

    Runs that have finished are not repeated. Exit code: that of pgolf stats.
    """
    import shlex
    import subprocess
    import sys

    from pgolf_check.commands.runs import Series, finish

    try:
        numbers = list(dict.fromkeys(int(part) for part in wanted.split(",")))
    except ValueError:
        raise PgolfError("not a list of seeds", where=wanted, cure="Say 42,0,1234.") from None
    arguments = command or []
    if (preset is None) == (not arguments or arguments[0].startswith("-")):
        raise PgolfError("nothing to run", cure="Name a script, or a preset with --preset.")
    name = preset or Path(arguments[0]).stem
    series = Series(preset, arguments, out or Path("runs") / name, shlex.split(launcher))
    for number in numbers:
        finish(series, number)
    here = [sys.executable, "-P", "-m", "pgolf_check"]
    options = ["--against", against] if against else []
    raise typer.Exit(
        subprocess.run([*here, "stats", str(series.folder), *options], check=False).returncode
    )
