"""The published FineWeb variants, fetched file by file with resume."""

import json
import shutil
from pathlib import Path

from pgolf_check.errors import PgolfError

REPOSITORY = "willdepueoai/parameter-golf"


def download(variant: str, shards: int, folder: Path) -> None:
    """Fetch a variant's shards and tokenizer into `folder`; finished files are kept."""
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError as error:
        cure = "Run: pip install huggingface-hub"
        raise PgolfError("huggingface-hub is not installed", cure=cure) from error

    def fetch(path: str) -> Path:
        try:
            return Path(hf_hub_download(REPOSITORY, path, repo_type="dataset"))
        except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
            cure = "Check the network; what is complete will not be fetched again."
            raise PgolfError("cannot be downloaded", where=path, cure=cure) from error

    name = f"fineweb10B_{variant}"
    manifest = json.loads(fetch("datasets/manifest.json").read_text(encoding="utf-8"))
    entry = next((d for d in manifest.get("datasets", []) if d.get("name") == name), None)
    if entry is None:
        known = ", ".join(str(d.get("name")) for d in manifest.get("datasets", []))
        raise PgolfError(f"no variant {variant!r}", cure=f"Published: {known}")
    stats = entry.get("stats", {})
    wanted = min(shards, int(stats.get("files_train", shards)))
    files = [f"fineweb_val_{i:06d}.bin" for i in range(int(stats.get("files_val", 1)))]
    files += [f"fineweb_train_{i:06d}.bin" for i in range(wanted)]
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        _place(fetch(f"datasets/datasets/{name}/{file}"), folder / file)
    tokenizer: dict[str, str] = next(
        (t for t in manifest.get("tokenizers", []) if t.get("name") == entry.get("tokenizer_name")),
        {},
    )
    if model := tokenizer.get("model_path") or tokenizer.get("path"):
        _place(fetch(f"datasets/{model}"), folder / "tokenizer.model")


def _place(source: Path, target: Path) -> None:
    """Copy a finished download; a reader never sees half of it."""
    if target.exists() and target.stat().st_size == source.stat().st_size:
        return
    partial = target.with_name(target.name + ".partial")
    shutil.copyfile(source, partial)
    partial.replace(target)
