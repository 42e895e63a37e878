"""`pgolf presets`: what can be trained, counted without training it."""

from typing import Annotated

import typer


def presets(
    output_format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """List the presets: parameters, estimated artifact, FLOPs per token, evaluation, legality."""
    import json

    from rich.console import Console
    from rich.table import Table

    from pgolf_check.errors import PgolfError
    from training.counting import artifact_estimate, flops_per_token, parameters
    from training.presets import load, names

    if output_format not in ("table", "json"):
        raise PgolfError("unknown format", where=output_format, cure="Use table or json.")
    rows = []
    for name in names():
        preset = load(name)
        rows.append(
            {
                "name": name,
                "parameters": parameters(preset.model),
                "artifact_bytes": artifact_estimate(preset),
                "mflops_per_token": flops_per_token(preset.model, preset.data.sequence) / 1e6,
                "evaluation": preset.evaluate.kinds[-1],
                "reported_bpb": preset.reported.val_bpb or None,
                "legality": preset.reported.legality,
            }
        )
    if output_format == "json":
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("preset", "parameters", "est. bytes", "MFLOP/tok", "scored", "bpb"):
        table.add_column(heading, no_wrap=True, justify="left" if heading == "preset" else "right")
    table.add_column("legal")
    for row in rows:
        table.add_row(
            str(row["name"]),
            f"{row['parameters']:,}",
            f"{row['artifact_bytes']:,}",
            f"{row['mflops_per_token']:.1f}",
            str(row["evaluation"]),
            f"{row['reported_bpb']:.4f}" if row["reported_bpb"] else "-",
            str(row["legality"]),
        )
    Console().print(table)
