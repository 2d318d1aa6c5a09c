"""Taken time sorted into Tokyo days."""

from datetime import UTC, date, datetime, time

import pytest

from booking.rules.calendar import tokyo
from booking.rules.interval import Interval
from booking.rules.occupancy import by_day, encloses, meets

DAY = date(2026, 11, 24)


def test_by_day_lists_a_span_under_every_tokyo_day_it_touches() -> None:
    absence = Interval(tokyo(DAY, time(13)), tokyo(date(2026, 11, 26), time(0)))
    assert list(by_day([absence])) == [DAY, date(2026, 11, 25)]


def test_by_day_sorts_by_tokyo_days_not_utc_days() -> None:
    early = Interval(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), datetime(2026, 11, 23, 15, 30, tzinfo=UTC))
    assert by_day([early]) == {DAY: [(early.start.timestamp(), early.end.timestamp())]}


@pytest.mark.parametrize(
    ("begin", "end", "met", "enclosed"),
    [
        (0, 10, False, False),
        (0, 11, True, False),
        (10, 20, True, True),
        (12, 18, True, True),
        (15, 21, True, False),
        (20, 30, False, False),
    ],
)
def test_spans_are_half_open(begin: float, end: float, met: bool, enclosed: bool) -> None:
    spans = [(10.0, 20.0), (40.0, 50.0)]
    assert (meets(spans, begin, end), encloses(spans, begin, end)) == (met, enclosed)
