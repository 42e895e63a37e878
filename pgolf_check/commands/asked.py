"""What the commands that look at one submission have in common: the target on the command line."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pgolf_check.errors import PgolfError

if TYPE_CHECKING:
    from pgolf_check.submission.facts import Submission

Target = Annotated[
    Path | None,
    typer.Argument(help="Folder of the submission; with --repo, one folder of the commit."),
]
Repo = Annotated[Path | None, typer.Option(help="Git directory to read a commit from.")]
Ref = Annotated[
    str | None, typer.Option(help="Pull-request number, ref or commit in the git directory.")
]
Base = Annotated[
    str | None, typer.Option(help="The default branch. Default: the repository's HEAD.")
]


def of_submissions(
    describe: "Callable[[Submission], Any]",
    target: Path | None,
    repo: Path | None,
    ref: str | None,
    base: str | None,
) -> list[Any]:
    """What is to be said of each submission that the command line names, found in a worker."""
    from pgolf_check.submission.facts import Problem
    from pgolf_check.worker import Worker

    if (repo is None) != (ref is None):
        raise PgolfError("--repo and --ref go together", cure="Give both, or a folder alone.")
    if repo is None and target is None:
        raise PgolfError("nothing to read", cure="Name a folder, or --repo and --ref.")
    with Worker() as worker:
        found = worker.run(_described, describe, target, repo, ref, base)
    if isinstance(found, Problem):
        raise PgolfError(f"reading {found.message}", where=ref or str(target))
    return found


def _described(
    describe: "Callable[[Submission], Any]",
    target: Path | None,
    repo: Path | None,
    ref: str | None,
    base: str | None,
) -> list[Any]:
    from pgolf_check.submission.read import read_folder, read_ref

    if repo is None or ref is None:
        assert target is not None
        return [describe(one) for one in read_folder(target)]
    found = read_ref(repo, ref, base)
    return [describe(one) for one in (found if target is None else _named(found, target, ref))]


def _named(found: "Sequence[Submission]", target: Path, ref: str) -> "list[Submission]":
    wanted = target.as_posix().rstrip("/")
    named = [one for one in found if wanted in (one.target.folder, Path(one.target.folder).name)]
    if not named:
        folders = ", ".join(one.target.folder for one in found) or "none"
        raise PgolfError(f"no such folder in {ref}", where=wanted, cure=f"It adds: {folders}")
    return named
