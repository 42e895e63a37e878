"""`pgolf verify-size`: three counts, what they rest on, and an exit code that says no more."""

import json
import os
import re
import zlib
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from pgolf_check.cli import app
from pgolf_check.errors import PgolfError
from rules.records import BPB, train_log

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "schemas" / "size.schema.json").read_text()
)
CODE = "# a comment that minifying drops\nimport torch\n\n\nprint(torch.__version__)\n" * 20


def invoke(*arguments):
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["verify-size", *map(str, arguments)])


def counted(*arguments):
    result = invoke(*arguments, "--format", "json")
    (document,) = map(json.loads, result.stdout.splitlines())
    jsonschema.validate(document, SCHEMA)
    return result.exit_code, document


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "track_10min_16mb" / "small"
    path.mkdir(parents=True)
    (path / "train_gpt.py").write_text(CODE)
    return path


def log(folder, **sizes):
    (folder / "train_seed42.log").write_text(train_log(42, **sizes))


def totals(document, run=0):
    return {way: count["total"] for way, count in document["runs"][run]["counts"].items()}


def test_within_by_every_count(folder):
    log(folder, model_bytes=15_000_000, code_bytes=len(CODE))
    code, document = counted(folder)
    assert code == 0
    assert document["standing"] == "within"
    found = totals(document)
    assert found["logged"] == found["shipped"] == 15_000_000 + len(CODE)
    assert 15_000_000 < found["minimal"] < found["shipped"]
    assert document["runs"][0]["disagreements"] == []


def test_what_was_only_read_is_never_called_measured(folder):
    log(folder, model_bytes=15_000_000, code_bytes=len(CODE))
    _, document = counted(folder)
    counts = document["runs"][0]["counts"]
    assert [count["measured"] for count in counts.values()] == [False, False, False]
    assert counts["shipped"]["code"]["measured"]
    assert not counts["shipped"]["model"]["measured"]
    page = invoke(folder).stdout
    assert "read, not verified" in page
    assert not re.search(r"(?<!not )verified", page)


def test_over_by_every_count(folder):
    log(folder, model_bytes=16_000_001, code_bytes=len(CODE))
    code, document = counted(folder)
    assert code == 1
    assert document["standing"] == "over"


def test_counts_that_disagree_decide_nothing(folder):
    log(folder, model_bytes=15_999_500, code_bytes=100)
    code, document = counted(folder)
    assert code == 3
    assert document["standing"] == "undecided"
    assert totals(document)["logged"] < 16_000_000 < totals(document)["shipped"]
    told = " ".join(document["runs"][0]["disagreements"])
    assert "over the cap by the count shipped, within by logged, minimal" in told
    assert "against the log" in told
    assert "CANNOT DECIDE" in invoke(folder).stdout


def test_an_ablation_decides_nothing(folder):
    log(folder, model_bytes=15_000_000, code_bytes=len(CODE))
    bigger = train_log(7, model_bytes=17_000_000, code_bytes=len(CODE), bpb=1.3)
    (folder / "ablation.log").write_text(bigger)
    claim = {"val_bpb": BPB, "bytes_total": 15_001_500}
    (folder / "submission.json").write_text(json.dumps(claim))
    code, document = counted(folder)
    assert [run["decisive"] for run in document["runs"]] == [False, True]
    assert (code, document["standing"]) == (0, "within")
    page = invoke(folder).stdout
    assert "ablation.log (not behind the score)" in page
    assert "submission.json states 15,001,500 bytes; that is a claim." in page


@pytest.mark.parametrize(
    ("total", "doubt"), [(15_000_000, "code could not be"), (17_000_000, "nothing could be")]
)
def test_a_total_that_only_a_log_states_decides_nothing(folder, total, doubt):
    (folder / "train_gpt.py").unlink()
    log(folder, model_bytes=total - 1_000, code_bytes=1_000)
    code, document = counted(folder)
    assert (code, document["standing"]) == (3, "undecided")
    assert doubt in document["doubt"]


def test_modules_and_native_sources_are_code(folder):
    (folder / "experts.py").write_text("ORDER = 3\n" * 50)
    (folder / "train_gpt.py").write_text("import experts\n" + CODE)
    log(folder, model_bytes=15_000_000, code_bytes=1)
    _, document = counted(folder)
    code = document["runs"][0]["counts"]["shipped"]["code"]
    assert code["size"] == len("import experts\n" + CODE) + 500
    assert code["origin"] == "train_gpt.py and 1 more"


