"""`pgolf train`: from shards to a submission folder, then what the referee says of it."""

from pathlib import Path
from typing import Annotated

import typer

from pgolf_check.commands.launch import Machines, slurm, torchrun
from pgolf_check.errors import PgolfError

RUNS = "runs/track_non_record_16mb"  # the contest names tracks by folders, and the audit reads them


def train(
    preset: Annotated[str, typer.Option(help="Which system; `pgolf presets` lists them.")] = "demo",
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights and shuffling.")] = 1337,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="section.key=value on top of the preset; may be repeated."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of shards. Default: the embedded corpus.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help=f"The folder to make. Default: {RUNS}/PRESET-seedSEED.")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda. Default: what is there.")] = "",
    resume: Annotated[bool, typer.Option(help="Go on from the last checkpoint.")] = False,
    author: Annotated[str, typer.Option(help="Your name, for submission.json.")] = "",
    github_id: Annotated[str, typer.Option(help="Your GitHub login, for submission.json.")] = "",
    launcher: Annotated[
        str, typer.Option(help="torchrun starts --processes here; slurm prints a batch script.")
    ] = "",
    processes: Annotated[int, typer.Option(min=1, help="For the launcher: on each machine.")] = 8,
    nodes: Annotated[int, typer.Option(min=1, help="For the launcher: machines.")] = 1,
) -> None:
    """Train a preset, pack it, score what was packed, and leave a complete submission folder."""
    import subprocess
    import sys

    from pgolf_check.bundle.bundle import bundle
    from pgolf_check.bundle.library import ENTRY, library_sources
    from pgolf_check.commands.workbench import data_folder, display, joined, library

    target = out or Path(RUNS) / f"{preset}-seed{seed}"
    if launcher:
        plain = ["train", f"--preset={preset}", f"--seed={seed}", f"--out={target}"]
        plain += [f"--set={setting}" for setting in settings or ()]
        plain += [f"--data={data}"] if data else []
        plain += [f"--device={device}"] if device else []
        plain += ["--resume"] if resume else []
        plain += [f"--author={author}", f"--github-id={github_id}"]
        raise typer.Exit(_launched(launcher, Machines(processes, nodes), plain))
    with library():
        from training.presets import load
        from training.run.folder import Author
        from training.run.train import train as run

        chosen = load(preset, settings or ())
        with joined(device) as ranks, display(chosen, ranks) as (say, show):
            folder = data_folder(data, ranks, say)
            script = bundle(library_sources(), ENTRY, chosen) if ranks.first else ""
            run(
                chosen,
                folder,
                target,
                code={"train_gpt.py": script.encode()},
                seed=seed,
                ranks=ranks,
                author=Author(author, github_id),
                resume=resume,
                say=say,
                show=show,
            )
            first = ranks.first
    if not first:
        return
    if not (author and github_id):
        typer.echo(f"{target}/submission.json: name author and github_id in it", err=True)
    for command in ("audit", "verify-size", "stats"):
        typer.echo(f"\n$ pgolf {command} {target}")
        subprocess.run([sys.executable, "-m", "pgolf_check", command, str(target)], check=False)


def _launched(launcher: str, machines: Machines, arguments: list[str]) -> int:
    """Start all ranks here and wait, or print the job; the exit code."""
    import subprocess

    if launcher == "slurm":
        typer.echo(slurm(machines, arguments), nl=False)
        return 0
    if launcher == "torchrun":
        return subprocess.run(torchrun(machines, arguments), check=False).returncode
    raise PgolfError(f"unknown launcher {launcher!r}", cure="Use torchrun or slurm.")
