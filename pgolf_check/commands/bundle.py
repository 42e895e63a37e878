"""`pgolf bundle`: one preset of the training library as one self-contained script."""

from pathlib import Path
from typing import Annotated

import typer


def bundle(
    preset: Annotated[str, typer.Option(help="Which system; `pgolf presets` lists them.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write into.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="section.key=value on top of the preset; may be repeated."),
    ] = None,
) -> None:
    """Write train_gpt.py: what the preset reaches of the library, and nothing else."""
    from pgolf_check.bundle.bundle import bundle as made
    from pgolf_check.bundle.library import ENTRY, library_sources
    from pgolf_check.commands.written import write
    from pgolf_check.errors import PgolfError
    from training.errors import TrainingError
    from training.presets import load

    try:
        text = made(library_sources(), ENTRY, load(preset, settings or ()))
        output.mkdir(parents=True, exist_ok=True)
    except TrainingError as error:
        raise PgolfError(str(error)) from error
    except OSError as error:
        raise PgolfError(f"cannot be made ({error.strerror})", where=str(output)) from error
    write(text, output / "train_gpt.py")
    typer.echo(f"{output / 'train_gpt.py'}: {len(text.encode()):,} bytes", err=True)
