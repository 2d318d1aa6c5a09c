"""Open days: the law's, the office's own, and what a second library says (C6-1-2-3, A5)."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

import holidays
import pytest

from booking.rules.calendar import Calendar, Day, each_week, statutory, tokyo, tokyo_date

YEARS = (2026, 2027, 2028)
SECOND_OPINION = holidays.country_holidays("JP", years=YEARS)


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


def closed_by_law(day: date) -> bool:
    year_end = (day.month == 12 and day.day >= 29) or (day.month == 1 and day.day <= 3)
    return day.weekday() >= 5 or day in SECOND_OPINION or year_end


@pytest.mark.parametrize("year", YEARS)
def test_statutory_agrees_with_the_second_library_on_every_date(year: int) -> None:
    ours = [day for day in days_of(year) if not statutory(day).is_open]
    assert ours == [day for day in days_of(year) if closed_by_law(day)]


@pytest.mark.parametrize(("year", "count"), [(2026, 240), (2027, 242), (2028, 244)])
def test_open_days_of_a_year(year: int, count: int) -> None:
    assert len(Calendar().open_days(date(year, 1, 1), date(year, 12, 31))) == count


def test_closures_of_four_days_and_more() -> None:
    days = [day for year in YEARS[:2] for day in days_of(year)] + [date(2028, 1, n) for n in range(1, 5)]
    runs = [list(run) for closed, run in groupby(days, key=lambda day: not statutory(day).is_open) if closed]
    # The list starts at New Year 2026, in the middle of a closure that does not count here.
    assert [(run[0], run[-1]) for run in runs if len(run) >= 4 and run[0] != date(2026, 1, 1)] == [
        (date(2026, 5, 2), date(2026, 5, 6)),
        (date(2026, 9, 19), date(2026, 9, 23)),
        (date(2026, 12, 29), date(2027, 1, 3)),
        (date(2027, 5, 1), date(2027, 5, 5)),
        (date(2027, 12, 29), date(2028, 1, 3)),
    ]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        pytest.param(date(2026, 11, 23), "勤労感謝の日", id="holiday"),
        pytest.param(date(2026, 9, 22), "休日", id="between two holidays"),
        pytest.param(date(2027, 3, 22), "休日", id="substitute"),
        pytest.param(date(2026, 5, 6), "休日", id="substitute after three holidays"),
        pytest.param(date(2026, 2, 11), "建国記念の日", id="official name"),
        pytest.param(date(2026, 5, 3), "憲法記念日", id="holiday on a Sunday"),
        pytest.param(date(2026, 11, 21), "土曜日", id="Saturday"),
        pytest.param(date(2026, 11, 22), "日曜日", id="Sunday"),
        pytest.param(date(2026, 12, 29), "年末年始", id="year end"),
        pytest.param(date(2027, 1, 1), "元日", id="New Year's Day"),
        pytest.param(date(2027, 1, 3), "年末年始", id="year end on a Sunday"),
    ],
)
def test_statutory_names_the_closing(day: date, why: str) -> None:
    assert statutory(day) == Day(day, is_open=False, why=why)


@pytest.mark.parametrize("day", [date(2026, 12, 28), date(2027, 1, 4), date(2026, 11, 24)])
def test_statutory_open_day_has_no_why(day: date) -> None:
    assert statutory(day) == Day(day, is_open=True, why="")


@pytest.mark.parametrize(
    ("session_day", "eve"),
    [
        (date(2026, 9, 24), date(2026, 9, 18)),
        (date(2027, 1, 4), date(2026, 12, 28)),
        (date(2026, 11, 24), date(2026, 11, 20)),
        (date(2026, 11, 25), date(2026, 11, 24)),
    ],
)
def test_previous_open_day_skips_closures(session_day: date, eve: date) -> None:
    calendar = Calendar()
    assert (calendar.previous_open_day(session_day), calendar.next_open_day(eve)) == (eve, session_day)


def test_override_closes_and_opens_a_day() -> None:
    drill = Day(date(2026, 11, 24), is_open=False, why="防災訓練")
    saturday = Day(date(2026, 11, 28), is_open=True)
    calendar = Calendar({drill.date: drill, saturday.date: saturday})
    assert calendar.day(drill.date) == drill
    assert calendar.open_days(date(2026, 11, 23), date(2026, 11, 29)) == [date(2026, 11, n) for n in (25, 26, 27, 28)]
    assert calendar.previous_open_day(date(2026, 11, 25)) == date(2026, 11, 20)


def test_open_days_of_an_empty_range_are_none() -> None:
    assert Calendar().open_days(date(2026, 11, 25), date(2026, 11, 24)) == []


def closed_for(first: date, days: int) -> Calendar:
    return Calendar({first + timedelta(n): Day(first + timedelta(n), is_open=False, why="災害") for n in range(days)})


def test_nearest_open_day_is_found_sixty_days_away() -> None:
    first = date(2026, 10, 2)
    calendar = closed_for(first, 59)
    assert calendar.previous_open_day(first + timedelta(59)) == date(2026, 10, 1)
    assert calendar.next_open_day(date(2026, 10, 1)) == first + timedelta(59)


def test_nearest_open_day_is_given_up_after_sixty_days() -> None:
    first = date(2026, 10, 1)
    calendar = closed_for(first, 61)
    with pytest.raises(ValueError, match="no open day within 60 days"):
        calendar.previous_open_day(first + timedelta(61))
    with pytest.raises(ValueError, match="no open day within 60 days"):
        calendar.next_open_day(first)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 23, 14, 59, 59, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 15, 0, tzinfo=UTC), date(2026, 11, 24)),
    ],
)
def test_tokyo_date_turns_at_tokyo_midnight(moment: datetime, day: date) -> None:
    assert tokyo_date(moment) == day


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (24, 24, [24]),
        (23, 24, [24]),
        (24, 30, [24]),
        (25, 30, []),
        (25, 23, []),
        (17, 24, [17, 24]),
    ],
)
def test_each_week_has_both_ends(first: int, last: int, found: list[int]) -> None:
    """24 November 2026 is a Tuesday."""
    assert [day.day for day in each_week(1, date(2026, 11, first), date(2026, 11, last))] == found


def test_tokyo_is_nine_hours_ahead_of_utc() -> None:
    assert tokyo(date(2026, 11, 24), time(10)) == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def test_tokyo_date_of_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        tokyo_date(tokyo(date(2026, 11, 24), time(10)).replace(tzinfo=None))
