"""Hostile folders as a user meets them: a finding, an exit code, nothing raw, never a traceback."""

import base64
import bz2
import gzip
import json
import lzma
import os
import zlib

import brotli
import pytest
import zstandard
from typer.testing import CliRunner

from pgolf_check.cli import app

_MB = 1 << 20
PLAIN = 'print("hello")\n'


def script(text):
    def write(folder):
        path = folder / "train_gpt.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    return write


def link_out(folder):
    (folder / "train_gpt.py").symlink_to("/etc/passwd")


def link_up(folder):
    (folder / "train_gpt.py").symlink_to("../../../../etc/passwd")


def pipe(folder):
    os.mkfifo(folder / "train_gpt.py")


def sparse_gigabyte(folder):
    with (folder / "train_gpt.py").open("wb") as file:
        file.truncate(1 << 30)


def bomb(module, packed):
    """A script that unpacks gigabytes of zeros and runs them."""

    def write(folder):
        text = base64.b85encode(packed()).decode()
        (folder / "train_gpt.py").write_text(
            f"import base64, {module}\nexec({module}.decompress(base64.b85decode({text!r})))\n"
        )

    return write


def flushed_deflate():
    """One flushed megabyte, a thousand times over."""
    packer = zlib.compressobj(9)
    start = packer.compress(bytes(_MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(_MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + again * 1_000


def names_and_logs_with_escapes(folder):
    (folder / "train_gpt.py").write_text(PLAIN)
    (folder / "\x1b]0;owned\x07.py").write_text(PLAIN)
    (folder / "train.log").write_text("seed:1\nfinal\x1b[31m val_bpb:1.2\x1b[2J\n")


SCRIPTS = {
    "a link to a file outside": (link_out, "symbolic link"),
    "a link upwards": (link_up, "symbolic link"),
    "a pipe": (pipe, "not a regular file"),
    "a sparse gigabyte": (sparse_gigabyte, "more than the limit"),
    "a zlib bomb": (bomb("zlib", flushed_deflate), "limit"),
    "a gzip bomb": (bomb("gzip", lambda: gzip.compress(bytes(50 * _MB)) * 20), "limit"),
    "a bz2 bomb": (bomb("bz2", lambda: bz2.compress(bytes(45 * _MB)) * 230), "limit"),
    "an lzma bomb": (bomb("lzma", lambda: lzma.compress(bytes(50 * _MB)) * 100), "limit"),
    "a zstd bomb": (bomb("zstandard", lambda: zstandard.compress(bytes(50 * _MB)) * 200), "limit"),
    "a brotli bomb": (bomb("brotli", lambda: brotli.compress(bytes(99 * _MB), quality=1)), "limit"),
    "100,000 parentheses": (script("x = " + "(" * 100_000 + "1" + ")" * 100_000), "deeper than"),
    "100,000 signs": (script("x = " + "-" * 100_000 + "1"), "unary operators"),
    "100,000 times not": (script("x = " + "not " * 100_000 + "1"), "unary operators"),
    "20,000 attributes": (script("x = a" + ".b" * 20_000), "more than 2000 operators"),
    "20,000 sums": (script("x = 1" + " + 1" * 20_000), "more than 2000 operators"),
    "zero bytes": (script(b"x = 1\x00\n"), "NUL"),
    "another encoding": (script(PLAIN.encode("utf-16")), "NUL"),
    "escapes in a name and a log": (names_and_logs_with_escapes, ""),
}


OTHERS = ["a link to a file outside", "a zlib bomb", "zero bytes", "escapes in a name and a log"]


@pytest.mark.parametrize(
    ("command", "name"),
    [("audit", name) for name in SCRIPTS]
    + [(command, name) for command in ("show", "verify-size") for name in OTHERS],
)
def test_a_hostile_script_is_met_with_a_finding(tmp_path, command, name):
    write, told = SCRIPTS[name]
    folder = tmp_path / "records" / "track_10min_16mb" / "2026-04-01_Hostile"
    folder.mkdir(parents=True)
    write(folder)
    result = CliRunner(env={"COLUMNS": "80"}).invoke(app, [command, str(folder)])
    output = result.output
    assert result.exit_code in ((0,) if command == "show" else (2, 3)), output
    assert "Traceback" not in output
    assert "\x1b" not in output
    assert "root:" not in output  # what the link points to
    if command == "audit":
        assert " ".join(told.split()) in " ".join(output.split())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"val_bpb": 1.2, "val_bpb": 1.1}', "twice"),
        ('{"val_bpb": NaN}', "NaN"),
        ('{"val_bpb": ' + "9" * 10_000 + "}", ""),
        ('{"val_bpb": null}', "null"),
        ("[" * 100_000 + "]" * 100_000, ""),
        ('{"val_bpb": 1.2', ""),
    ],
    ids=["keys said twice", "NaN", "10,000 digits", "null", "nested", "broken"],
)
def test_a_hostile_submission_json_is_a_finding(tmp_path, text, told):
    folder = tmp_path / "records" / "track_10min_16mb" / "2026-04-01_Hostile"
    folder.mkdir(parents=True)
    (folder / "train_gpt.py").write_text(PLAIN)
    (folder / "submission.json").write_text(text)
    result = CliRunner().invoke(app, ["audit", "--format", "json", str(folder)])
    assert result.exit_code == 3
    (document,) = map(json.loads, result.stdout.splitlines())
    messages = [f["message"] for f in document["findings"] if f["rule"] == "FMT-FILES"]
    assert messages
    assert any(told in message for message in messages)
