"""Sessions at any moment of the opening hours (C6-2-1a, A18): where they may begin, and what they ask of counsellor and host."""

from datetime import date, datetime, time, timedelta

import pytest

from booking.rules.calendar import Calendar, Day, tokyo
from booking.rules.interval import Interval
from booking.rules.office_hours import as_asked, check, hours_of, presence_of, refusals
from booking.rules.policy import Policy
from booking.rules.slots import Assignment, Busy, Counsellor, Host, Reason, Situation, SlotRefused, assign

TUESDAY = date(2026, 11, 24)
SATURDAY = date(2026, 11, 28)
HALF_HOUR = timedelta(minutes=30)
POLICY = Policy()


def at(hour: int, minute: int = 0, second: int = 0, day: date = TUESDAY) -> datetime:
    return tokyo(day, time(hour, minute, second))


def situation(
    *counsellors: Counsellor,
    now: datetime = at(8),  # noqa: B008 - a frozen value, which no caller can change
    hosts: tuple[Host, ...] = (Host(1, ()),),
    policy: Policy = POLICY,
    calendar: Calendar = Calendar(),  # noqa: B008 - a frozen value, which no caller can change
) -> Situation:
    return Situation(policy=policy, calendar=calendar, counsellors=counsellors, hosts=hosts, now=now)


def somebody(*busy: Interval, pk: int = 1) -> Counsellor:
    """A counsellor without any duty of their own that day."""
    return Counsellor(pk, (), tuple(Busy(span, session=True) for span in busy))


def refused(start: datetime, seen: Situation) -> tuple[Reason, ...]:
    with pytest.raises(SlotRefused) as caught:
        assign(start, seen)
    return caught.value.reasons


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (at(8, 29, 59), (Reason.OUTSIDE_HOURS,)),
        (at(8, 30), ()),
        (at(10, 7), ()),
        (at(12, 15), ()),
        (at(16, 45), ()),
        (at(16, 45, 1), (Reason.OUTSIDE_HOURS,)),
        (at(16, 46), (Reason.OUTSIDE_HOURS,)),
        (at(10, day=SATURDAY), (Reason.CLOSED_DAY,)),
    ],
)
def test_session_begins_and_ends_within_the_opening_hours(start: datetime, expected: tuple[Reason, ...]) -> None:
    """C6-2-1a, C6-2-1c: neither the ten starts nor the blocks are asked; the last session ends at 17:15."""
    assert refusals(start, situation()) == expected


def test_session_begins_now_at_the_earliest() -> None:
    seen = situation(now=at(10, 7))
    assert [refusals(at(10, minute), seen) for minute in (6, 7)] == [(Reason.PAST,), ()]


def test_past_start_outside_the_hours_tells_both() -> None:
    assert refusals(at(8), situation(now=at(9))) == (Reason.PAST, Reason.OUTSIDE_HOURS)


def test_hours_are_the_policys() -> None:
    policy = Policy(office_opens_at=time(9), office_closes_at=time(12))
    seen = situation(policy=policy)
    assert hours_of(TUESDAY, policy) == Interval(at(9), at(12))
    assert [refusals(start, seen) for start in (at(8, 59), at(9), at(11, 30), at(11, 31))] == [
        (Reason.OUTSIDE_HOURS,),
        (),
        (),
        (Reason.OUTSIDE_HOURS,),
    ]


def test_day_the_office_opens_or_closes_itself_is_respected() -> None:
    own = Calendar({SATURDAY: Day(SATURDAY, is_open=True), TUESDAY: Day(TUESDAY, is_open=False, why="停電")})
    seen = situation(calendar=own)
    assert (refusals(at(10, day=SATURDAY), seen), refusals(at(10), seen)) == ((), (Reason.CLOSED_DAY,))


def test_check_raises_with_the_reasons() -> None:
    check(at(10, 7), situation())
    with pytest.raises(SlotRefused) as caught:
        check(at(17), situation())
    assert (caught.value.reasons, caught.value.start) == ((Reason.OUTSIDE_HOURS,), at(17))


def test_counsellor_needs_no_duty_of_their_own() -> None:
    """C6-2-1c: who stands by is asked elsewhere; here only the office's hours matter."""
    assert assign(at(10, 7), as_asked(at(10, 7), situation(somebody()))) == Assignment(1, 1)


def test_cap_of_reservations_is_not_asked() -> None:
    seen = situation(somebody(Interval(at(10), at(10, 30))), somebody(pk=2), policy=Policy(capacity_per_start=1))
    assert assign(at(10, 7), as_asked(at(10, 7), seen)) == Assignment(2, 1)


def test_absence_counts_as_everywhere() -> None:
    away = Counsellor(1, (), (Busy(Interval(at(9), at(12)), session=False),))
    assert refused(at(10, 7), as_asked(at(10, 7), situation(away))) == (Reason.NOBODY_ON_DUTY,)


def test_session_never_lies_over_another_of_the_counsellor() -> None:
    """C6-2-1c: neither over its start nor over its end."""
    seen = situation(somebody(Interval(at(10), at(10, 30))))
    told = [refused(start, as_asked(start, seen)) for start in (at(9, 31), at(10, 29))]
    assert told == [(Reason.FULL,), (Reason.FULL,)]
    assert [assign(start, as_asked(start, seen)) for start in (at(9, 30), at(10, 30))] == [Assignment(1, 1)] * 2


def test_counsellor_who_only_opens_is_free_after_the_first_minutes() -> None:
    """A18: present for ten minutes, so that a session ten minutes later is no obstacle; the host is needed to the end."""
    seen = situation(somebody(Interval(at(10, 17), at(10, 47))), hosts=(Host(1, ()), Host(2, (Interval(at(10, 36), at(11)),))))
    assert assign(at(10, 7), as_asked(at(10, 7), seen, presence=10)) == Assignment(1, 1)
    assert refused(at(10, 8), as_asked(at(10, 8), seen, presence=10)) == (Reason.FULL,)


@pytest.mark.parametrize(("presence", "buffer"), [(None, 0), (None, 5), (10, 0), (10, 5), (45, 5)])
def test_host_is_needed_for_the_whole_session_and_the_buffer(presence: int | None, buffer: int) -> None:
    start = at(10)
    ends = start + HALF_HOUR + timedelta(minutes=buffer)
    one_minute = timedelta(minutes=1)
    free, taken = (Host(1, (Interval(begin, begin + HALF_HOUR),)) for begin in (ends, ends - one_minute))
    policy = Policy(host_buffer_minutes=buffer)
    assert assign(start, as_asked(start, situation(somebody(), hosts=(free,), policy=policy), presence=presence)) == Assignment(1, 1)
    assert refused(start, as_asked(start, situation(somebody(), hosts=(taken,), policy=policy), presence=presence)) == (Reason.FULL,)


@pytest.mark.parametrize(("minutes", "end"), [(None, at(10, 30)), (10, at(10, 10)), (30, at(10, 30)), (45, at(10, 30))])
def test_presence_is_the_first_minutes_and_never_longer_than_the_session(minutes: int | None, end: datetime) -> None:
    assert presence_of(Interval(at(10), at(10, 30)), minutes) == Interval(at(10), end)
