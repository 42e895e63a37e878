import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from pgolf_check.cli import app
from pgolf_check.errors import PgolfError

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "schemas" / "stats.schema.json").read_text()
)
GOOD, OLD = "42:1.0501,0:1.0503,1:1.0502", "1.08079,1.08103,1.08118"


def _stats(*arguments):
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["stats", *map(str, arguments)])


def _json(*arguments):
    result = _stats(*arguments, "--format", "json")
    document = json.loads(result.stdout)
    jsonschema.validate(document, SCHEMA)
    return document["comparisons"], result.exit_code


@pytest.fixture
def folder(tmp_path):
    def make(name, scores, readme=""):
        path = tmp_path / name
        path.mkdir()
        (path / "train_gpt.py").write_text("print('train')\n")
        for seed, score in scores.items():
            (path / f"train_seed{seed}.log").write_text(
                f"seed:{seed}\nworld_size:8 grad_accum_steps:1\nstep:1/20000 train_loss:6.9 "
                f"train_time:44ms step_avg:44.00ms\n"
                f"final_ttt_exact val_loss:{score * 2.5831:.8f} val_bpb:{score:.8f}\n"
            )
        mean = sum(scores.values()) / len(scores)
        data = {"val_bpb": round(mean, 8), "date": "2026-04-10", "author": "x"}
        (path / "submission.json").write_text(json.dumps(data))
        (path / "README.md").write_text(readme)
        return path

    return make


def test_the_exit_code_is_the_answer():
    assert _stats("--new", GOOD, "--old", OLD).exit_code == 0
    assert _stats("--new", OLD, "--old", GOOD).exit_code == 1
    assert _stats("--new", "1.05", "--old", OLD).exit_code == 3


def test_the_chosen_edition_decides():
    small = "1.07928348,1.07996676,1.08024795"
    asked = ("--new", small, "--against", "1493")
    assert [_stats(*asked, "--edition", e).exit_code for e in ("2026-03", "2026-04")] == [1, 0]


def test_json_follows_its_schema():
    for new in (GOOD, "1.05", "1.05+-0.001/3", "1.05,1.05", "1.0501,1.0502"):
        for old in ("--old=1.08", f"--old={OLD}", "--against=265", "--against=Rascal"):
            _json("--new", new, old)


def test_the_figures(folder):
    (found,), code = _json("--new", "1.07928348 1.07996676 1.08024795", "--old", OLD)
    test = found["hypotheses"][0]["test"]
    assert (round(test["t"], 2), round(test["df"], 2), round(test["p"], 4)) == (3.79, 2.61, 0.0204)
    assert [gate["answer"] for gate in found["gates"]] == ["cannot tell", "yes", "yes"]
    assert code == 0


def test_a_tokenizer_makes_the_margin_known():
    (found,), _ = _json("--new", GOOD, "--old", OLD, "--tokenizer", "sp8192")
    assert [gate["answer"] for gate in found["gates"]] == ["yes"] * 3
    assert found["improvement"]["nats_per_token"] == pytest.approx(0.0308 * 2.5831, abs=1e-4)


def test_a_folder_against_the_frontier_of_its_day(folder):
    readme = "Welch t-test against #1514: p = 0.4, and Welch p = 1e-7 over #1493\n"
    path = folder("2026-04-10_New", {1: 1.07501, 2: 1.07511, 3: 1.07523}, readme)
    (found,), code = _json(path)
    assert (found["old"]["name"], code) == ("#1514", 0)
    assert {each["log"] for each in found["new"]["seeds"]} == {
        f"train_seed{seed}.log" for seed in (1, 2, 3)
    }
    assert [each["holding"] for each in found["quoted"]] == ["fails", "fails"]
    assert _json(path, "--as-of", "2026-04-08")[0][0]["old"]["name"] == "#1477"
    assert _json(path, "--as-of", "#1855")[0][0]["old"]["name"] == "#1851"


def test_folders_against_each_other_and_together(folder):
    first = folder("a", {1: 1.07501, 2: 1.07511})
    second = folder("b", {3: 1.07601, 4: 1.07611})
    both, code = _json(first, second, "--against", "1493")
    assert ([found["new"]["n"] for found in both], code) == ([2, 2], 0)
    (pooled,), _ = _json(first, second, "--pool", "--against", "1493")
    assert (pooled["new"]["n"], pooled["new"]["name"]) == (4, "a + b")
    assert _json(second, "--against", first)[1] == 1


def test_a_text_to_check(tmp_path):
    text = tmp_path / "claims.md"
    text.write_text("Welch's t-test: p = 0.034\n")
    new, old = "1.05867499,1.05939426,1.06024251", "1.05989454,1.06124613,1.06208695"
    (found,), _ = _json("--new", new, "--old", old, "--quoted", text)
    assert found["quoted"][0]["doubts"] == ["population-sd"]


def test_the_terminal_report_fits_eighty_columns(folder):
    path = folder("2026-04-10_New", {1: 1.07501, 2: 1.07511, 3: 1.07523}, "p = 0.4, seeds\n")
    shown = _stats(path).stdout
    assert max(map(len, shown.splitlines())) <= 80
    for words in ("2026-03", "Welch", "nats/token", "relabelled p", "fails", "o seed"):
        assert words in shown


@pytest.mark.parametrize("suffix", ["svg", "png", "html"])
def test_plots(tmp_path, suffix):
    file = tmp_path / f"plot.{suffix}"
    assert _stats("--new", GOOD, "--old", OLD, "--plot", file).exit_code == 0
    start = {"svg": b"<svg", "png": b"\x89PNG", "html": b"<!doctype html>"}[suffix]
    assert file.read_bytes().startswith(start)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--new", ""),
        ("--new", "nan"),
        ("--new", "1.05,inf"),
        ("--new", GOOD, "--old", "x"),
        ("--new", GOOD, "--against", "no such row"),
        ("--new", GOOD, "--against", "SP8192"),
        ("--new", GOOD, "--against", "1493", "--old", OLD),
        ("--new", GOOD, "--edition", "2027-01"),
        ("--new", GOOD, "--unit", "bits"),
        ("--new", GOOD, "--tokenizer", "sp9"),
        ("--new", GOOD, "--as-of", "soon"),
        ("--new", GOOD, "--as-of", "2020-01-01"),
        ("--new", GOOD, "--leaderboard", "/nowhere.toml"),
        ("--new", GOOD, "--plot", "out.pdf"),
        ("--new", GOOD, "--plot", "/nowhere/out.png"),
        ("--new", GOOD, "--plot", "/nowhere/out.svg"),
        ("--new", GOOD, "--format", "xml"),
        ("--new", GOOD, "--quoted", "/nowhere.md"),
        ("--new", GOOD, "--ref", "1855"),
        ("/nowhere",),
    ],
)
def test_unusable_input_is_told_in_one_line(arguments):
    error = _stats(*arguments).exception
    assert isinstance(error, PgolfError)
    assert "\n" not in str(error)


def test_ten_thousand_seeds():
    new = " ".join(f"{1.05 + at % 997 * 1e-6:.8f}" for at in range(10_000))
    (found,), code = _json("--new", new, "--against", "1394")
    assert (found["new"]["n"], code) == (10_000, 0)


def test_help_does_not_import_scipy():
    code = (
        "import sys; from typer.testing import CliRunner; from pgolf_check.cli import app; "
        "CliRunner().invoke(app, ['--help']); "
        "sys.exit(any(name in sys.modules for name in ('scipy', 'numpy', 'PIL')))"
    )
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0
