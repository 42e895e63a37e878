"""The published FineWeb variants: fetched file by file, resumed, their hashes checked."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pgolf_check.errors import PgolfError

REPOSITORY = "willdepueoai/parameter-golf"
LFS_HASH = 64  # hexadecimal digits of SHA-256: what the hub calls large files by


def download(variant: str, shards: int, folder: Path, say: Callable[[str], None]) -> None:
    """Fetch a variant's shards and tokenizer into `folder`; what is complete there is kept."""
    name = f"fineweb10B_{variant}"
    staging = folder.with_name(folder.name + ".partial")  # where unfinished downloads wait
    manifest = _manifest(_fetch("datasets/manifest.json", staging))
    entry = next((d for d in manifest["datasets"] if d.get("name") == name), None)
    if entry is None:
        known = ", ".join(
            str(d.get("name")).removeprefix("fineweb10B_") for d in manifest["datasets"]
        )
        raise PgolfError(f"no variant {variant!r}", cure=f"Published: {known}")
    stats = entry.get("stats", {})
    wanted = min(shards, int(stats.get("files_train", shards)))
    files = {
        f"fineweb_{split}_{i:06d}.bin": f"datasets/datasets/{name}/fineweb_{split}_{i:06d}.bin"
        for split, count in (("val", int(stats.get("files_val", 1))), ("train", wanted))
        for i in range(count)
    }
    tokenizer: dict[str, str] = next(
        (t for t in manifest["tokenizers"] if t.get("name") == entry.get("tokenizer_name")), {}
    )
    if model := tokenizer.get("model_path") or tokenizer.get("path"):
        files["tokenizer.model"] = f"datasets/{model}"
    for number, (file, remote) in enumerate(files.items(), 1):
        say(f"{number}/{len(files)} {file}: {_place(remote, folder / file, staging)}")
    shutil.rmtree(staging, ignore_errors=True)


def _place(remote: str, target: Path, staging: Path) -> str:
    """Put one file where it belongs, whole and with the hash that the hub names; what was done."""
    expected = _hash_of(remote)
    if target.exists():
        if not expected or _sha256(target) == expected:
            return "there already"
        target.unlink()
    source = _fetch(remote, staging)
    if expected and _sha256(source) != expected:
        source.unlink()
        raise PgolfError(
            "the download does not have its published hash", where=remote, cure="Retry."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    except OSError as error:
        raise PgolfError(f"cannot be written ({error.strerror})", where=str(target)) from error
    return f"{target.stat().st_size:,} bytes, hash {'checked' if expected else 'not published'}"


def _fetch(path: str, staging: Path) -> Path:
    """One file of the repository; huggingface-hub resumes it and shows how far it is."""
    with _network(path):
        from huggingface_hub import hf_hub_download

        return Path(hf_hub_download(REPOSITORY, path, repo_type="dataset", local_dir=staging))


def _hash_of(path: str) -> str:
    """SHA-256 of a large file by the hub's own metadata; "" for a small one."""
    with _network(path):
        from huggingface_hub import get_hf_file_metadata, hf_hub_url

        etag = get_hf_file_metadata(hf_hub_url(REPOSITORY, path, repo_type="dataset")).etag or ""
        return etag if len(etag) == LFS_HASH else ""


@contextmanager
def _network(path: str) -> Iterator[None]:
    """Tells what goes wrong between here and the hub in one line."""
    try:
        yield
    except ImportError as error:
        cure = "Run: pip install huggingface-hub"
        raise PgolfError("huggingface-hub is not installed", cure=cure) from error
    except Exception as error:  # of the hub, of HTTP, of the disk: many families
        cure = "Check the network and the disk; what is complete will not be fetched again."
        raise PgolfError("cannot be downloaded", where=path, cure=cure) from error


def _manifest(path: Path) -> dict[str, list[dict[str, Any]]]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return {"datasets": list(read["datasets"]), "tokenizers": list(read.get("tokenizers", []))}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PgolfError("the published manifest cannot be read", where=str(path)) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
