import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgolf_check.measure.check import Holding
from pgolf_check.measure.leaderboard import load
from pgolf_check.measure.quoted import recompute
from pgolf_check.measure.quotes import Figure, quotes_in
from pgolf_check.measure.samples import sample_of
from pgolf_check.measure.units import Unit


def _found(text):
    return [(quote.figure, quote.value, quote.below) for quote in quotes_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Welch's t-test: **t = -4.19**, **df = 6.6**", [("t", -4.19, False), ("df", 6.6, False)]),
        (
            "t-statistic: \u221256.84, p-value: 0.00015",
            [("t", -56.84, False), ("p", 0.00015, False)],
        ),
        ("significant at $p < 10^{-3}$ vs SOTA", []),
        ("significant, p << 1e-7", [("p", 1e-7, True)]),
        ("seeds: p ≈ 5.4 \u00d7 10⁻⁶", [("p", 5.4e-6, False)]),
        ("p-value vs previous SOTA (x, 1.1748): 0.0008", [("p", 0.0008, False)]),
        ("| **Std** | 0.00163 | |", [("sd", 0.00163, False)]),
        ("1.16323 +/- 0.00042 over 3 seeds", [("sd", 0.00042, False)]),
        ("improves by 0.0248 nats", [("nats", 0.0248, False)]),
        ("better by 0.0031 nats per byte", [("nats/byte", 0.0031, False)]),
        ("beats SOTA by 0.0119 BPB", [("bpb", 0.0119, False)]),
        ("5.8\u03c3 better than the baseline", [("sigmas", 5.8, False)]),
    ],
)
def test_figures(text, expected):
    assert _found(text) == [(Figure(name), value, below) for name, value, below in expected]


@pytest.mark.parametrize(
    "text",
    [
        "must show p < 0.01 (required)",
        "the p < 0.25 cutoff for seeds",
        "temperature T=0.98, top_p = 0.9",
        "for t = 1..T the state is updated",
        "beats the record by at least 0.005 nats",
        "GPTQ clip at 12.85 sigma is better",
        "dropout p = 0.1",
        "lr = 0.02, wd = 0.04",
    ],
)
def test_what_only_looks_like_one(text):
    assert _found(text) == []


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text):
    list(quotes_in(text))
    list(quotes_in(f"Welch {text} p = {text} t = {text}"))


@pytest.mark.parametrize(
    "line",
    ["1" * 1_000, "t = 1.5 " * 120, "p" + " " * 998 + "=", "0.1 nats " * 100, "1.234 " * 160],
)
def test_hostile_texts_are_quick(line):
    new = replace(sample_of("1.0801 1.0799 1.0803", "new", Unit.BPB), bytes_per_token=3.7)
    records = [row.sample for row in load().rows]
    started = time.process_time()
    recompute(f"Welch seeds improve\n{line}\n" * 2_000, new, records[0], records)
    assert time.process_time() - started < 8


def _holding(text, new="1.07928348 1.07996676 1.08024795", old="1493"):
    board = load()
    sample = replace(sample_of(new, "new", Unit.BPB), bytes_per_token=3.726631)
    records = [row.sample for row in board.rows]
    return recompute(text, sample, board.row(old).sample, records)


def test_a_right_text_holds_throughout():
    text = "mean 1.07983 (std 0.00050), Welch t = 3.80, df = 2.6, p = 0.020; gain 0.0030 nats"
    assert {found.holding for found in _holding(text)} == {Holding.HOLDS}
    assert len(_holding(text)) == 5


def test_a_record_that_the_text_names_is_tried_as_well():
    text = "against #1477: Welch p = 0.0020"
    assert [found.holding for found in _holding(text, old="1514")] == [Holding.HOLDS]
    unnamed = text.replace("#1477", "SOTA")
    assert [found.holding for found in _holding(unnamed, old="1514")] == [Holding.FAILS]


def test_numbers_of_other_things_stay_unmentioned():
    assert _holding("| layer | gain |\n| XSA | 0.0215 BPB better |\n| Std of int6 | 0.0123 |") == []


def test_df_of_equal_variances():
    (found,) = _holding("Welch: df = 4")
    assert "equal variances" in found.explanation
    assert found.value == pytest.approx(2.61, abs=0.01)


def test_two_sided():
    (found,) = _holding("Welch t-test vs SOTA, p = 0.0406")
    assert [doubt.value for doubt in found.doubts] == ["two-sided"]


def test_a_normal_distribution_for_three_seeds():
    (found,) = _holding("seeds: p = 0.0000729")
    assert [doubt.value for doubt in found.doubts] == ["z-for-few"]


def test_one_seed_recomputes_nothing():
    assert _holding("Welch p = 0.01", new="1.08") == []
