import pytest

from pgolf_check.errors import PgolfError
from pgolf_check.measure.samples import Summary, half_unit, sample_of
from pgolf_check.measure.units import LN2, Unit, bytes_per_token, factor


def _of(text, unit=Unit.BPB):
    return sample_of(text, "new", unit)


def test_values_seeds_and_summaries():
    assert _of("1.0801,1.0799").values == (1.0801, 1.0799)
    assert [seed.seed for seed in _of("42:1.0801, 0:1.0799 1.08").seeds] == [42, 0, None]
    for text in ("1.0608+-0.0009/6", "1.0608 ± 0.0009 / 6", "1.0608+/-0.0009/6"):
        assert _of(text).summary == Summary(6, 1.0608, 0.0009)


def test_rounding_is_half_a_unit_of_the_finest_digit():
    assert _of("1.08 1.0799").rounding == pytest.approx(5e-5)
    assert half_unit("1.080") == pytest.approx(5e-4)
    assert half_unit("12") == 0.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ",
        "nan",
        "1.08,inf",
        "-inf",
        "1e999",
        "0",
        "-1.08",
        "1001",
        "abc",
        "x:1.08",
        "1.08:",
        "1.06+-0.1/1",
        "1.06+-nan/3",
        "1.06+--0.1/3",
        "nan+-0.1/3",
    ],
)
def test_what_is_no_score_is_refused_in_one_line(text):
    with pytest.raises(PgolfError) as caught:
        _of(text)
    assert "\n" not in str(caught.value)


def test_nats_and_bpb():
    assert factor(Unit.BPB, Unit.NATS, 3.727) == pytest.approx(2.5834, abs=1e-4)
    assert factor(Unit.BPB, Unit.NATS, 2.0) * factor(Unit.NATS, Unit.BPB, 2.0) == pytest.approx(1)
    assert bytes_per_token(2.79041, 1.08025) == pytest.approx(2.79041 / 1.08025 / LN2)


def test_a_unit_cannot_be_changed_without_a_tokenizer():
    with pytest.raises(PgolfError, match="--tokenizer"):
        _of("1.08,1.09").measured_in(Unit.NATS)
