"""How a counsellor stands at a start, judged by the same rule that offers the starts."""

from datetime import date, datetime, time, timedelta

import pytest

from booking.rules.board import Vacancy, vacancies
from booking.rules.calendar import Calendar, Day, tokyo
from booking.rules.interval import Interval
from booking.rules.policy import Policy
from booking.rules.slots import Busy, Counsellor, Host, Situation

DAY = date(2027, 4, 8)
EARLY = tokyo(DAY, time(9))
ALL_DAY = Interval(tokyo(DAY, time(8, 30)), tokyo(DAY, time(17, 15)))
TEN = tokyo(DAY, time(10))


def session(start: datetime) -> Busy:
    return Busy(Interval(start, start + timedelta(minutes=30)), session=True)


def away(start: datetime, end: datetime) -> Busy:
    return Busy(Interval(start, end), session=False)


def seen(*counsellors: Counsellor, now: datetime = EARLY, closed: bool = False, policy: Policy | None = None, hosts: int = 3) -> Situation:
    calendar = Calendar({DAY: Day(DAY, is_open=False, why="臨時閉庁")} if closed else {})
    chosen = policy or Policy(capacity_per_start=None)
    licences = tuple(Host(number, ()) for number in range(1, hosts + 1))
    return Situation(policy=chosen, calendar=calendar, counsellors=counsellors, hosts=licences, first_timers={}, now=now)


def at_ten(situation: Situation, counsellor: int = 1) -> Vacancy:
    return vacancies(DAY, situation)[TEN, counsellor]


@pytest.mark.parametrize(
    ("counsellor", "expected"),
    [
        (Counsellor(1, (ALL_DAY,), ()), Vacancy.FREE),
        (Counsellor(1, (), ()), Vacancy.OFF_DUTY),
        (Counsellor(1, (Interval(tokyo(DAY, time(10, 15)), ALL_DAY.end),), ()), Vacancy.OFF_DUTY),
        (Counsellor(1, (ALL_DAY,), (session(TEN),)), Vacancy.TAKEN),
        (Counsellor(1, (ALL_DAY,), (away(ALL_DAY.start, tokyo(DAY, time(10, 1))),)), Vacancy.ABSENT),
        (Counsellor(1, (ALL_DAY,), (away(ALL_DAY.start, TEN),)), Vacancy.FREE),
        (Counsellor(1, (ALL_DAY,), (session(TEN), away(ALL_DAY.start, ALL_DAY.end))), Vacancy.TAKEN),
    ],
)
def test_counsellor_at_ten(counsellor: Counsellor, expected: Vacancy) -> None:
    assert at_ten(seen(counsellor)) == expected


def test_start_is_over_from_its_first_moment() -> None:
    idle = Counsellor(1, (ALL_DAY,), ())
    assert [at_ten(seen(idle, now=TEN - timedelta(seconds=1))), at_ten(seen(idle, now=TEN))] == [Vacancy.FREE, Vacancy.OVER]


def test_absence_is_told_after_the_start_too() -> None:
    gone = Counsellor(1, (ALL_DAY,), (away(ALL_DAY.start, ALL_DAY.end),))
    assert at_ten(seen(gone, now=TEN)) == Vacancy.ABSENT


def test_nobody_is_free_on_a_closed_day() -> None:
    assert set(vacancies(DAY, seen(Counsellor(1, (ALL_DAY,), ()), closed=True)).values()) == {Vacancy.CLOSED}


def test_session_on_a_closed_day_still_shows_as_taken() -> None:
    assert at_ten(seen(Counsellor(1, (ALL_DAY,), (session(TEN),)), closed=True)) == Vacancy.TAKEN


@pytest.mark.parametrize(("capacity", "hosts"), [(1, 3), (None, 0)])
def test_free_counsellor_without_a_place_is_full(capacity: int | None, hosts: int) -> None:
    """A17: the cap of a start and the Zoom hosts limit what the free counsellors could take."""
    office = seen(
        Counsellor(1, (ALL_DAY,), ()), Counsellor(2, (ALL_DAY,), (session(TEN),)), policy=Policy(capacity_per_start=capacity), hosts=hosts
    )
    assert [at_ten(office, 1), at_ten(office, 2)] == [Vacancy.FULL, Vacancy.TAKEN]


def test_day_beyond_the_horizon_is_not_bookable_yet() -> None:
    long_before = tokyo(DAY - timedelta(days=29), time(9))
    assert at_ten(seen(Counsellor(1, (ALL_DAY,), ()), now=long_before)) == Vacancy.BEYOND


def test_every_start_stands_beside_every_counsellor() -> None:
    sheet = vacancies(DAY, seen(Counsellor(1, (ALL_DAY,), ()), Counsellor(2, (), ())))
    assert (len(sheet), sheet[tokyo(DAY, time(15, 30)), 2]) == (20, Vacancy.OFF_DUTY)
