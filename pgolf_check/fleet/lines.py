"""Files of lines: the refs to sweep, and what an earlier sweep has finished."""

import json
from pathlib import Path

from pgolf_check.errors import PgolfError


def listed(path: Path) -> list[str]:
    """The refs of a file, one a line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PgolfError(f"cannot be read ({error})", where=str(path)) from error
    return [line.strip() for line in lines if line.strip()]


def finished(path: Path) -> frozenset[tuple[str, str]]:
    """The commits and folders an output file holds; a line that was cut short is taken off it."""
    if not path.exists():
        return frozenset()
    done = set()
    whole = 0
    try:
        with path.open("rb+") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                target = json.loads(line)["target"]
                done.add((target["commit"] or target["ref"], target["folder"]))
                whole += len(line)
            file.truncate(whole)
    except (OSError, ValueError, KeyError, TypeError) as error:
        cure = "Name a file that `pgolf sweep` wrote, or a new one."
        raise PgolfError("is not the output of a sweep", where=str(path), cure=cure) from error
    return frozenset(done)
