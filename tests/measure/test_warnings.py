from dataclasses import replace

from pgolf_check.editions import editions
from pgolf_check.measure.comparison import compare
from pgolf_check.measure.samples import sample_of
from pgolf_check.measure.units import Unit
from pgolf_check.measure.warnings import Doubt, reach


def _doubts(new, old="1.08079354 1.08103111 1.08118405"):
    samples = [
        replace(sample_of(text, name, Unit.BPB), bytes_per_token=3.7266)
        for text, name in ((new, "new"), (old, "old"))
    ]
    return [each.doubt for each in compare(*samples, editions(), editions()[-1]).warnings]


def test_clean_samples_raise_none():
    assert _doubts("42:1.07928348 0:1.07996676 1234:1.08024795") == []


def test_a_seed_that_counts_twice():
    assert _doubts("42:1.07928348 42:1.07996676 1:1.08024795") == [Doubt.DUPLICATE_SEED]


def test_equal_scores_in_eight_digits_are_one_run():
    assert Doubt.EQUAL_SCORES in _doubts("1.07928348 1.07928348 1.08024795")
    assert Doubt.EQUAL_SCORES not in _doubts("1.0793 1.0793 1.0802")


def test_two_seeds_are_few():
    assert _doubts("1.07928348 1.07996676") == [Doubt.FEW_SEEDS]


def test_a_single_old_figure():
    assert _doubts("1.07928348 1.07996676 1.08024795", "1.08100289") == [Doubt.ONE_SAMPLE]


def test_rounding_that_could_turn_the_answer():
    assert Doubt.ROUNDED in _doubts("1.080 1.081 1.080", "1.081 1.081 1.080")
    assert Doubt.ROUNDED not in _doubts("1.0201 1.0202 1.0204", "1.0811 1.0812 1.0810")


def test_the_reach_of_rounding_holds_every_p_that_it_allows():
    new, old = (sample_of(t, "x", Unit.BPB) for t in ("1.080 1.081 1.079", "1.081 1.082 1.0815"))
    low, high = reach(new, old, 0.0) or (0, 0)
    for moved in ("1.0804 1.0806 1.0794", "1.0796 1.0814 1.0786", "1.0799 1.0806 1.0795"):
        asked = sample_of(moved, "x", Unit.BPB)
        bounds = reach(replace(asked, rounding=0.0), replace(old, rounding=0.0), 0.0)
        assert bounds
        assert low <= bounds[0] <= high
