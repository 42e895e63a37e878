"""The embedded default corpus as a data folder."""

import os
from collections.abc import Callable
from pathlib import Path

from training.data.embedded import embedded_documents
from training.data.export import export


def embedded_folder() -> Path:
    """Where the embedded default corpus is kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "pgolf" / "embedded"


def make_embedded(folder: Path, say: Callable[[str], None] = lambda line: None) -> None:
    """Write the embedded default corpus, unless it is there."""
    if not folder.exists():
        texts = embedded_documents()
        export(texts, folder, validation_documents=len(texts) // 12, vocab=1024, say=say)
