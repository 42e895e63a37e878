"""The training library as text. It is never imported here: bundling needs no torch."""

from importlib.util import find_spec
from pathlib import Path

from pgolf_check.errors import PgolfError

PACKAGE = "training"
ENTRY = "training.run.train_gpt"


def library_sources() -> dict[str, str]:
    """Every module of the library by its dotted name."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PgolfError("the training library is not installed", cure="Run: pip install .")
    root = Path(spec.origin).parent
    sources = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        sources[name] = path.read_text(encoding="utf-8")
    return sources
