"""The `pgolf` command. Each subcommand lives in `commands/` and imports its work when it runs."""

import io
import sys

import typer

from pgolf_check.commands import COMMANDS
from pgolf_check.errors import Exit, PgolfError
from pgolf_check.report.escape import visible

_ERROR = 2_000  # characters of an error; it may list the folders of a pull request

app = typer.Typer(
    name="pgolf",
    help="Referee and workbench of the Parameter Golf contest.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _commands() -> None:
    """Referee and workbench of the Parameter Golf contest."""


for name, function in COMMANDS.items():
    app.command(name)(function)


def main() -> None:
    """Run a command; bad input ends in one line on stderr and exit code 2, never a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal without Unicode must not end a command with 1, which would say "violation".
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except PgolfError as error:
        sys.stderr.write(f"pgolf: {visible(str(error), _ERROR)}\n")
        sys.exit(Exit.UNUSABLE)
    except KeyboardInterrupt:
        sys.stderr.write("pgolf: interrupted\n")
        sys.exit(130)
