import numpy as np
import pytest

from pgolf_check.measure.power import power
from pgolf_check.measure.samples import Summary, summarise
from pgolf_check.measure.welch import TTest, t_test

OLD = Summary(5, 1.081, 0.0004)


def test_the_chance_is_what_simulation_gives():
    new = Summary(4, 1.0802, 0.0005)
    found = power(new, OLD, 0.0, 0.05)
    rng, hits = np.random.default_rng(1), 0
    for _ in range(2_000):
        a, b = rng.normal(new.mean, new.sd, new.n), rng.normal(OLD.mean, OLD.sd, OLD.n)
        test = t_test(summarise(tuple(a)), summarise(tuple(b)))
        hits += isinstance(test, TTest) and test.p < 0.05
    assert found is not None
    assert found.now == pytest.approx(hits / 2_000, abs=0.04)


def test_more_noise_needs_more_seeds():
    needed = [power(Summary(3, 1.0795, sd), OLD, 0.0, 0.01) for sd in (0.0003, 0.0006, 0.0012)]
    counts = [each.seeds for each in needed if each]
    assert counts == sorted(counts)
    assert None not in counts


def test_a_mean_short_of_the_margin_never_passes():
    found = power(Summary(3, 1.0800, 0.0002), OLD, 0.0019, 0.01)
    assert found is not None
    assert found.seeds is None
    assert "margin" in found.reason


def test_an_old_row_may_be_too_noisy_for_any_number():
    found = power(Summary(3, 1.0800, 0.0002), Summary(2, 1.081, 0.002), 0.0, 0.01)
    assert found is not None
    assert found.seeds is None
    assert "old row" in found.reason


def test_one_seed_says_nothing_of_spread():
    assert power(Summary(1, 1.08, None), OLD, 0.0, 0.01) is None


def test_a_huge_effect_is_certain():
    found = power(Summary(3, 0.5, 0.0001), OLD, 0.0, 0.01)
    assert found is not None
    assert found.now == pytest.approx(1.0)
    assert found.seeds == 2
