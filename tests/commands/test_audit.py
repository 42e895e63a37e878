"""`pgolf audit`, `explain` and `rules` from the command line."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import jsonschema
import pygit2
import pytest
from typer.testing import CliRunner

from pgolf_check.cli import app
from pgolf_check.errors import PgolfError
from pgolf_check.findings import Place
from pgolf_check.judge.registry import all_rules, rule_named
from pgolf_check.submission.facts import Problem, ProblemKind
from pgolf_check.worker import Worker
from rules.records import README, manifest, train_log

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "schemas" / "audit.schema.json").read_text()
)
SEEDS = (42, 1337, 2025)


def invoke(*arguments):
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, [str(word) for word in arguments])


def lay_out(folder, **log):
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(README)
    (folder / "submission.json").write_text(manifest())
    (folder / "train_gpt.py").write_text("def unfinished(:\n")
    for number, seed in enumerate(SEEDS):
        text = train_log(seed, bpb=1.1252 + number * 1e-4 - 1e-4, **log)
        (folder / f"train_seed{seed}.log").write_text(text)
    return folder


@pytest.fixture
def held(tmp_path):
    return lay_out(tmp_path / "track_10min_16mb" / "held")


@pytest.fixture
def violating(tmp_path):
    return lay_out(tmp_path / "track_10min_16mb" / "violating", world_size=4)


def test_the_exit_code_is_that_of_the_worst(held, violating, tmp_path):
    assert invoke("audit", held).exit_code == 3
    assert invoke("audit", violating).exit_code == 1
    assert invoke("audit", held, violating).exit_code == 1
    assert invoke("audit", held, tmp_path / "nowhere", violating).exit_code == 2


def test_a_clean_submission_ends_with_zero(tmp_path):
    folder = lay_out(tmp_path / "track_10min_16mb" / "fine")
    example = rule_named("TTT-CHUNK").legal[0]
    script = "\n".join(map(textwrap.dedent, (example.before, example.code, example.after)))
    script = script.replace("final val", "final_int6_sliding_window_exact val_loss:{total} val")
    (folder / "train_gpt.py").write_text(script)
    result = invoke("audit", folder, "--format", "json")
    assert json.loads(result.stdout)["recognised"] == ["TTT-CHUNK"]
    assert result.exit_code == 0


def test_a_target_that_cannot_be_used_does_not_hide_the_others(held, tmp_path):
    result = invoke("audit", tmp_path / "nowhere", held)
    assert "nowhere" in result.stderr
    assert "held" in result.stdout


def run(*arguments, **environment):
    """The command as it is started, with what `main` does around it."""
    command = [sys.executable, "-m", "pgolf_check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, env=os.environ | environment)


def test_a_terminal_without_unicode_gets_the_report_and_the_exit_code(held):
    result = run("audit", held, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert b"Traceback" not in result.stderr
    assert b"record track \\xb7 " in result.stdout
    assert result.returncode == 3


@pytest.mark.parametrize("arguments", [("explain", "\x1b[31mX"), ("audit", "\x1b[31m\u202ex")])
def test_an_error_shows_no_escape_sequence(arguments):
    result = run(*arguments)
    assert result.returncode == 2
    assert result.stderr.count(b"\n") == 1
    assert b"\\x1b[31m" in result.stderr
    assert b"\x1b" not in result.stderr
    assert "\u202e".encode() not in result.stderr


def test_json_is_one_document_a_line_and_keeps_to_its_schema(held, violating):
    result = invoke("audit", held, violating, "--format", "json")
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    for document in documents:
        jsonschema.validate(document, SCHEMA)
    assert [one["verdicts"]["evidence"] for one in documents] == ["clean", "violation"]
    assert documents[0]["verdicts"]["legality"] == "hold"
    assert {"EVI-HWTIME"} <= {finding["rule"] for finding in documents[1]["findings"]}


@pytest.mark.parametrize("form", ["terminal", "markdown", "sarif"])
def test_every_form_names_the_rule_and_the_place(violating, form):
    text = invoke("audit", violating, "--format", form).stdout
    assert "EVI-HWTIME" in text
    assert "train_seed42.log" in text


def test_a_report_goes_whole_into_a_file_or_not_at_all(violating, tmp_path):
    path = tmp_path / "review.md"
    result = invoke("audit", violating, "--format", "markdown", "-o", path)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert path.read_text().startswith("## Review of `violating`")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["review.md", "track_10min_16mb"]
    refused = invoke("audit", violating, "-o", tmp_path / "no" / "folder.txt")
    assert isinstance(refused.exception, PgolfError)


def test_quiet_leaves_out_what_is_fine(violating):
    assert "Checked and clean" in invoke("audit", violating).stdout
    assert "Checked and clean" not in invoke("audit", violating, "-q").stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "nothing to audit"),
        (("x", "--format", "pdf"), "unknown format"),
        (("x", "--edition", "1999-01"), "2026-03"),
        (("x", "--ref", "7"), "go together"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_cure(arguments, complaint):
    error = invoke("audit", *arguments).exception
    assert isinstance(error, PgolfError)
    assert complaint in str(error)


def test_a_target_that_kills_the_worker_is_held_not_forgotten(held, monkeypatch):
    died = Problem(ProblemKind.HOSTILE, "ended the process by signal SIGSEGV", Place(""))
    monkeypatch.setattr(Worker, "run", lambda *_: died)
    result = invoke("audit", held, "--format", "json")
    assert result.exit_code == 3
    document = json.loads(result.stdout)
    jsonschema.validate(document, SCHEMA)
    assert set(document["verdicts"].values()) == {"hold"}
    assert "SIGSEGV" in document["findings"][0]["message"]


@pytest.fixture
def repository(tmp_path, held, violating):
    path = tmp_path / "git"
    git = pygit2.init_repository(str(path), bare=True, initial_head="main")
    who = pygit2.Signature("A", "a@example.org", 1_700_000_000, 0)

    def commit(folders, parents):
        index = pygit2.Index()
        for folder in folders:
            for file in folder.iterdir():
                name = f"records/track_10min_16mb/{folder.name}/{file.name}"
                blob = git.create_blob(file.read_bytes())
                index.add(pygit2.IndexEntry(name, blob, pygit2.enums.FileMode.BLOB))
        return git.create_commit(None, who, who, "m", index.write_tree(git), parents)

    main = commit([], [])
    git.create_reference("refs/heads/main", main)
    git.create_reference("refs/pull/7/head", commit([held, violating], [main]))
    return path


def test_a_pull_request_is_judged_folder_by_folder(repository):
    every = invoke("audit", "--repo", repository, "--ref", "7", "--format", "json")
    assert len(every.stdout.splitlines()) == 2
    one = invoke("audit", "held", "--repo", repository, "--ref", "7", "--format", "json")
    assert json.loads(one.stdout)["target"]["folder"] == "records/track_10min_16mb/held"
    assert one.exit_code == 3
    none = invoke("audit", "other", "--repo", repository, "--ref", "7")
    assert "no such folder" in str(none.exception)


def test_explain_shows_both_sides_of_a_rule():
    text = invoke("explain", "evi-hwtime").stdout
    for heading in ("What", "Law and source", "Why", "Use instead", "left undecided", "Remedy"):
        assert heading in text
    assert "<-- here" in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("rule", [entry.rule.id for entry in all_rules()])
def test_every_rule_has_a_page_in_markdown(rule):
    text = invoke("explain", rule, "--format", "markdown").stdout
    assert text.startswith(f"# {rule}: ")
    assert text.count("```") % 2 == 0


def test_rules_lists_every_rule_with_the_standing_of_its_law():
    lines = invoke("rules").stdout.splitlines()
    assert len([line for line in lines if line[:1].isupper()]) == len(all_rules())
    row = next(line for line in lines if line.startswith("ART-CODECOUNT "))
    assert "contested" in row
