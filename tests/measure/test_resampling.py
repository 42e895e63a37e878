import numpy as np
import pytest
from scipy import stats

from pgolf_check.measure.resampling import flip_signs, swap_labels


def test_three_against_three_can_give_no_less_than_one_in_twenty():
    found = swap_labels((1.0, 1.1, 1.2), (2.0, 2.1, 2.2), 0.0)
    assert (found.p, found.arrangements, found.exact, found.smallest) == (0.05, 20, True, 0.05)


def test_swapping_labels_is_what_scipy_enumerates():
    rng = np.random.default_rng(3)
    for _ in range(5):
        new, old = rng.normal(1.08, 0.001, 4), rng.normal(1.0805, 0.001, 5)
        expected = stats.permutation_test(
            (new, old),
            lambda a, b, axis: np.mean(a, axis=axis) - np.mean(b, axis=axis),
            alternative="less",
            n_resamples=np.inf,
            vectorized=True,
        )
        assert swap_labels(tuple(new), tuple(old), 0.0).p == pytest.approx(expected.pvalue)


def test_a_margin_shifts_the_old_row():
    new, old = (1.0, 1.1, 1.2), (2.0, 2.1, 2.2)
    assert swap_labels(new, old, 1.1).p > 0.5
    assert swap_labels(new, old, 1.1) == swap_labels(new, tuple(v - 1.1 for v in old), 0.0)


def test_signs_against_a_constant():
    assert flip_signs((1.0, 1.1, 1.2), 1.5, 0.0).p == 1 / 8
    assert flip_signs((1.0, 1.1, 1.2), 1.5, 0.6).p == 1.0
    assert flip_signs((1.0, 1.2), 1.1, 0.0).p == 0.75


def test_many_runs_are_drawn_and_never_give_zero():
    new = tuple(1.0 + at * 1e-6 for at in range(5_000))
    old = tuple(value + 1.0 for value in new)
    found = swap_labels(new, old, 0.0)
    assert (found.p, found.exact) == (1 / 2_000, False)
    assert flip_signs(new, 2.0, 0.0).p == 1 / 2_000
    assert found == swap_labels(new, old, 0.0)
