"""What the commands that look at one submission have in common: the target on the command line."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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


def submissions(
    target: Path | None, repo: Path | None, ref: str | None, base: str | None
) -> "list[Submission]":
    """The submissions that the command line names."""
    from pgolf_check.submission.read import read_folder, read_ref

    if (repo is None) != (ref is None):
        raise PgolfError("--repo and --ref go together", cure="Give both, or a folder alone.")
    if repo is None or ref is None:
        if target is None:
            raise PgolfError("nothing to read", cure="Name a folder, or --repo and --ref.")
        return read_folder(target)
    found = read_ref(repo, ref, base)
    if target is None:
        return found
    wanted = target.as_posix().rstrip("/")
    named = [one for one in found if wanted in (one.target.folder, Path(one.target.folder).name)]
    if not named:
        folders = ", ".join(one.target.folder for one in found) or "none"
        raise PgolfError(f"no such folder in {ref}", where=wanted, cure=f"It adds: {folders}")
    return named
