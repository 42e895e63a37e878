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
    write_bytes(text.encode(), output)


def write_bytes(data: bytes, output: Path) -> None:
    """Put a file in place, whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile(
            dir=output.parent, prefix=f".{output.name}", delete=False
        ) as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(file.name, 0o666 & ~mask)  # noqa: PTH101
        os.replace(file.name, output)  # noqa: PTH105
    except OSError as error:
        raise PgolfError(f"cannot be written ({error.strerror})", where=str(output)) from error


def source_text(path: Path) -> str:
    """The text of a script, by its own encoding."""
    from pgolf_check.limits import LIMITS
    from pgolf_check.submission.precheck import decode

    try:
        size = path.stat().st_size
        if size > LIMITS.source_bytes:
            raise PgolfError(f"has {size:,} bytes; no script is that long", where=str(path))
        return decode(path.read_bytes())
    except OSError as error:
        raise PgolfError(f"cannot be read ({error.strerror})", where=str(path)) from error
    except ValueError as error:
        raise PgolfError(str(error), where=str(path)) from error


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
