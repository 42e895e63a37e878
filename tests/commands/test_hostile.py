"""Hostile input as a user meets it: a finding, an exit code, nothing raw, never a traceback.

Many folders are judged by one command each, as a user may do as well.
"""

import base64
import bz2
import gzip
import json
import lzma
import os
import struct
import zlib

import brotli
import pygit2
import pytest
import zstandard
from typer.testing import CliRunner

from pgolf_check.cli import app
from pgolf_check.errors import PgolfError

_MB = 1 << 20
_TEN_GB = 10_000 * _MB
_MANY = 100_000
PLAIN = 'print("hello")\n'


def flushed_deflate(size):
    """One flushed megabyte over and over; the last block ends the stream."""
    packer = zlib.compressobj(9)
    start = packer.compress(bytes(_MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(_MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + again * (size // _MB)


def run_length_zstd(size):
    """One frame, by hand: a window of 1 MiB and blocks that each repeat one byte 128 KiB times."""
    block = (1 << 17) << 3 | 1 << 1
    count = size >> 17
    head = b"\x28\xb5\x2f\xfd\x00" + bytes([10 << 3])
    last = struct.pack("<I", block | 1)[:3] + b"\0"
    return head + (struct.pack("<I", block)[:3] + b"\0") * count + last


def flushed_brotli(size):
    packer = brotli.Compressor(quality=1)
    blocks = [packer.process(bytes(4 * _MB)) + packer.flush() for _ in range(2)]
    return blocks[0] + blocks[1] * (size // (4 * _MB)) + packer.finish()


BOMBS = {  # codec -> its module, and ten gigabytes of zeros in few bytes
    "zlib": ("zlib", lambda: flushed_deflate(_TEN_GB)),
    "gzip": ("gzip", lambda: gzip.compress(bytes(50 * _MB), 6) * 200),
    "bz2": ("bz2", lambda: bz2.compress(bytes(45 * _MB)) * 223),
    "xz": ("lzma", lambda: lzma.compress(bytes(20 * _MB), preset=0) * 500),
    "zstd": ("zstandard", lambda: run_length_zstd(_TEN_GB)),
    "brotli": ("brotli", lambda: flushed_brotli(_TEN_GB)),
}


@pytest.fixture(scope="module")
def bombs():
    return {name: make() for name, (_, make) in BOMBS.items()}


def test_the_bombs_are_what_they_claim(bombs):
    assert max(map(len, bombs.values())) < 11 * _MB
    with zstandard.ZstdDecompressor().stream_reader(bombs["zstd"]) as stream:
        assert len(stream.read(3 * _MB)) == 3 * _MB
    assert len(bz2.decompress(bz2.compress(bytes(45 * _MB)))) * 223 > _TEN_GB


def script(text):
    def write(folder, _):
        data = text if isinstance(text, bytes) else text.encode()
        (folder / "train_gpt.py").write_bytes(data)

    return write


def beside(name, data):
    def write(folder, _):
        (folder / "train_gpt.py").write_text(PLAIN)
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())

    return write


def link(target):
    return lambda folder, _: (folder / "train_gpt.py").symlink_to(target)


def linked_folder(folder, _):
    (folder / "train_gpt.py").write_text(PLAIN + "import private\n")
    (folder / "private").symlink_to("/etc")


def pipe(folder, _):
    os.mkfifo(folder / "train_gpt.py")


def sparse(name):
    def write(folder, _):
        (folder / "train_gpt.py").write_text(PLAIN)
        with (folder / name).open("wb") as file:
            file.truncate(1 << 30)

    return write


def bomb(name):
    """A script that unpacks ten gigabytes and runs them; zlib around it keeps the text short."""

    def write(folder, bombs):
        module = BOMBS[name][0]
        text = base64.b85encode(zlib.compress(bombs[name])).decode()
        (folder / "train_gpt.py").write_text(
            f"import base64, zlib, {module}\n"
            f"packed = zlib.decompress(base64.b85decode({text!r}))\n"
            f"exec({module}.decompress(packed))\n"
        )

    return write


def base64_layers(folder, _):
    text = PLAIN
    for _ in range(12):
        packed = base64.b64encode(text.encode()).decode()
        text = f"import base64\nexec(base64.b64decode({packed!r}))\n"
    (folder / "train_gpt.py").write_text(text)


def many_files(folder, _):
    (folder / "train_gpt.py").write_text(PLAIN)
    (folder / "x").mkdir()
    for number in range(5_100):
        os.mknod(folder / "x" / str(number))


def deep_folders(folder, _):
    (folder / "train_gpt.py").write_text(PLAIN)
    (folder / "/".join("abcdefghijkl")).mkdir(parents=True)


def names_and_logs_with_escapes(folder, _):
    (folder / "train_gpt.py").write_text(PLAIN)
    (folder / "\x1b]0;owned\x07.py").symlink_to("\x1b[31m")
    (folder / "train.log").write_text("seed:1\nfinal\x1b[31m val_bpb:1.2\x1b[2J\n")


FOLDERS = {  # what lies in the folder, and what a finding says of it
    "a link to a file outside": (link("/etc/passwd"), "a symbolic link out of the submission"),
    "a link upwards": (link("../../../../etc/passwd"), "a symbolic link out of the submission"),
    "a linked folder outside": (linked_folder, "a symbolic link out of the submission"),
    "a script run by an absolute path": (
        script('exec(open("/etc/passwd").read())\n' + PLAIN),
        "executes code that only a run would show",
    ),
    "a script run from above": (
        script('exec(open("../../../../../../etc/passwd").read())\n' + PLAIN),
        "executes code that only a run would show",
    ),
    "a pipe": (pipe, "not a regular file"),
    "a sparse gigabyte of code": (sparse("train_gpt.py"), "more than the limit"),
    "a sparse gigabyte of log": (sparse("train.log"), "more than the limit"),
    "a sparse gigabyte of JSON": (sparse("submission.json"), "more than the limit"),
    "a sparse gigabyte of README": (sparse("README.md"), "more than the limit"),
    **{f"a {name} bomb": (bomb(name), "unpacks to more than is allowed") for name in BOMBS},
    "base64 in base64": (base64_layers, "layers"),
    "parentheses": (script("x = " + "(" * _MANY + "1" + ")" * _MANY), "brackets nested deeper"),
    "signs": (script("x = " + "-" * _MANY + "1"), "unary operators in a row"),
    "not": (script("x = " + "not " * _MANY + "1"), "unary operators in a row"),
    "lambdas": (script("x = " + "lambda: " * _MANY + "1"), "unary operators in a row"),
    "attributes": (script("x = a" + ".b" * _MANY), "more than 2000 operators"),
    "sums": (script("x = 1" + " + 1" * _MANY), "more than 2000 operators"),
    "subscripts": (script("x = a" + "[0]" * _MANY), ""),
    "calls": (script("x = a" + "()" * _MANY), ""),
    "branches": (script("if x:\n pass\n" + "elif x:\n pass\n" * _MANY), ""),
    "zero bytes": (script(b"x = 1\x00\n"), "holds NUL bytes"),
    "UTF-16": (script(PLAIN.encode("utf-16")), "holds NUL bytes"),
    "bytes that are no UTF-8": (script(b"x = '\xff'\n"), "is not utf-8 at byte 5"),
    "a dangerous encoding": (
        script(b"# coding: utf-7\n" + PLAIN.encode()),
        "declares the encoding",
    ),
    "escapes in names and logs": (names_and_logs_with_escapes, "a symbolic link"),
    "five thousand files": (many_files, "more than 5000 files and folders"),
    "folders in folders": (deep_folders, "nested deeper than 8"),
    "a key said twice": (beside("submission.json", '{"val_bpb": 1, "val_bpb": 1.1}'), "twice"),
    "not a number": (beside("submission.json", '{"val_bpb": NaN}'), "NaN"),
    "10,000 digits": (beside("submission.json", f'{{"val_bpb": {"9" * 10_000}}}'), ""),
    "no number": (beside("submission.json", '{"val_bpb": null}'), "null"),
    "nested lists": (beside("submission.json", "[" * _MANY + "]" * _MANY), ""),
    "half a JSON": (beside("submission.json", '{"val_bpb": 1.2'), ""),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory, bombs):
    found = {}
    for name, (write, _) in FOLDERS.items():
        parts = ("records", "track_10min_16mb", "2026-04-01_Hostile")
        found[name] = tmp_path_factory.mktemp("hostile").joinpath(*parts)
        found[name].mkdir(parents=True)
        write(found[name], bombs)
    return found


def run(command, *arguments):
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, [command, *map(str, arguments)])


@pytest.fixture(scope="module")
def audited(folders):
    """One command for all of them: none of them may spoil the others."""
    result = run("audit", "--format", "json", *folders.values())
    assert result.exit_code == 3
    documents = map(json.loads, result.stdout.splitlines())
    return {document["target"]["folder"]: document for document in documents}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_hostile_folder_is_held_with_a_finding(folders, audited, name):
    document = audited[str(folders[name])]
    assert set(document["verdicts"].values()) <= {"hold", "clean"}
    assert "hold" in document["verdicts"].values()
    messages = [finding["message"] for finding in document["findings"]]
    assert any(FOLDERS[name][1] in message for message in messages), messages


@pytest.mark.parametrize(("command", "code"), [("audit", 3), ("show", 0), ("verify-size", 3)])
@pytest.mark.parametrize(
    "name", ["a link to a file outside", "a zlib bomb", "zero bytes", "escapes in names and logs"]
)
def test_no_command_shows_anything_raw_or_breaks(folders, command, code, name):
    result = run(command, folders[name])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert "root:" not in result.output  # what the link points to
    assert not set("\x1b\x07\x9b") & set(result.output)


@pytest.mark.parametrize("name", BOMBS)
def test_a_model_file_is_unpacked_no_further_than_allowed(folders, tmp_path, bombs, name):
    artifact = tmp_path / "model.ptz"
    artifact.write_bytes(bombs[name])
    folder = folders["half a JSON"]
    result = run("verify-size", folder, "--artifact", artifact, "--unpack", "--format", "json")
    assert result.exit_code == 3
    (found,) = json.loads(result.stdout)["artifacts"]
    (problem,) = found["problems"]
    assert problem["kind"] == "hostile"
    assert "more than 536870912 bytes" in problem["message"]


@pytest.fixture
def repository(tmp_path):
    git = pygit2.init_repository(str(tmp_path / "git"), bare=True, initial_head="main")
    return git, commit(git, [], entry(git.create_blob(b"contest"), b"README.md"))


def entry(oid, name, mode=b"100644"):
    return mode + b" " + name + b"\0" + bytes(oid.raw)


def tree(git, *entries):
    return git.odb.write(pygit2.enums.ObjectType.TREE, b"".join(entries))


def commit(git, parents, *entries):
    who = pygit2.Signature("A", "a@example.org", 1_700_000_000, 0)
    ref = "refs/pull/1/head" if parents else "refs/heads/main"
    return git.create_commit(ref, who, who, "m", tree(git, *entries), parents)


def handed_in(git, main, *entries):
    """A pull request whose record folder holds these entries, whatever their names."""
    inside = tree(git, *entries)
    for name in (b"2026-04-01_Hostile", b"track_10min_16mb", b"records"):
        inside = tree(git, entry(inside, name, b"40000"))
    readme = entry(git.create_blob(b"contest"), b"README.md")
    commit(git, [main], readme, entry(inside_of(git, inside), b"records", b"40000"))
    return git.path


def inside_of(git, root):
    return git[root]["records"].id


@pytest.mark.parametrize("command", ["audit", "show", "verify-size"])
def test_a_commit_whose_names_leave_the_folder(repository, command):
    git, main = repository
    code, secret = git.create_blob(PLAIN.encode()), git.create_blob(b"secret")
    path = handed_in(
        git,
        main,
        entry(secret, b".."),
        entry(secret, b"/etc/passwd"),
        entry(secret, b"\x1b[31m.py"),
        entry(git.create_blob(b"/etc/passwd"), b"link", b"120000"),
        entry(main, b"module", b"160000"),
        entry(code, b"train_gpt.py"),
    )
    result = run(command, "--repo", path, "--ref", "1", "--format", "json")
    assert result.exit_code == {"audit": 3, "show": 0, "verify-size": 3}[command]
    assert "\x1b" not in result.output
    if command != "verify-size":
        for told in ("a path that leaves", "a symbolic link out of", "a submodule at"):
            assert told in result.output


@pytest.mark.parametrize("command", ["audit", "show", "verify-size"])
def test_a_commit_of_a_million_files(repository, command):
    git, main = repository
    empty = git.create_blob(b"")
    files = tree(git, *(entry(empty, b"%03d.py" % number) for number in range(1_000)))
    path = handed_in(git, main, *(entry(files, b"%03d" % n, b"40000") for n in range(1_000)))
    result = run(command, "--repo", path, "--ref", "1")
    assert isinstance(result.exception, PgolfError)
    assert "touches more than 50000 files" in str(result.exception)
