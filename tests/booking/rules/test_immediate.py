"""Immediate sessions: who stands by, whether one is taken now, when again (C6-2-1c)."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import pytest

from booking.rules.calendar import Calendar, tokyo
from booking.rules.immediate import Closed, Standing, Watch, expires_at, next_start, standing, stands_by, watches
from booking.rules.interval import Interval
from booking.rules.policy import Policy
from booking.rules.slots import Busy, Counsellor, Host, Situation

TUESDAY = date(2026, 11, 24)
FRIDAY, SATURDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 30)


def at(hour: int, minute: int = 0, second: int = 0, day: date = TUESDAY) -> datetime:
    return tokyo(day, time(hour, minute, second))


def session(start: datetime) -> Interval:
    return Interval(start, start + timedelta(minutes=30))


def somebody(*busy: Interval, pk: int = 1) -> Counsellor:
    return Counsellor(pk, (), tuple(Busy(span, session=True) for span in busy))


def stands(
    now: datetime,
    counsellors: Sequence[Counsellor] = (somebody(),),
    *,
    on: Sequence[int] = (1, 2),
    hosts: Sequence[Host] = (Host(1, ()), Host(2, ())),
    policy: Policy = Policy(),  # noqa: B008 - a frozen value, which no caller can change
    waiting: int = 0,
) -> Standing:
    """How it stands now, these counsellors having switched to 受付中 at 8:30 of the day."""
    seen = Situation(policy=policy, calendar=Calendar(), counsellors=tuple(counsellors), hosts=tuple(hosts), now=now)
    since = now.replace(hour=8, minute=30, second=0, microsecond=0)
    return standing(seen, {each.id: since if each.id in on else None for each in counsellors}, waiting=waiting)


@pytest.mark.parametrize(
    ("now", "start"),
    [
        (at(10, 7), at(10, 7)),
        (at(10, 7, 1), at(10, 8)),
        (at(10, 7).replace(microsecond=1), at(10, 8)),
        (at(10, 59, 59), at(11)),
    ],
)
def test_session_begins_at_the_next_whole_minute(now: datetime, start: datetime) -> None:
    assert next_start(now) == start


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (None, False),
        (at(8, 30), True),
        (at(0), True),
        (at(0) - timedelta(microseconds=1), False),
        (at(16, day=FRIDAY) - timedelta(days=7), False),
    ],
)
def test_switch_falls_back_with_the_day(since: datetime | None, expected: bool) -> None:
    assert stands_by(since, now=at(10)) is expected


def test_switch_holds_to_the_end_of_the_tokyo_day() -> None:
    """Midnight of Tokyo; that of UTC, at 9:00 here, is nobody's."""
    assert [stands_by(at(8, 30), now=now) for now in (at(8, 59), at(9), at(23, 59, 59), at(23, 59, 59) + timedelta(seconds=1))] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(0), Standing(Closed.OUTSIDE_HOURS, (), at(8, 30))),
        (at(8, 29, 59), Standing(Closed.OUTSIDE_HOURS, (), at(8, 30))),
        (at(8, 30), Standing(None, (1,), None)),
        (at(12, 30), Standing(None, (1,), None)),
        (at(16, 45), Standing(None, (1,), None)),
        (at(16, 45, 1), Standing(Closed.OUTSIDE_HOURS, (), at(8, 30, day=date(2026, 11, 25)))),
        (at(17, 15), Standing(Closed.OUTSIDE_HOURS, (), at(8, 30, day=date(2026, 11, 25)))),
        (at(16, 46, day=FRIDAY), Standing(Closed.OUTSIDE_HOURS, (), at(8, 30, day=MONDAY))),
        (at(10, day=SATURDAY), Standing(Closed.CLOSED_DAY, (), at(8, 30, day=MONDAY))),
        (at(10, day=date(2026, 11, 23)), Standing(Closed.CLOSED_DAY, (), at(8, 30))),
    ],
)
def test_sessions_are_taken_within_the_opening_hours_of_an_open_day(now: datetime, expected: Standing) -> None:
    """The office's hours, not the ten starts; a session has to end before it closes."""
    assert stands(now) == expected


def test_nobody_standing_by_leaves_the_next_time_open() -> None:
    assert stands(at(10), on=()) == Standing(Closed.NOBODY, (), None)


def test_switch_of_yesterday_counts_for_nobody() -> None:
    seen = Situation(policy=Policy(), calendar=Calendar(), counsellors=(somebody(),), hosts=(Host(1, ()),), now=at(10))
    assert standing(seen, {1: at(10) - timedelta(days=1)}) == Standing(Closed.NOBODY, (), None)


def test_counsellor_without_a_row_in_the_switches_does_not_stand_by() -> None:
    seen = Situation(policy=Policy(), calendar=Calendar(), counsellors=(somebody(),), hosts=(Host(1, ()),), now=at(10))
    assert standing(seen, {}) == Standing(Closed.NOBODY, (), None)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(9, 25), Standing(None, (1,), None)),
        (at(9, 25, 1), Standing(Closed.BUSY, (), at(10, 30))),
        (at(9, 30), Standing(Closed.BUSY, (), at(10, 30))),
        (at(10, 29), Standing(Closed.BUSY, (), at(10, 30))),
        (at(10, 30), Standing(None, (1,), None)),
    ],
)
def test_session_and_lead_must_fit_before_a_reserved_session(now: datetime, expected: Standing) -> None:
    """Thirty minutes and the five of the lead before 10:00."""
    assert stands(now, [somebody(session(at(10)))]) == expected


