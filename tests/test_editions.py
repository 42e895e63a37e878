from datetime import UTC, date, datetime

import pytest

from pgolf_check.editions import edition_at, edition_named, editions
from pgolf_check.errors import PgolfError


def test_oldest_first_and_named_after_their_month():
    assert [edition.name for edition in editions()] == ["2026-03", "2026-04", "2026-05"]
    assert all(e.since.isoformat().startswith(e.name) for e in editions())


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 1, 1), "2026-03"),
        (date(2026, 3, 18), "2026-03"),
        (date(2026, 4, 28), "2026-03"),
        (date(2026, 4, 29), "2026-04"),
        (date(2026, 5, 1), "2026-04"),
        (date(2026, 5, 2), "2026-05"),
        (date(2030, 1, 1), "2026-05"),
    ],
)
def test_the_edition_in_force(day, name):
    assert edition_at(day).name == name


def test_the_numbers_that_changed():
    march, april, may = editions()
    assert (march.p_threshold, march.margin_nats_per_token) == (0.01, 0.005)
    assert (april.p_threshold, april.margin_nats_per_token) == (0.25, 0.0)
    assert (april.cutoff, may.cutoff) == (None, datetime(2026, 5, 2, tzinfo=UTC))
    assert {edition.size_cap_bytes for edition in editions()} == {16_000_000}


def test_an_unknown_edition_is_told_with_the_known_ones():
    with pytest.raises(PgolfError, match=r"2027-01.*2026-03, 2026-04, 2026-05"):
        edition_named("2027-01")
