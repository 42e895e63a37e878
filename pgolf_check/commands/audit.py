"""`pgolf audit`: the referee's judgement."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgolf_check.commands.asked import Base, Ref, Repo
from pgolf_check.errors import Exit, PgolfError

if TYPE_CHECKING:
    from pgolf_check.audited import Audited

_FORMATS = ("terminal", "markdown", "json", "sarif")


def audit(
    targets: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders of submissions; with --repo, folders of the commit.", metavar="TARGET..."
        ),
    ] = None,
    repo: Repo = None,
    ref: Ref = None,
    base: Base = None,
    output_format: Annotated[
        str, typer.Option("--format", help="terminal, markdown, json or sarif.")
    ] = "terminal",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the report to this file.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Verdicts and findings only.")
    ] = False,
    edition: Annotated[
        str | None, typer.Option(help="Edition of the rules. Default: the newest.")
    ] = None,
) -> None:
    """Judge submissions: legality, budget and evidence, each clean, hold or violation.

    Exit code: 0 clean, 1 violation, 2 not usable, 3 hold; the worst of several.
    """
    from pgolf_check.report.escape import visible

    if output_format not in _FORMATS:
        cure = f"Use one of: {', '.join(_FORMATS)}."
        raise PgolfError("unknown format", where=output_format, cure=cure)
    audits, refused = _audited(targets or [], repo, ref, base, edition)
    for error in refused:
        typer.echo(f"pgolf: {visible(str(error))}", err=True)
    if audits:
        _report(audits, output_format, output, quiet)
    raise typer.Exit(Exit.UNUSABLE if refused else _worst(audits))


def _audited(
    targets: list[Path],
    repo: Path | None,
    ref: str | None,
    base: str | None,
    edition: str | None,
) -> "tuple[list[Audited], list[PgolfError]]":
    """Everything that was asked for, judged in a worker; and what cannot be used."""
    from pgolf_check.editions import edition_named
    from pgolf_check.judge.pipeline import audit_folder, audit_ref, not_judged
    from pgolf_check.submission.facts import Problem, Target
    from pgolf_check.worker import Worker

    if edition:
        edition_named(edition)  # a misspelt name is refused before anything is read
    if (repo is None) != (ref is None):
        raise PgolfError("--repo and --ref go together", cure="Give both, or folders alone.")
    if repo is None and not targets:
        raise PgolfError("nothing to audit", cure="Name a folder, or --repo and --ref.")
    audits: list[Audited] = []
    refused: list[PgolfError] = []
    with Worker() as worker:
        if repo is not None and ref is not None:
            found = worker.run(audit_ref, repo, ref, base, edition)
            if isinstance(found, Problem):
                return [not_judged(Target("", str(repo), ref), found, edition)], []
            return _named(found, targets, ref), []
        for path in targets:
            try:
                found = worker.run(audit_folder, path, edition)
            except PgolfError as error:
                refused.append(error)
                continue
            if isinstance(found, Problem):
                found = [not_judged(Target(str(path)), found, edition)]
            audits += found
    return audits, refused


def _named(audits: "list[Audited]", targets: list[Path], ref: str) -> "list[Audited]":
    """The folders of a commit that were asked for; all of them if none was named."""
    if not targets:
        return audits
    by_name: dict[str, Audited] = {}
    for one in audits:
        folder = one.target.folder
        by_name |= {folder: one, Path(folder).name: one}
    for target in targets:
        if target.as_posix() not in by_name:
            folders = ", ".join(one.target.folder for one in audits)
            cure = f"It adds: {folders}"
            raise PgolfError(f"no such folder in {ref}", where=target.as_posix(), cure=cure)
    return [by_name[target.as_posix()] for target in targets]


def _report(audits: "list[Audited]", output_format: str, output: Path | None, quiet: bool) -> None:
    import json

    from pgolf_check.commands.written import write
    from pgolf_check.report.audit_json import document
    from pgolf_check.report.audit_markdown import review
    from pgolf_check.report.audit_sarif import sarif
    from pgolf_check.report.audit_terminal import page

    if output_format == "terminal":
        write([page(one, quiet=quiet) for one in audits], output)
    elif output_format == "markdown":
        write("\n---\n\n".join(review(one, quiet=quiet) for one in audits), output)
    elif output_format == "sarif":
        write(json.dumps(sarif(audits), indent=2, allow_nan=False) + "\n", output)
    else:
        lines = (json.dumps(document(one), allow_nan=False) for one in audits)
        write("".join(f"{line}\n" for line in lines), output)


def _worst(audits: "list[Audited]") -> Exit:
    from pgolf_check.findings import Verdict

    given = {verdict for one in audits for verdict in one.judgement.verdicts.values()}
    if Verdict.VIOLATION in given:
        return Exit.VIOLATION
    return Exit.HOLD if Verdict.HOLD in given else Exit.CLEAN
