"""Where a report goes: to stdout, or whole or not at all into a file."""

import os
import sys
import tempfile
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pgolf_check.errors import PgolfError

if TYPE_CHECKING:
    from rich.console import RenderableType

_WIDTH = 80


def write(report: "str | Sequence[RenderableType]", output: Path | None) -> None:
    """Print a text, or pages for a terminal; a file is never left half written."""
    if output is None:
        sys.stdout.write(report if isinstance(report, str) else _rendered(report, sys.stdout))
        return
    text = report if isinstance(report, str) else _rendered(report, StringIO())
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=output.parent, prefix=f".{output.name}", delete=False
        ) as file:
            file.write(text)
        os.replace(file.name, output)  # noqa: PTH105
    except OSError as error:
        raise PgolfError(f"cannot be written ({error.strerror})", where=str(output)) from error


def _rendered(pages: "Sequence[RenderableType]", sink: TextIO) -> str:
    """The pages as the sink can show them, without the blanks that fill up lines."""
    from rich.console import Console

    console = Console(file=sink, highlight=False, markup=False, emoji=False)
    console.width = min(console.width, 100) if console.is_terminal else _WIDTH
    with console.capture() as captured:
        for number, page in enumerate(pages):
            if number:
                console.print()
            console.print(page)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
