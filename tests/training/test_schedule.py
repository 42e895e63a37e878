"""Learning rate and momentum, by steps and by a clock that the test holds."""

from dataclasses import replace

import pytest

from training.config import Optimiser, Schedule
from training.optim.schedule import cap_seconds, lr_multiplier, momentum_at

BY_STEPS = Schedule(steps=1000, seconds=0.0, warmdown_steps=200)


@pytest.mark.parametrize(
    ("step", "expected"), [(0, 1.0), (799, 1.0), (800, 1.0), (900, 0.5), (999, 0.005), (1000, 0.0)]
)
def test_without_a_cap_the_last_steps_fall_linearly(step, expected):
    assert lr_multiplier(BY_STEPS, step, elapsed=1e9) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("step", "elapsed", "expected"),
    [
        (0, 0.0, 1.0),
        (100, 10.0, 1.0),  # 0.1 s a step: the fall takes 20 s and begins at 80 s
        (790, 79.0, 1.0),
        (900, 90.0, 0.5),
        (450, 90.0, 0.25),  # steps twice as slow: the fall takes 40 s
        (300, 101.0, 0.0),  # over the cap
    ],
)
def test_under_a_cap_the_fall_is_measured_in_steps_at_the_pace_so_far(step, elapsed, expected):
    schedule = replace(BY_STEPS, steps=100_000, seconds=100.0)
    assert lr_multiplier(schedule, step, elapsed) == pytest.approx(expected)


def test_where_steps_run_out_before_the_clock_the_fall_still_comes():
    schedule = replace(BY_STEPS, seconds=1e6)
    assert lr_multiplier(schedule, 900, elapsed=1.0) == pytest.approx(0.5)


def test_a_fraction_of_the_budget_replaces_the_steps():
    schedule = Schedule(steps=100_000, seconds=100.0, warmdown_fraction=0.25)
    found = [lr_multiplier(schedule, 1, elapsed) for elapsed in (0.0, 75.0, 87.5, 100.0)]
    assert found == pytest.approx([1.0, 1.0, 0.5, 0.0])


def test_the_floor_and_the_reserve():
    schedule = Schedule(
        steps=100_000, seconds=100.0, reserve_seconds=20.0, warmdown_fraction=0.5, min_lr=0.1
    )
    assert cap_seconds(schedule) == 80.0
    assert lr_multiplier(schedule, 1, 60.0) == pytest.approx(0.5)
    assert lr_multiplier(schedule, 1, 79.9) == 0.1


def test_it_never_rises_again():
    schedule = Schedule(steps=500, seconds=50.0, warmdown_steps=300)
    seen = [lr_multiplier(schedule, step, 0.1 * step) for step in range(501)]
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == pytest.approx(0.0, abs=1e-9)


def test_momentum_warms_up_linearly_and_stays():
    settings = Optimiser(momentum=0.95, momentum_start=0.85, momentum_steps=500)
    found = [momentum_at(settings, step) for step in (0, 250, 500, 9000)]
    assert found == pytest.approx([0.85, 0.90, 0.95, 0.95])
    assert momentum_at(replace(settings, momentum_steps=0), 0) == 0.95
