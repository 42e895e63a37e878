import json
import re
import unicodedata
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from pgolf_check.cli import app
from pgolf_check.errors import PgolfError

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "show.schema.json"
CODE = 'import os\nttt_enabled = int(os.environ.get("TTT_ENABLED", "0"))\n'
LOG = """seed:42
model_params:100
world_size:8 grad_accum_steps:1
step:1/20000 train_loss:6.9 train_time:44ms step_avg:44.00ms
step:5000/20000 val_loss:2.06 val_bpb:1.2201 train_time:612000ms step_avg:120.0ms
stopping_early: wallclock_cap train_time:612000ms step:5000/20000
gptq:collected 67 Hessians in 12.8s
Total submission size int6+zstd: 16100000 bytes
final_ttt_exact val_loss:1.8 val_bpb:1.08100000 eval_time:300000ms
"""


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "track_10min_16mb" / "2026-04-01_Small"
    path.mkdir(parents=True)
    (path / "train_gpt.py").write_text(CODE)
    (path / "train_seed42.log").write_text(LOG)
    (path / "submission.json").write_text(json.dumps({"val_bpb": 1.081, "author": "x"}))
    (path / "README.md").write_text("## Run\n```\nTTT_ENABLED=1 torchrun train_gpt.py\n```\n")
    return path


def _show(*arguments):
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["show", *map(str, arguments)])


def test_the_page_says_what_a_referee_asks_first(folder):
    result = _show(folder)
    assert result.exit_code == 0
    text = re.sub(r" +", " ", result.output)
    for told in (
        "2026-04-01_Small",
        "record track",
        "headline 1.08100 bits per byte",
        "supported: submission.json agrees with final_ttt_exact",
        "42 5,000 120.0 612.0 300.0 16,100,000! 1.08100 train_seed42.log",
        "612.00 s, 12.00 s over",
        "+ quantise ▒ 12.80 s",
        "TTT_ENABLED 0 1 command README.md:3",
    ):
        assert told in text


def test_the_page_is_80_columns_wide_and_needs_no_colour(folder):
    output = _show(folder).output
    assert max(map(len, output.splitlines())) <= 80
    assert "\x1b" not in output


def test_json_keeps_to_its_schema(folder):
    shown = json.loads(_show(folder, "--format", "json").output)
    jsonschema.validate(shown, json.loads(SCHEMA.read_text()))
    (one,) = shown
    assert one["headline"]["supported"] is True
    assert one["logs"][0]["seconds_after_training"] == 12.8
    changed = [setting["name"] for setting in one["settings"] if setting["changed"]]
    assert changed == ["TTT_ENABLED"]


def test_escapes_are_never_printed_raw(folder):
    evil = "\x1b]8;;http://x\x07\x9b31m\u202e"
    (folder / f"train_{evil.replace('/', '')}.log").write_text(LOG.replace("final", evil + "final"))
    (folder / "submission.json").write_text(json.dumps({"val_bpb": evil, "author": evil * 50}))
    (folder / "train_gpt.py").write_text(CODE + f'x = "{evil}"\n')
    for arguments in ((folder,), (folder, "--format", "json")):
        output = _show(*arguments).output
        raw = {c for c in output if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}
        assert raw == set()


def test_an_empty_folder_is_shown_for_what_it_lacks(tmp_path):
    result = _show(tmp_path)
    assert result.exit_code == 0
    assert "no entry script was found" in result.output
    assert "none that can be read" in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "nothing to read"),
        (("--ref", "1"), "go together"),
        ((".", "--format", "xml"), "unknown format"),
    ],
)
def test_what_cannot_be_asked(arguments, told):
    result = _show(*arguments)
    assert isinstance(result.exception, PgolfError)
    assert told in str(result.exception)
