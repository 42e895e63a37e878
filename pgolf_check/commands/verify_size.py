"""`pgolf verify-size`: whether a submission fits the cap, and by whose count."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgolf_check.commands.asked import Base, Ref, Repo, Target
from pgolf_check.errors import Exit, PgolfError

if TYPE_CHECKING:
    from pgolf_check.submission.verify import Verified


def verify_size(
    target: Target = None,
    repo: Repo = None,
    ref: Ref = None,
    base: Base = None,
    artifact: Annotated[
        Path | None, typer.Option(help="Measure this model file, for every run.")
    ] = None,
    unpack: Annotated[
        bool, typer.Option("--unpack", help="Unpack model files within bounds, list tensors.")
    ] = False,
    output_format: Annotated[str, typer.Option("--format", help="terminal or json.")] = "terminal",
) -> None:
    """Count code and model in three ways and compare them with the cap.

    Exit code: 0 within by every count, 1 over by every count, 2 cannot read, 3 cannot decide.
    """
    import json

    from pgolf_check.commands.written import write
    from pgolf_check.editions import editions
    from pgolf_check.report.size import size_page
    from pgolf_check.report.size_json import size_document
    from pgolf_check.submission.verify import Standing, standing

    if output_format not in ("terminal", "json"):
        cure = "Use --format terminal or --format json."
        raise PgolfError("unknown format", where=output_format, cure=cure)
    edition = editions()[-1]
    cap = edition.size_cap_bytes
    found = _verified(target, repo, ref, base, artifact, unpack)
    if output_format == "json":
        documents = (size_document(one, cap, edition.name) for one in found)
        write("".join(json.dumps(one, allow_nan=False) + "\n" for one in documents), None)
    else:
        write([size_page(one, cap, edition.name) for one in found], None)
    standings = {standing(one, cap) for one in found}
    if Standing.OVER in standings:
        raise typer.Exit(Exit.VIOLATION)
    raise typer.Exit(Exit.HOLD if Standing.UNDECIDED in standings else Exit.CLEAN)


def _verified(
    target: Path | None,
    repo: Path | None,
    ref: str | None,
    base: str | None,
    artifact: Path | None,
    unpack: bool,
) -> "list[Verified]":
    """What was asked for, counted in a worker: model files are as hostile as code."""
    from pgolf_check.submission.facts import Problem
    from pgolf_check.submission.verify import verify_folder, verify_ref
    from pgolf_check.worker import Worker

    if (repo is None) != (ref is None):
        raise PgolfError("--repo and --ref go together", cure="Give both, or a folder alone.")
    with Worker() as worker:
        if repo is not None and ref is not None:
            found = worker.run(verify_ref, repo, ref, base, artifact, unpack)
        elif target is not None:
            found = worker.run(verify_folder, target, artifact, unpack)
        else:
            raise PgolfError("nothing to count", cure="Name a folder, or --repo and --ref.")
    if isinstance(found, Problem):
        raise PgolfError(found.message, where=ref or str(target))
    wanted = target.as_posix().rstrip("/") if repo and target else ""
    named = [one for one in found if wanted in ("", one.target.folder)]
    named = named or [one for one in found if Path(one.target.folder).name == wanted]
    if not named:
        folders = ", ".join(one.target.folder for one in found) or "none"
        raise PgolfError(f"no such folder in {ref}", where=wanted, cure=f"It adds: {folders}")
    return named
