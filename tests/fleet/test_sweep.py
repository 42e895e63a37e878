"""Many heads at once: in order, complete, and past every bad one."""

import json
from operator import attrgetter

import pygit2
import pytest
from typer.testing import CliRunner

from pgolf_check.cli import app
from pgolf_check.fleet.reading import reading
from pgolf_check.fleet.sweep import sweep

RECORD = "records/track_10min_16mb/2026-01-0"
CODE = b"import os\n" + b"".join(b"x%d = train(%d)\n" % (n, n) for n in range(40))
WHO = pygit2.Signature("A", "a@example.org", 1_700_000_000, 0)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    path = tmp_path_factory.mktemp("fleet") / "git"
    git = pygit2.init_repository(str(path), bare=True, initial_head="main")

    def commit(files, parents):
        index = pygit2.Index()
        for name, data in files.items():
            blob = git.create_blob(data)
            index.add(pygit2.IndexEntry(name, blob, pygit2.enums.FileMode.BLOB))
        return git.create_commit(None, WHO, WHO, "m", index.write_tree(git), parents)

    main = commit({"README.md": b"contest"}, [])
    git.create_reference("refs/heads/main", main)
    base = {"README.md": b"contest"}
    heads = {
        1: {f"{RECORD}1/train_gpt.py": CODE},
        2: {f"{RECORD}1/train_gpt.py": CODE, f"{RECORD}2/\x1b[31m.py": CODE + b"\0"},
        3: {"README.md": b"only words"},
        10: {f"{RECORD}3/train_gpt.py": CODE + b"#", f"{RECORD}4/train_gpt.py": b"(" * 100_000},
    }
    for number, files in heads.items():
        git.create_reference(f"refs/pull/{number}/head", commit({**base, **files}, [main]))
    return path


def described(line):
    return line["target"]["ref"], line["target"]["folder"][-1:], "error" in line


def test_every_head_has_its_lines_in_order(repository):
    lines = list(sweep(repository, None, None, reading, 2))
    assert [described(line) for line in lines] == [
        ("refs/pull/1/head", "1", False),
        ("refs/pull/2/head", "1", False),
        ("refs/pull/2/head", "2", False),
        ("refs/pull/3/head", "", True),
        ("refs/pull/10/head", "3", False),
        ("refs/pull/10/head", "4", False),
    ]
    assert [bool(line.get("copy_of")) for line in lines] == [False, True, *[False] * 4]
    assert {len(line["target"]["commit"]) for line in lines} == {40}


def test_a_judge_that_fails_on_one_folder_still_sees_the_others(repository):
    path = attrgetter("entry.path")  # fails where there is no entry script
    found = list(sweep(repository, ["2", "10"], None, path, 1))
    assert found[0] == "train_gpt.py"
    assert described(found[1]) == ("2", "2", True)
    assert "AttributeError" in found[1]["error"]["message"]
    assert found[2] == "train_gpt.py"


def run(*arguments):
    return CliRunner().invoke(app, ["sweep", *map(str, arguments)])


def test_refs_come_from_a_file_as_numbers_refs_or_commits(repository, tmp_path):
    git = pygit2.Repository(str(repository))
    commit = str(git.references["refs/pull/2/head"].target)
    refs = tmp_path / "refs.txt"
    refs.write_text(f"{commit}\nnonsense\n\nrefs/pull/1/head\n")
    result = run("--repo", repository, "--refs", refs, "--jobs", 1, "--format", "jsonl")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [described(line) for line in lines] == [
        ("refs/pull/1/head", "1", False),
        (commit, "1", False),
        (commit, "2", False),
        ("nonsense", "", True),
    ]
    assert lines[1]["target"]["copy_of"]
    assert "\x1b" not in result.stdout


def untimed(path):
    """The lines of a sweep without how long each took."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [{key: line[key] for key in line if key != "elapsed_ms"} for line in lines]


def test_an_interrupted_sweep_goes_on_where_it_stopped(repository, tmp_path):
    whole = tmp_path / "whole.jsonl"
    assert run("--repo", repository, "--jobs", 1, "-o", whole).exit_code == 0
    lines = whole.read_bytes().splitlines(keepends=True)
    assert len(lines) == 6
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    assert run("--repo", repository, "--jobs", 1, "-o", cut).exit_code == 0
    assert untimed(cut) == untimed(whole)


@pytest.mark.parametrize(
    "arguments",
    [("--repo", "nowhere"), ("--refs", "nowhere"), ("--base", "nowhere"), ("--format", "xml")],
)
def test_bad_arguments_are_refused(repository, arguments):
    result = run("--repo", repository, *arguments)
    assert result.exit_code != 0
    assert "nowhere" in str(result.exception) or "xml" in str(result.exception)


def test_a_file_that_no_sweep_wrote_is_not_appended_to(repository, tmp_path):
    other = tmp_path / "thesis.txt"
    other.write_text("my thesis\n")
    assert "not the output of a sweep" in str(run("--repo", repository, "-o", other).exception)
    assert other.read_text() == "my thesis\n"
