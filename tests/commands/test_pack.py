"""`bundle`, `pack` and `unpack` as they are typed."""

import ast
import stat

import pytest
from typer.testing import CliRunner

from pgolf_check.cli import app
from pgolf_check.errors import PgolfError

SCRIPT = (
    "".join(f"table_{n} = [{n}, {n * n % 97}]  # why\n" for n in range(99)) + "print(table_3)\n"
)


@pytest.fixture
def pgolf(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, list(words))


def test_packing_writes_the_script_and_tells_every_step(pgolf, tmp_path):
    (tmp_path / "a.py").write_text(SCRIPT)
    done = pgolf("pack", "a.py", "-o", "b.py", "--readable")
    assert done.exit_code == 0, done.output
    size = (tmp_path / "b.py").stat().st_size
    assert f"{len(SCRIPT):,}" in done.stdout.split("\n")[0]
    assert f"{size:,}" in done.stdout.strip().split("\n")[-1]
    assert (tmp_path / "b.readable.py").read_text() == SCRIPT
    assert stat.S_IMODE((tmp_path / "b.py").stat().st_mode) & stat.S_IRGRP
    undone = pgolf("unpack", "b.py")
    assert undone.exit_code == 0
    assert ast.dump(ast.parse(undone.stdout)) == ast.dump(ast.parse(SCRIPT))
    assert pgolf("unpack", "b.py", "-o", "c.py").exit_code == 0
    assert (tmp_path / "c.py").read_text() == undone.stdout


def test_a_refusal_names_the_place_and_writes_nothing(pgolf, tmp_path):
    (tmp_path / "a.py").write_text(f"{SCRIPT}exec('x')\n")
    done = pgolf("pack", "a.py", "-o", "b.py")
    assert done.exit_code == 1
    assert "a.py:101: runs code" in done.stdout
    assert not (tmp_path / "b.py").exists()


@pytest.mark.parametrize(
    ("words", "data"),
    [
        (("pack", "a.py", "-o", "b.py"), None),
        (("pack", "a.py", "-o", "b.py"), b"x = ("),
        (("pack", "a.py", "-o", "b.py"), b"\xff"),
        (("pack", "a.py", "-o", "nowhere/b.py"), b"x = 1"),
        (("unpack", "a.py"), None),
        (("unpack", "a.py"), b"\0"),
        (("bundle", "--preset", "baselin", "-o", "out"), None),
        (("bundle", "--preset", "baseline", "--set", "model.widht=3", "-o", "out"), None),
    ],
)
def test_bad_input_is_told_in_one_line(pgolf, tmp_path, words, data):
    if data is not None:
        (tmp_path / "a.py").write_bytes(data)
    done = pgolf(*words)
    assert isinstance(done.exception, PgolfError)  # which `main` tells in one line, with exit 2
    assert "\n" not in str(done.exception)
    assert not (tmp_path / "b.py").exists()
