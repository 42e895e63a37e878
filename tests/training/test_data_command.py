"""`pgolf data` from its command line: export, proof, the embedded default, and a hub of our own."""

import hashlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import huggingface_hub.constants as hub
import numpy as np
import pytest

from pgolf_check.cli import main
from training.data.shards import open_shard, shard_paths, write_shard

TEXTS = [f"Document {n} says: naïve words come {n * n} times, then end.\n" * 5 for n in range(30)]
PREFIX = "/datasets/willdepueoai/parameter-golf/resolve/main/"
SHARDS = "datasets/datasets/fineweb10B_sp1024/"


@pytest.fixture
def pgolf(monkeypatch, capfd):
    """Run `pgolf data` in this process: its exit code and what it printed."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["pgolf", "data", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        return code, *capfd.readouterr()

    return run


def lines(tmp_path):
    path = tmp_path / "docs.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS))
    return path


def test_text_becomes_shards_that_prove_their_bytes(pgolf, tmp_path):
    docs, folder = lines(tmp_path), tmp_path / "data"
    code, out, err = pgolf(folder, "--text", docs, "--vocab", "300", "--validation", "5")
    assert code == 0, err
    assert out.strip() == str(folder)
    assert "training a tokenizer of 300 pieces" in err
    code, out, _ = pgolf(folder, "--prove")
    assert (code, out.splitlines()[0][:24]) == (0, "5 documents round-trip; ")

    other = tmp_path / "other"  # the same tokenizer, given, makes the same tokens
    tokenizer = folder / "tokenizer.model"
    code, _, err = pgolf(other, "--text", docs, "--tokenizer", tokenizer, "--validation", "5")
    assert code == 0, err
    assert "training a tokenizer" not in err
    for split in ("train", "val"):
        mine, theirs = (open_shard(shard_paths(f, split)[0], 300) for f in (folder, other))
        np.testing.assert_array_equal(mine, theirs)


def test_what_cannot_be_made_is_told_and_leaves_nothing(pgolf, tmp_path):
    docs = lines(tmp_path)
    (tmp_path / "no.jsonl").write_text("{}\n")
    (tmp_path / "no.model").write_text("x")
    there = tmp_path / "there"
    there.mkdir()
    new = tmp_path / "new"
    for arguments, says in (
        ((there, "--text", docs, "--validation", 5), "exists already"),
        ((new, "--text", tmp_path / "no.jsonl"), "not JSON lines"),
        ((new, "--text", docs, "--validation", 30), "cannot be split"),
        ((new, "--text", docs, "--validation", 5, "--tokenizer", tmp_path / "no.model"), "not a S"),
        (("--text", docs), "no folder named"),
        (("--variant", "sp1024"), "no folder named"),
        ((new, "--prove"), "not a SentencePiece model"),
    ):
        code, out, err = pgolf(*arguments)
        assert (code, out) == (2, ""), arguments
        assert says in err.splitlines()[-1]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "docs.jsonl",
        "no.jsonl",
        "no.model",
        "there",
    ]


def test_without_arguments_the_embedded_corpus_is_made_once(pgolf, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("training.data.corpus.embedded_documents", lambda: TEXTS)
    code, out, err = pgolf()
    assert code == 0, err
    folder = tmp_path / "pgolf/embedded"
    assert out.strip() == str(folder)
    made = (folder / "manifest.json").stat().st_mtime_ns
    assert pgolf()[0] == 0
    assert (folder / "manifest.json").stat().st_mtime_ns == made


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A hub with one variant. `faults` says which file breaks off once, which one is altered."""
    files = {}
    for name, count in (("fineweb_val_000000.bin", 300), ("fineweb_train_000000.bin", 5000)):
        write_shard(tmp_path / name, np.arange(count) % 1024)
        files[SHARDS + name] = (tmp_path / name).read_bytes()
        (tmp_path / name).unlink()
    files["datasets/tokenizers/t.model"] = b"pieces"
    entry = {
        "name": "fineweb10B_sp1024",
        "tokenizer_name": "t",
        "stats": {"files_train": 1, "files_val": 1},
    }
    manifest = {
        "datasets": [entry],
        "tokenizers": [{"name": "t", "model_path": "tokenizers/t.model"}],
    }
    files["datasets/manifest.json"] = json.dumps(manifest).encode()
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    asked, faults = [], {}

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.answer(body=False)

        def do_GET(self):
            self.answer(body=True)

        def answer(self, body):
            path = self.path.removeprefix(PREFIX)
            data, start = files.get(path), 0
            if data is None:
                self.send_error(404)
                return
            if span := self.headers.get("Range"):
                start = int(span.removeprefix("bytes=").partition("-")[0])
            asked.append((self.command, path, start))
            self.send_response(206 if start else 200)
            self.send_header("ETag", f'"{hashes[path]}"')
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("Content-Length", str(len(data) - start))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.end_headers()
            if body:
                if faults.get(path) == "breaks":
                    del faults[path]
                    self.wfile.write(data[start : len(data) // 2])
                    self.close_connection = True
                    return
                self.wfile.write(data[start:] if path not in faults else b"?" * (len(data) - start))

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(hub, "ENDPOINT", address)
    monkeypatch.setattr(hub, "DOWNLOAD_CHUNK_SIZE", 512)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(hub, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    yield files, asked, faults
    server.shutdown()
    server.server_close()


def test_a_variant_is_fetched_checked_and_not_fetched_twice(pgolf, served, tmp_path):
    files, asked, faults = served
    folder = tmp_path / "fineweb"
    train = SHARDS + "fineweb_train_000000.bin"
    faults[train] = "breaks"
    code, out, err = pgolf(folder, "--variant", "sp1024")
    assert code == 0, err
    assert out.strip() == str(folder)
    assert "3/3 tokenizer.model: 6 bytes, hash checked" in err
    assert (folder / "fineweb_train_000000.bin").read_bytes() == files[train]
    starts = [start for command, path, start in asked if (command, path) == ("GET", train)]
    assert starts[0] == 0
    assert max(starts) > 0  # it went on where it had broken off
    assert [path.name for path in tmp_path.iterdir()] == ["fineweb"]

    asked.clear()
    (folder / "fineweb_val_000000.bin").write_bytes(b"damaged")
    code, _, err = pgolf(folder, "--variant", "sp1024")
    assert code == 0, err
    assert "fineweb_train_000000.bin: there already" in err
    fetched = [path for command, path, _ in asked if command == "GET" and path.endswith(".bin")]
    assert fetched == [SHARDS + "fineweb_val_000000.bin"]


def test_a_download_with_another_hash_is_refused(pgolf, served, tmp_path):
    _, _, faults = served
    faults[SHARDS + "fineweb_val_000000.bin"] = "altered"
    code, _, err = pgolf(tmp_path / "fineweb", "--variant", "sp1024")
    assert code == 2
    assert "does not have its published hash" in err.splitlines()[-1]
    assert not (tmp_path / "fineweb").exists()


def test_an_unknown_variant_and_a_dead_hub_are_told(pgolf, served, tmp_path, monkeypatch):
    code, _, err = pgolf(tmp_path / "x", "--variant", "sp9")
    assert (code, "Published: sp1024" in err) == (2, True)
    monkeypatch.setattr(
        hub, "HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:9/{repo_id}/{revision}/{filename}"
    )
    code, _, err = pgolf(tmp_path / "x", "--variant", "sp1024")
    assert (code, "cannot be downloaded" in err.splitlines()[-1]) == (2, True)