def test_lead_is_the_policys() -> None:
    seen = [somebody(session(at(10)))]
    assert [stands(at(9, 30), seen, policy=Policy(immediate_lead_minutes=minutes)).closed for minutes in (0, 1)] == [None, Closed.BUSY]


def test_absence_is_no_standby() -> None:
    away = Counsellor(1, (), (Busy(Interval(at(9), at(12)), session=False),))
    assert stands(at(10), [away]) == Standing(Closed.BUSY, (), at(12))


def test_only_counsellors_who_stand_by_and_are_free_are_named() -> None:
    people = [somebody(session(at(10)), pk=1), somebody(pk=2), somebody(pk=3)]
    assert stands(at(10), people, on=(1, 2)) == Standing(None, (2,), None)


@pytest.mark.parametrize(("waiting", "closed"), [(0, None), (1, None), (2, Closed.QUEUE), (3, Closed.QUEUE)])
def test_no_more_wait_than_there_are_free_counsellors(waiting: int, closed: Closed | None) -> None:
    """C6-2-1c: a session is promised to nobody whom no counsellor could take; the third, who has another session, counts for none."""
    two = [somebody(), somebody(pk=2), somebody(session(at(10, 15)), pk=3)]
    assert stands(at(10), two, on=(1, 2, 3), waiting=waiting).closed == closed


def test_next_time_is_the_first_gap_long_enough_for_session_and_lead() -> None:
    """After 10:30 there are thirty minutes, not thirty-five; after 11:30 there is room."""
    assert stands(at(10), [somebody(session(at(10)), session(at(11)))]) == Standing(Closed.BUSY, (), at(11, 30))


def test_next_time_is_of_those_who_stand_by() -> None:
    people = [somebody(session(at(10)), session(at(10, 30)), pk=1), somebody(session(at(10)), pk=2)]
    assert stands(at(10, 5), people, on=(1,)) == Standing(Closed.BUSY, (), at(11))


def test_day_without_another_gap_leads_to_the_next_opening() -> None:
    late = somebody(Interval(at(16), at(17)))
    assert stands(at(16, 10), [late]) == Standing(Closed.BUSY, (), at(8, 30, day=date(2026, 11, 25)))


def test_session_needs_a_host_too() -> None:
    taken = Host(1, (session(at(10)),))
    assert stands(at(10, 5), hosts=[taken]) == Standing(Closed.BUSY, (), at(10, 30))
    assert stands(at(10, 5), hosts=[taken, Host(2, ())]) == Standing(None, (1,), None)


def test_host_buffer_is_kept_before_the_next_meeting() -> None:
    host = Host(1, (session(at(10, 35)),))
    assert [stands(at(10), hosts=[host], policy=Policy(host_buffer_minutes=minutes)).closed for minutes in (5, 6)] == [None, Closed.BUSY]


def test_request_waits_as_long_as_policy_says() -> None:
    assert expires_at(at(10, 7, 30), Policy(immediate_wait_minutes=12)) == at(10, 19, 30)


def test_request_waits_no_longer_than_a_session_could_begin() -> None:
    """Accepted at 16:45:00 it ends as the office closes; a second later nobody can accept it."""
    assert [expires_at(at(16, minute), Policy()) for minute in (34, 35, 36, 45)] == [at(16, 44), at(16, 45), at(16, 45, 1), at(16, 45, 1)]


@pytest.mark.parametrize(
    ("busy", "kept_by"),
    [
        ((), None),
        ((session(at(10, 35)),), None),  # a session and the lead of five minutes fit before it
        ((session(at(10, 34)),), session(at(10, 34))),
        ((session(at(10, 30)), session(at(9, 45))), session(at(9, 45))),  # what is under way comes first
        ((session(at(9, 30)),), None),  # half-open: it has just ended
    ],
)
def test_watch_names_what_keeps_a_counsellor(busy: tuple[Interval, ...], kept_by: Interval | None) -> None:
    seen = Situation(policy=Policy(), calendar=Calendar(), counsellors=(somebody(*busy),), hosts=(), now=at(10))
    (watch,) = watches(seen, {1: at(9)})
    assert (watch, watch.is_ready) == (Watch(1, True, kept_by), kept_by is None)


def test_watch_is_off_while_the_office_is_closed() -> None:
    found = [
        watches(Situation(policy=Policy(), calendar=Calendar(), counsellors=(somebody(),), hosts=(), now=moment), {1: at(9)})[0].is_on
        for moment in (at(16, 45), at(16, 45, 1), at(17, 30))
    ]
    assert found == [True, False, False]


def test_watch_of_yesterday_or_of_nobody_is_off() -> None:
    seen = Situation(policy=Policy(), calendar=Calendar(), counsellors=(somebody(), somebody(pk=2)), hosts=(), now=at(10))
    found = watches(seen, {1: at(10) - timedelta(days=1)})
    assert ([watch.is_on for watch in found], [watch.is_ready for watch in found]) == ([False, False], [False, False])
