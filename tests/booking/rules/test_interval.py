"""Half-open spans."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.rules.calendar import TOKYO
from booking.rules.interval import Interval

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)


def minutes(first: int, last: int) -> Interval:
    return Interval(TEN + timedelta(minutes=first), TEN + timedelta(minutes=last))


@pytest.mark.parametrize(
    ("other", "overlap", "covered"),
    [
        pytest.param(minutes(-30, 0), False, False, id="ends where it starts"),
        pytest.param(minutes(30, 60), False, False, id="starts where it ends"),
        pytest.param(minutes(-30, 1), True, False, id="reaches into it"),
        pytest.param(minutes(29, 60), True, False, id="begins within"),
        pytest.param(minutes(0, 30), True, True, id="the same"),
        pytest.param(minutes(10, 20), True, True, id="inside"),
        pytest.param(minutes(-10, 40), True, False, id="around"),
    ],
)
def test_interval_compared_with_another(other: Interval, overlap: bool, covered: bool) -> None:
    span = minutes(0, 30)
    assert (span.overlaps(other), other.overlaps(span), span.covers(other)) == (overlap, overlap, covered)


@pytest.mark.parametrize(("minute", "inside"), [(-1, False), (0, True), (29, True), (30, False)])
def test_interval_contains_its_start_but_not_its_end(minute: int, inside: bool) -> None:
    assert minutes(0, 30).contains(TEN + timedelta(minutes=minute)) is inside


def test_interval_in_another_time_zone_is_the_same_span() -> None:
    span = minutes(0, 30)
    assert Interval(span.start.astimezone(UTC), span.end.astimezone(UTC)) == span


@pytest.mark.parametrize("last", [0, -30])
def test_interval_that_does_not_end_after_it_starts_is_refused(last: int) -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        minutes(0, last)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (TEN.replace(tzinfo=None), TEN + timedelta(minutes=30)),
        (TEN, (TEN + timedelta(minutes=30)).replace(tzinfo=None)),
    ],
)
def test_interval_of_naive_datetimes_is_refused(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError, match="aware"):
        Interval(start, end)
