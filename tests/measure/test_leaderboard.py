from datetime import date

import pytest

from pgolf_check.errors import PgolfError
from pgolf_check.measure.leaderboard import load
from pgolf_check.measure.samples import sample_of
from pgolf_check.measure.units import Unit

BOARD = load()
NEW = sample_of("1.05", "new", Unit.BPB)
BEST_SEED_PRINTED = {414, 315, 287, 63, 49, 42}


def test_means_are_the_printed_scores_but_where_the_best_seed_was_printed():
    for row in BOARD.rows:
        mean = row.sample.summary.mean
        if row.pr in BEST_SEED_PRINTED:
            assert float(row.score) == pytest.approx(min(row.sample.values), abs=3e-4)
            assert mean > float(row.score)
        else:
            assert float(row.score) == pytest.approx(mean, abs=6e-5)


def test_every_tokenizer_is_known():
    assert all(row.bytes_per_token for row in BOARD.rows)


@pytest.mark.parametrize(
    ("as_of", "row"),
    [
        (1514, "#1493"),
        (1855, "#1851"),
        (1, "Naive Baseline"),
        (date(2026, 3, 18), "#49"),
        (date(2026, 4, 9), "#1514"),
        (date(2026, 4, 28), "#1855"),
        (date.max, "#2135"),
    ],
)
def test_the_frontier(as_of, row):
    assert BOARD.frontier(as_of, NEW).label == row


def test_a_record_is_not_compared_with_itself():
    row = BOARD.row("1855")
    assert BOARD.frontier(date(2026, 4, 28), row.sample).label == "#1851"


@pytest.mark.parametrize("wanted", ["1019", "#1019", "PR #1019", "ar self-gen gptq"])
def test_rows_by_number_and_name(wanted):
    assert BOARD.row(wanted).pr == 1019


def test_unknown_and_ambiguous_names():
    assert BOARD.row("999999") is None
    assert BOARD.row("no such thing") is None
    with pytest.raises(PgolfError, match="several rows"):
        BOARD.row("SP8192")


def test_tokenizers_by_name_and_number():
    assert BOARD.bytes_per_token("sp8192") == pytest.approx(3.7266, abs=1e-4)
    assert BOARD.bytes_per_token("2.5") == 2.5
    for text in ("sp9", "nan", "0", "-1"):
        with pytest.raises(PgolfError, match="sp1024"):
            BOARD.bytes_per_token(text)


ROW = """
[tokenizers]
sp1 = 2.5
[[row]]
pr = 7
date = 2027-01-01
name = "n"
author = "a"
score = "1.0"
tokenizer = "sp1"
"""


def test_a_newer_file(tmp_path):
    path = tmp_path / "board.toml"
    path.write_text(ROW)
    (row,) = load(path).rows
    assert (row.label, row.sample.summary.n, row.sample.summary.mean) == ("#7", 1, 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "",
        ROW.replace("pr = 7", ""),
        ROW.replace('score = "1.0"', 'score = "nan"'),
        ROW.replace("2027-01-01", '"soon"'),
        ROW + "seeds = [[1, inf]]\n",
        ROW + "seeds = [7]\n",
        ROW.replace("sp1 = 2.5", 'sp1 = "many"'),
    ],
)
def test_a_broken_file_is_told_in_one_line(tmp_path, text):
    path = tmp_path / "board.toml"
    path.write_text(text)
    with pytest.raises(PgolfError, match="not a leaderboard"):
        load(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(PgolfError, match="cannot read"):
        load(tmp_path / "none.toml")
