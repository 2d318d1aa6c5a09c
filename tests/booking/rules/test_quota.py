"""Zoom's day of a host begins in the middle of the office's morning."""

from datetime import date

import pytest

from booking.rules.quota import goes_on_at, zoom_day
from tests.cast import THURSDAY, TUESDAY, at


@pytest.mark.parametrize(
    ("moment", "day"),
    [(at(TUESDAY, 8, 59, 59), date(2027, 4, 5)), (at(TUESDAY, 9), TUESDAY), (at(TUESDAY, 23, 59), TUESDAY)],
)
def test_zoom_day_begins_at_nine_in_japan(moment: object, day: date) -> None:
    assert zoom_day(moment) == day


def test_goes_on_at_nine_of_the_same_or_the_next_morning() -> None:
    assert [goes_on_at(at(THURSDAY, *time)) for time in ((8, 59), (9, 0))] == [at(THURSDAY, 9), at(date(2027, 4, 9), 9)]
