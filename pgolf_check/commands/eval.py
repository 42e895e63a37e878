"""`pgolf eval`: score the model file of a folder again, in a new process."""

from pathlib import Path
from typing import Annotated

import typer


def eval_(
    folder: Annotated[Path, typer.Argument(help="A folder that `pgolf train` made.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder of shards. Default: the embedded corpus.")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda. Default: what is there.")] = "",
) -> None:
    """Score the packed model again; exit 1 if the folder claims another number."""
    import json

    from pgolf_check.commands.workbench import data_folder, joined, library
    from pgolf_check.errors import Exit, PgolfError

    with library():
        from training.data.dataset import open_dataset
        from training.presets import read
        from training.run.artifact import MODEL_FILE
        from training.run.clock import Clock
        from training.run.train import evaluate

        preset = read(folder / "preset.toml", folder.name)
        try:
            manifest = json.loads((folder / "submission.json").read_text(encoding="utf-8"))
            claimed = float(manifest["val_bpb"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PgolfError("submission.json has no val_bpb", where=str(folder)) from error
        with joined(device) as ranks:
            shards = data_folder(data, ranks, lambda text: typer.echo(text, err=True))
            dataset = open_dataset(shards, preset.model.vocab, preset.evaluate.sequence)
            clock = Clock(ranks.device)
            for kind in preset.evaluate.kinds:
                label, score, seconds = evaluate(
                    kind, folder / MODEL_FILE, dataset, preset, ranks, clock
                )
                if ranks.first:
                    typer.echo(
                        f"{label} val_loss:{score.loss:.8f} val_bpb:{score.bpb:.8f} "
                        f"eval_time:{1000 * seconds:.0f}ms"
                    )
    if abs(score.bpb - claimed) > 5e-7:
        typer.echo(f"submission.json claims {claimed}", err=True)
        raise typer.Exit(Exit.VIOLATION)