def test_nothing_to_go_by_is_no_answer(folder):
    code, document = counted(folder)
    assert code == 3
    assert document["runs"][0]["log"] == ""
    assert "no model file" in " ".join(document["runs"][0]["counts"]["shipped"]["missing"])


def test_a_model_file_in_the_folder_is_measured(folder):
    (folder / "final_model.int6.ptz").write_bytes(os.urandom(70_000))
    code, document = counted(folder)
    shipped = document["runs"][0]["counts"]["shipped"]
    assert code == 0
    assert shipped["measured"]
    assert shipped["total"] == 70_000 + len(CODE)


def test_of_several_model_files_the_one_of_the_logged_size_counts(folder):
    (folder / "a.ptz").write_bytes(bytes(60_000))
    (folder / "b.ptz").write_bytes(bytes(80_000))
    assert "which of 2" in " ".join(counted(folder)[1]["runs"][0]["counts"]["shipped"]["missing"])
    log(folder, model_bytes=80_000, code_bytes=len(CODE))
    assert counted(folder)[1]["runs"][0]["counts"]["shipped"]["model"]["origin"] == "b.ptz"


def test_a_given_artifact_is_measured_and_held_against_the_log(folder, tmp_path):
    log(folder, model_bytes=15_000_000, code_bytes=len(CODE))
    artifact = tmp_path / "model.ptz"
    artifact.write_bytes(os.urandom(100_000))
    code, document = counted(folder, "--artifact", artifact)
    assert code == 0
    assert document["runs"][0]["counts"]["shipped"]["measured"]
    assert "the model is 100,000 bytes here" in " ".join(document["runs"][0]["disagreements"])


def test_a_sparse_gigabyte_is_counted_and_not_read(folder, tmp_path):
    artifact = tmp_path / "model.ptz"
    with artifact.open("wb") as file:
        file.truncate(1 << 30)
    assert counted(folder, "--artifact", artifact)[0] == 1
    refused = invoke(folder, "--artifact", artifact, "--unpack").exception
    assert "not unpacked" in str(refused)


def test_unpacking_lists_tensors_or_says_why_not(folder, tmp_path):
    artifact = tmp_path / "model.ptz"
    header = json.dumps({"w": {"dtype": "I8", "shape": [4], "data_offsets": [0, 4]}}).encode()
    inside = len(header).to_bytes(8, "little") + header + bytes(4)
    artifact.write_bytes(zlib.compress(inside))
    _, document = counted(folder, "--artifact", artifact, "--unpack")
    (found,) = document["artifacts"]
    assert found["layers"] == [{"codec": "zlib", "size": len(inside)}]
    assert found["tensors"] == [{"name": "w", "dtype": "int8", "shape": [4]}]
    artifact.write_bytes(b"cos\nsystem\n(X\x02\x00\x00\x00idtR.")
    result = invoke(folder, "--artifact", artifact, "--unpack")
    assert "loading it would call os.system" in result.stdout
    assert result.exit_code == 3


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "nothing to count"),
        (("nowhere",), "nowhere"),
        (("x", "--repo", "y"), "go together"),
        (("x", "--format", "pdf"), "unknown format"),
    ],
)
def test_what_cannot_be_read_is_refused(arguments, complaint):
    error = invoke(*arguments).exception
    assert isinstance(error, PgolfError)
    assert complaint in str(error)


def test_an_artifact_that_is_no_file_is_refused(folder, tmp_path):
    assert "is not a file" in str(invoke(folder, "--artifact", tmp_path).exception)
    assert "cannot be read" in str(invoke(folder, "--artifact", tmp_path / "no").exception)
    os.mkfifo(tmp_path / "pipe")
    assert "is not a file" in str(invoke(folder, "--artifact", tmp_path / "pipe").exception)


def test_the_page_fits_80_columns_and_shows_nothing_raw(folder, tmp_path):
    log(folder, model_bytes=15_999_500, code_bytes=100)
    artifact = tmp_path / "\x1b[31m.ptz"
    artifact.write_bytes(b"words")
    page = invoke(folder, "--artifact", artifact, "--unpack").stdout
    assert max(map(len, page.splitlines())) <= 80
    assert "\x1b" not in page
