import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from pgolf_check.measure.samples import Sample, Seed, Summary, summarise
from pgolf_check.measure.units import Unit
from pgolf_check.measure.welch import Method, NoTest, TTest, critical_t, interval, t_test

scores = st.integers(90_000_000, 130_000_000).map(lambda digits: digits / 1e8)
runs = st.lists(scores, min_size=2, max_size=8, unique=True).map(tuple)
margins = st.floats(0.0, 0.05)


def _test(new, old, margin=0.0):
    found = t_test(summarise(new), summarise(old), margin)
    assert isinstance(found, TTest)
    return found


def _sample(values, bytes_per_token=3.7):
    return Sample("x", Unit.BPB, tuple(map(Seed, values)), bytes_per_token=bytes_per_token)


@given(runs, runs, margins)
def test_is_what_scipy_computes(new, old, margin):
    found = _test(new, old, margin)
    moved = [value - margin for value in old]
    expected = stats.ttest_ind(new, moved, equal_var=False, alternative="less")
    assume(abs(found.t) > 1e-6)
    assert -expected.statistic == pytest.approx(found.t, rel=1e-9)
    assert expected.df == pytest.approx(found.df, rel=1e-9)
    assert expected.pvalue == pytest.approx(found.p, rel=1e-9, abs=1e-300)


@given(runs, scores, margins)
def test_one_sample_is_what_scipy_computes(new, constant, margin):
    found = t_test(summarise(new), Summary(1, constant, None), margin)
    assert isinstance(found, TTest)
    assert found.method is Method.ONE_SAMPLE
    expected = stats.ttest_1samp(new, constant - margin, alternative="less")
    assert -expected.statistic == pytest.approx(found.t, rel=1e-9, abs=1e-6)
    assert expected.pvalue == pytest.approx(found.p, rel=1e-7)


@given(runs, runs, st.randoms())
def test_order_of_seeds_does_not_matter(new, old, random):
    shuffled = list(new)
    random.shuffle(shuffled)
    assert _test(new, old) == _test(tuple(shuffled), old)


@given(runs, runs, st.floats(-0.5, 5.0))
def test_adding_a_constant_to_both_sides_does_not_matter(new, old, shift):
    before = _test(new, old)
    after = _test(tuple(v + shift for v in new), tuple(v + shift for v in old))
    assert before.t == pytest.approx(after.t, rel=1e-6, abs=1e-6)
    assert before.df == pytest.approx(after.df, rel=1e-6)


@given(runs, runs, st.floats(1.0, 6.0))
def test_the_unit_does_not_matter(new, old, bytes_per_token):
    before = _test(new, old)
    converted = [
        _sample(values, bytes_per_token).measured_in(Unit.NATS).summary for values in (new, old)
    ]
    after = t_test(*converted)
    assert isinstance(after, TTest)
    assert before.t == pytest.approx(after.t, rel=1e-7, abs=1e-7)
    assert before.p == pytest.approx(after.p, rel=1e-6)


@given(runs, runs, st.floats(1e-6, 0.1))
def test_p_falls_as_the_improvement_grows(new, old, better):
    before, after = _test(new, old), _test(tuple(value - better for value in new), old)
    assert after.p <= before.p


@given(runs, runs, margins)
def test_swapping_the_sides_mirrors_t(new, old, margin):
    there, back = _test(new, old, margin), _test(old, new, -margin)
    assert there.t == pytest.approx(-back.t, rel=1e-9, abs=1e-9)
    assert there.p + back.p == pytest.approx(1.0)


def test_one_seed_is_no_sample():
    found = t_test(Summary(1, 1.08, None), Summary(3, 1.09, 0.001))
    assert isinstance(found, NoTest)
    assert "at least two" in found.reason


@pytest.mark.parametrize("old", [Summary(3, 1.09, 0.0), Summary(1, 1.09, None)])
def test_no_spread_is_told_and_not_computed_with(old):
    found = t_test(summarise((1.08, 1.08, 1.08)), old)
    assert isinstance(found, NoTest)
    assert "spread" in found.reason


def test_spread_on_one_side_is_enough():
    found = t_test(summarise((1.08, 1.081)), Summary(3, 1.09, 0.0))
    assert isinstance(found, TTest)
    assert found.df == 1.0


def test_ten_thousand_seeds():
    values = tuple(1.05 + (at * 7919 % 10_000) * 1e-7 for at in range(10_000))
    found = _test(values, tuple(value + 1e-5 for value in values))
    assert found.df == pytest.approx(19_998)
    expected = stats.ttest_ind(
        values, [v + 1e-5 for v in values], equal_var=False, alternative="less"
    )
    assert expected.pvalue == pytest.approx(found.p, rel=1e-9)


def test_spreads_too_small_to_square_do_not_break_the_degrees_of_freedom():
    tiny = replace(summarise((1.0, 1.0)), sd=1e-150)
    found = t_test(tiny, replace(tiny, mean=1.1))
    assert isinstance(found, TTest)
    assert found.df == pytest.approx(2.0)
    assert math.isfinite(found.t)


def test_the_interval_is_the_usual_one():
    values = (1.0801, 1.0799, 1.0803, 1.0806)
    expected = stats.t.interval(0.95, 3)
    low, high = interval(summarise(values)) or (0, 0)
    error = summarise(values).standard_error
    mean = sum(values) / 4
    assert low == pytest.approx(mean + expected[0] * error)
    assert high == pytest.approx(mean + expected[1] * error)
    assert interval(Summary(1, 1.0, None)) is None
    assert critical_t(2, 0.01) == pytest.approx(6.9645567)
