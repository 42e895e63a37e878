"""`pgolf stats`: whether an improvement is real."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgolf_check.commands.asked import Base, Ref, Repo
from pgolf_check.errors import Exit, PgolfError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgolf_check.measure.comparison import Comparison
    from pgolf_check.measure.units import Unit

_FORMATS = ("terminal", "json")
_PLOTS = (".svg", ".png", ".html")


def stats(
    targets: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders of submissions; with --repo, folders of the commit.", metavar="TARGET..."
        ),
    ] = None,
    repo: Repo = None,
    ref: Ref = None,
    base: Base = None,
    new: Annotated[
        str | None,
        typer.Option(help="Values of the new record: 1.0801,1.0799 or 42:1.0801,0:1.0799."),
    ] = None,
    old: Annotated[
        str | None, typer.Option(help="Values of the old one, or a summary: 1.0810+-0.0002/3.")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(help="A leaderboard row (#1855, or part of its title) or a folder."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Compare with the frontier on a day, or when #1855 was opened."),
    ] = None,
    leaderboard: Annotated[
        Path | None, typer.Option(help="A newer leaderboard than the shipped one.")
    ] = None,
    edition: Annotated[
        str | None, typer.Option(help="Rules that decide the exit code. Default: the newest.")
    ] = None,
    tokenizer: Annotated[
        str | None, typer.Option(help="sp1024, sp8192, ..., or its bytes per token.")
    ] = None,
    unit: Annotated[str, typer.Option(help="What --new and --old are in: bpb or nats.")] = "bpb",
    pool: Annotated[
        bool, typer.Option("--pool", help="Several folders are runs of one system.")
    ] = False,
    quoted: Annotated[
        Path | None, typer.Option(help="A text whose figures to recompute instead of the README's.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the seeds into a file: .svg, .png or .html.")
    ] = None,
    output_format: Annotated[str, typer.Option("--format", help="terminal or json.")] = "terminal",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the report to this file.")
    ] = None,
) -> None:
    """Test whether a record beats another: seeds, Welch's t, the gate of each edition.

    Exit code: 0 the gate holds, 1 it does not, 2 not usable, 3 cannot tell.
    """
    from pgolf_check.commands.sides import Asked, new_sides, old_side, opening
    from pgolf_check.editions import edition_named, editions
    from pgolf_check.measure.comparison import compare
    from pgolf_check.measure.leaderboard import SHIPPED, load
    from pgolf_check.worker import Worker

    if output_format not in _FORMATS:
        cure = f"Use one of: {', '.join(_FORMATS)}."
        raise PgolfError("unknown format", where=output_format, cure=cure)
    if plot and plot.suffix not in _PLOTS:
        cure = f"Its name must end in one of: {', '.join(_PLOTS)}."
        raise PgolfError("unknown kind of picture", where=str(plot), cure=cure)
    chosen = edition_named(edition) if edition else editions()[-1]
    board = load(leaderboard or SHIPPED)
    bytes_each = board.bytes_per_token(tokenizer) if tokenizer else None
    asked = Asked(targets or [], repo, ref, base, new, _unit(unit), bytes_each, pool)
    records = [row.sample for row in board.rows]
    told = _text(quoted) if quoted else None
    comparisons = []
    with Worker() as worker:
        named = old_side(against, old, asked, board, worker)
        for side in new_sides(asked, worker):
            other = named or board.frontier(opening(as_of, asked, side), side.sample).sample
            text = side.readme if told is None else told
            comparisons.append(
                compare(side.sample, other, editions(), chosen, side.warned, text, records)
            )
    if plot:
        _draw(comparisons, plot)
    _report(comparisons, output_format, output)
    raise typer.Exit(_worst(comparisons))


def _unit(name: str) -> "Unit":
    from pgolf_check.measure.units import Unit

    units = {"bpb": Unit.BPB, "nats": Unit.NATS, "nats/token": Unit.NATS}
    if name not in units:
        raise PgolfError("unknown unit", where=name, cure="Use bpb or nats.")
    return units[name]


def _text(path: Path) -> str:
    try:
        return path.read_bytes()[: 1 << 20].decode("utf-8", "replace")
    except OSError as error:
        raise PgolfError(f"cannot be read ({error.strerror})", where=str(path)) from None


def _draw(comparisons: "Sequence[Comparison]", path: Path) -> None:
    from pgolf_check.commands.written import write
    from pgolf_check.report.drawing import svg
    from pgolf_check.report.raster import png
    from pgolf_check.report.stats_html import page
    from pgolf_check.report.stats_plot import plot

    if path.suffix == ".html":
        write(page(comparisons), path)
        return
    if len(comparisons) > 1:
        cure = "Write to .html, or name one submission."
        raise PgolfError(f"{len(comparisons)} comparisons need as many pictures", cure=cure)
    drawing = plot(comparisons[0])
    if path.suffix == ".svg":
        write(svg(drawing), path)
        return
    try:
        path.write_bytes(png(drawing))
    except OSError as error:
        raise PgolfError(f"cannot be written ({error.strerror})", where=str(path)) from None


def _report(comparisons: "Sequence[Comparison]", output_format: str, output: Path | None) -> None:
    import json

    from pgolf_check.commands.written import write
    from pgolf_check.report.stats_json import document
    from pgolf_check.report.stats_terminal import page

    if output_format == "json":
        write(json.dumps(document(comparisons), indent=2, allow_nan=False) + "\n", output)
    else:
        write([page(each) for each in comparisons], output)


def _worst(comparisons: "Sequence[Comparison]") -> Exit:
    from pgolf_check.measure.gates import Answer

    answers = {each.chosen.answer for each in comparisons}
    if Answer.NO in answers:
        return Exit.VIOLATION
    return Exit.HOLD if Answer.UNKNOWN in answers else Exit.CLEAN
