"""The slot rule: deadlines, starts, refusals, marks (C6-1-1, C6-1-2-3; rules of the boundary table; A1, A2, A5, A16, A17)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from booking.rules.calendar import Calendar, Day, tokyo
from booking.rules.interval import Interval
from booking.rules.policy import Policy
from booking.rules.slots import (
    Applicant,
    Busy,
    Counsellor,
    Door,
    Host,
    Mark,
    Moments,
    Reason,
    Situation,
    SlotRefused,
    check,
    moments,
    offers,
    places,
    refusals,
    span_of,
    starts_on,
)

TUESDAY = date(2026, 11, 24)
TEN = tokyo(TUESDAY, time(10))
FRIDAY_MORNING = tokyo(date(2026, 11, 20), time(9, 30))
AFTER_NEW_YEAR = tokyo(date(2027, 1, 4), time(10))
TEN_STARTS = ["10:00", "10:30", "11:00", "11:30", "13:00", "13:30", "14:00", "14:30", "15:00", "15:30"]


def hours(day: date, first: int, last: int) -> Interval:
    return Interval(tokyo(day, time(first)), tokyo(day, time(last)))


def counsellor(pk: int, day: date = TUESDAY, busy: Sequence[Busy] = ()) -> Counsellor:
    return Counsellor(pk, (hours(day, 9, 17),), tuple(busy), default_host=pk)


def situation(
    now: datetime = FRIDAY_MORNING,
    *,
    counsellors: Sequence[Counsellor] = (counsellor(1),),
    hosts: Sequence[Host] = (Host(1, ()), Host(2, ())),
    policy: Policy = Policy(),  # noqa: B008 - a frozen value, which no caller can change
    **more: Any,
) -> Situation:
    known = {"calendar": Calendar(), "now": now, "counsellors": tuple(counsellors), "hosts": tuple(hosts)}
    return Situation(policy=policy, **{**known, **more})


def session_at(start: datetime) -> Busy:
    return Busy(span_of(start, Policy()), session=True)


ABSENT_AT_TEN = Busy(Interval(TEN, TEN + timedelta(hours=1)), session=False)


# --- moments and starts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("session_day", "eve"),
    [
        pytest.param(date(2026, 9, 24), date(2026, 9, 18), id="after five closed days"),
        pytest.param(date(2027, 1, 4), date(2026, 12, 28), id="after New Year"),
        pytest.param(TUESDAY, date(2026, 11, 20), id="after a long weekend"),
    ],
)
def test_moments_of_a_session_day(session_day: date, eve: date) -> None:
    assert moments(session_day, Calendar(), Policy()) == Moments(
        request_closes=tokyo(eve, time(15)),
        answer_by=tokyo(eve, time(17, 15)),
        confirm_limit=tokyo(session_day, time(0)),
    )


def test_moments_follow_the_offices_own_closures() -> None:
    closed = Day(date(2026, 11, 20), is_open=False, why="停電")
    found = moments(TUESDAY, Calendar({closed.date: closed}), Policy(request_closes_at=time(12), answer_by_at=time(16)))
    assert (found.request_closes, found.answer_by) == (
        tokyo(date(2026, 11, 19), time(12)),
        tokyo(date(2026, 11, 19), time(16)),
    )


def test_starts_are_ten_by_the_terms() -> None:
    assert [f"{start:%H:%M}" for start in starts_on(TUESDAY, Policy())] == TEN_STARTS


def test_starts_leave_out_a_slot_that_does_not_fit() -> None:
    policy = Policy(slot_minutes=50, blocks=((time(10), time(12)),))
    assert starts_on(TUESDAY, policy) == (TEN, TEN + timedelta(minutes=50))


def test_span_is_thirty_minutes() -> None:
    assert span_of(TEN, Policy()) == Interval(TEN, tokyo(TUESDAY, time(10, 30)))


# --- refusals: deadlines -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(tokyo(date(2026, 12, 28), time(14, 59)), (), id="14:59"),
        pytest.param(tokyo(date(2026, 12, 28), time(15)), (Reason.REQUEST_CLOSED,), id="15:00"),
        pytest.param(tokyo(date(2027, 1, 4), time(0)), (Reason.REQUEST_CLOSED,), id="session day"),
        pytest.param(AFTER_NEW_YEAR, (Reason.REQUEST_CLOSED, Reason.PAST), id="start"),
    ],
)
def test_public_request_closes_on_the_open_day_before(now: datetime, expected: tuple[Reason, ...]) -> None:
    seen = situation(now, counsellors=[counsellor(1, AFTER_NEW_YEAR.date())])
    assert refusals(AFTER_NEW_YEAR, seen) == expected


@pytest.mark.parametrize(
    ("now", "without", "with_override"),
    [
        pytest.param(tokyo(date(2026, 12, 28), time(15)), (), (), id="after the public cutoff"),
        pytest.param(tokyo(date(2027, 1, 3), time(23, 59)), (), (), id="23:59"),
        pytest.param(tokyo(date(2027, 1, 4), time(0)), (Reason.CONFIRM_LIMIT,), (), id="00:00"),
        pytest.param(tokyo(date(2027, 1, 4), time(9, 59, 59)), (Reason.CONFIRM_LIMIT,), (), id="just before"),
        pytest.param(AFTER_NEW_YEAR, (Reason.CONFIRM_LIMIT, Reason.PAST), (Reason.PAST,), id="start"),
    ],
)
def test_staff_act_until_the_limit_and_later_only_with_override(
    now: datetime, without: tuple[Reason, ...], with_override: tuple[Reason, ...]
) -> None:
    seen = situation(now, counsellors=[counsellor(1, AFTER_NEW_YEAR.date())])
    assert refusals(AFTER_NEW_YEAR, seen, door=Door.STAFF) == without
    assert refusals(AFTER_NEW_YEAR, seen, door=Door.STAFF, override=True) == with_override


def test_override_does_not_open_the_public_door() -> None:
    seen = situation(tokyo(TUESDAY, time(9)))
    assert refusals(TEN, seen, override=True) == (Reason.REQUEST_CLOSED,)


def test_start_given_in_utc_is_the_same_start() -> None:
    assert refusals(TEN.astimezone(UTC), situation()) == ()


@pytest.mark.parametrize("door", Door)
@pytest.mark.parametrize(("days_before", "expected"), [(28, ()), (29, (Reason.BEYOND_HORIZON,))])
def test_horizon_is_four_weeks_at_both_doors(door: Door, days_before: int, expected: tuple[Reason, ...]) -> None:
    seen = situation(tokyo(TUESDAY - timedelta(days_before), time(23, 59)))
    assert refusals(TEN, seen, door=door) == expected


# --- refusals: days and starts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2026, 9, 22), date(2027, 3, 22), date(2026, 12, 29)])
@pytest.mark.parametrize("door", Door)
def test_closed_day_has_no_slots(day: date, door: Door) -> None:
    seen = situation(tokyo(day - timedelta(14), time(9)), counsellors=[counsellor(1, day)])
    [(shown, row)] = offers([day], seen, door=door)
    assert not shown.is_open
    assert [(offer.mark, offer.reasons) for offer in row] == [(Mark.CLOSED, (Reason.CLOSED_DAY,))] * 10


@pytest.mark.parametrize("at", [time(12), time(12, 30), time(16), time(10, 15), time(9, 30), time(10, 0, 1)])
@pytest.mark.parametrize("door", Door)
def test_start_posted_by_hand_is_refused(at: time, door: Door) -> None:
    assert refusals(tokyo(TUESDAY, at), situation(), door=door, override=True) == (Reason.NOT_A_START,)


# --- refusals: people and places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counsellors", "hosts", "expected"),
    [
        pytest.param([], [Host(1, ())], (Reason.NOBODY_ON_DUTY,), id="no counsellor"),
        pytest.param([counsellor(1, date(2026, 11, 25))], [Host(1, ())], (Reason.NOBODY_ON_DUTY,), id="other day"),
        pytest.param([counsellor(1, busy=[ABSENT_AT_TEN])], [Host(1, ())], (Reason.NOBODY_ON_DUTY,), id="absent"),
        pytest.param([counsellor(1, busy=[session_at(TEN)])], [Host(1, ())], (Reason.FULL,), id="taken"),
        pytest.param([counsellor(1)], [], (Reason.FULL,), id="no host"),
        pytest.param([counsellor(1)], [Host(1, (span_of(TEN, Policy()),))], (Reason.FULL,), id="host taken"),
        pytest.param([counsellor(1), counsellor(2, busy=[ABSENT_AT_TEN])], [Host(9, ())], (), id="one of two absent"),
        pytest.param([counsellor(1, busy=[session_at(TEN)]), counsellor(2)], [Host(1, ())], (Reason.FULL,), id="cap"),
    ],
)
def test_refusals_by_who_is_there(counsellors: list[Counsellor], hosts: list[Host], expected: tuple[Reason, ...]) -> None:
    assert refusals(TEN, situation(counsellors=counsellors, hosts=hosts)) == expected


def test_duty_that_ends_within_the_session_is_no_duty() -> None:
    short = Counsellor(1, (Interval(TEN, TEN + timedelta(minutes=29)),), ())
    assert refusals(TEN, situation(counsellors=[short])) == (Reason.NOBODY_ON_DUTY,)


def test_session_before_and_after_leave_the_start_free() -> None:
    near = [session_at(TEN - timedelta(minutes=30)), session_at(TEN + timedelta(minutes=30))]
    assert refusals(TEN, situation(counsellors=[counsellor(1, busy=near)])) == ()


@pytest.mark.parametrize(("buffer", "expected"), [(0, 1), (1, 0)])
def test_host_buffer_must_be_free_after_the_session(buffer: int, expected: int) -> None:
    later = Host(1, (span_of(TEN + timedelta(minutes=30), Policy()),))
    assert places(TEN, situation(hosts=[later], policy=Policy(host_buffer_minutes=buffer))) == expected


@pytest.mark.parametrize(
    ("cap", "busy", "hosts", "expected"),
    [
        pytest.param(1, 0, 3, 1, id="cap of one"),
        pytest.param(2, 0, 3, 2, id="cap of two"),
        pytest.param(2, 1, 3, 1, id="one of two taken"),
        pytest.param(1, 2, 3, 0, id="more taken than the cap allows"),
        pytest.param(None, 1, 3, 2, id="no cap: free counsellors"),
        pytest.param(None, 0, 2, 2, id="no cap: free hosts"),
    ],
)
def test_places_are_free_counsellors_with_hosts_within_the_cap(cap: int | None, busy: int, hosts: int, expected: int) -> None:
    people = [counsellor(n, busy=[session_at(TEN)] if n < busy else []) for n in range(3)]
    free_hosts = [Host(n, ()) for n in range(hosts)]
    assert places(TEN, situation(counsellors=people, hosts=free_hosts, policy=Policy(capacity_per_start=cap))) == expected


def test_session_that_only_overlaps_counts_towards_the_cap() -> None:
    ad_hoc = counsellor(1, busy=[session_at(TEN + timedelta(minutes=10))])
    assert places(TEN, situation(counsellors=[ad_hoc, counsellor(2)])) == 0


@pytest.mark.parametrize(
    ("door", "applicant", "cap", "expected"),
    [
        pytest.param(Door.PUBLIC, Applicant(), 3, (), id="below the cap"),
        pytest.param(Door.PUBLIC, Applicant(), 2, (Reason.FIRST_TIMERS_FULL,), id="at the cap"),
        pytest.param(Door.PUBLIC, Applicant(verified=True), 2, (), id="verified"),
        pytest.param(Door.STAFF, Applicant(), 2, (), id="staff"),
        pytest.param(Door.PUBLIC, Applicant(), None, (), id="no cap"),
    ],
)
def test_first_timers_are_capped_per_session_day(door: Door, applicant: Applicant, cap: int | None, expected: tuple[Reason, ...]) -> None:
    seen = situation(policy=Policy(first_timers_per_day=cap), first_timers={TUESDAY: 2, date(2026, 11, 25): 9})
    assert refusals(TEN, seen, door=door, applicant=applicant) == expected


@pytest.mark.parametrize("door", Door)
@pytest.mark.parametrize(("allowed", "has", "expected"), [(1, 0, ()), (1, 1, (Reason.OPEN_REQUEST,)), (2, 1, ())])
def test_open_requests_are_limited_per_person(door: Door, allowed: int, has: int, expected: tuple[Reason, ...]) -> None:
    seen = situation(policy=Policy(open_requests_per_person=allowed))
    assert refusals(TEN, seen, door=door, applicant=Applicant(open_requests=has)) == expected


def test_reasons_are_told_in_the_order_of_the_list() -> None:
    seen = situation(
        TEN,
        counsellors=[counsellor(1, busy=[session_at(TEN)])],
        policy=Policy(first_timers_per_day=0, horizon_days=-1),
    )
    assert refusals(TEN, seen, applicant=Applicant(open_requests=1)) == (
        Reason.REQUEST_CLOSED,
        Reason.PAST,
        Reason.BEYOND_HORIZON,
        Reason.FULL,
        Reason.FIRST_TIMERS_FULL,
        Reason.OPEN_REQUEST,
    )


def test_check_raises_with_the_reasons_and_the_start() -> None:
    with pytest.raises(SlotRefused) as caught:
        check(TEN, situation(counsellors=[]))
    assert (caught.value.reasons, caught.value.start) == ((Reason.NOBODY_ON_DUTY,), TEN)
    assert str(caught.value) == "2026-11-24T10:00:00+09:00: nobody_on_duty"


def test_check_of_a_free_start_is_silent() -> None:
    check(TEN, situation())  # raises if it is refused


# --- the grid ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cap", "few", "people", "mark"),
    [
        pytest.param(1, 1, 3, Mark.FREE, id="cap of one has no few"),
        pytest.param(3, 1, 1, Mark.FEW, id="last place"),
        pytest.param(3, 1, 2, Mark.FREE, id="two places"),
        pytest.param(3, 2, 2, Mark.FEW, id="few means two"),
        pytest.param(None, 1, 1, Mark.FEW, id="no cap, last place"),
        pytest.param(3, 1, 0, Mark.NONE, id="nobody on duty"),
    ],
)
def test_mark_by_places(cap: int | None, few: int, people: int, mark: Mark) -> None:
    seen = situation(
        counsellors=[counsellor(n) for n in range(people)],
        hosts=[Host(n, ()) for n in range(3)],
        policy=Policy(capacity_per_start=cap, few_places=few),
    )
    [(_, row)] = offers([TUESDAY], seen)
    assert row[0].mark is mark


@pytest.mark.parametrize(
    ("now", "change", "mark"),
    [
        pytest.param(tokyo(date(2026, 11, 20), time(15)), {}, Mark.CLOSED, id="deadline passed"),
        pytest.param(FRIDAY_MORNING, {"hosts": ()}, Mark.CLOSED, id="full"),
        pytest.param(FRIDAY_MORNING, {"policy": Policy(first_timers_per_day=0)}, Mark.CLOSED, id="first timers full"),
        pytest.param(FRIDAY_MORNING, {"counsellors": ()}, Mark.NONE, id="nobody on duty"),
        pytest.param(tokyo(date(2026, 10, 26), time(9)), {}, Mark.NONE, id="beyond the horizon"),
        pytest.param(tokyo(date(2026, 10, 26), time(9)), {"hosts": ()}, Mark.NONE, id="beyond the horizon and full"),
    ],
)
def test_mark_by_the_first_reason(now: datetime, change: dict[str, Any], mark: Mark) -> None:
    [(_, row)] = offers([TUESDAY], replace(situation(now), **change))
    assert {offer.mark for offer in row} == {mark}


def test_own_open_request_is_a_reason_but_leaves_the_mark() -> None:
    [(_, row)] = offers([TUESDAY], situation(), applicant=Applicant(open_requests=1))
    assert {(offer.mark, offer.reasons) for offer in row} == {(Mark.FREE, (Reason.OPEN_REQUEST,))}


def test_staffs_grid_is_judged_by_the_confirm_limit() -> None:
    seen = situation(tokyo(TUESDAY, time(9)))
    [(_, row)] = offers([TUESDAY], seen, door=Door.STAFF)
    [(_, late)] = offers([TUESDAY], seen, door=Door.STAFF, override=True)
    assert ({offer.mark for offer in row}, {offer.mark for offer in late}) == ({Mark.CLOSED}, {Mark.FREE})


def test_offers_carry_the_moments_and_the_free_places_even_where_it_is_too_late() -> None:
    days = [TUESDAY, date(2026, 11, 25)]
    grid = offers(days, situation(tokyo(date(2026, 11, 20), time(15))))
    assert [day.date for day, _ in grid] == days
    assert [offer.moments for _, row in grid for offer in row[:1]] == [moments(d, Calendar(), Policy()) for d in days]
    assert [offer.places for _, row in grid for offer in row[:1]] == [1, 0]


@pytest.mark.parametrize(("reserved", "left"), [(True, 0), (False, 1)])
def test_cap_counts_reserved_sessions_only(reserved: bool, left: int) -> None:
    """A17, C6-2-1c: a session of another kind takes its counsellor's time, not a place of the start."""
    people = [counsellor(1, busy=[Busy(span_of(TEN, Policy()), session=True, reserved=reserved)]), counsellor(2)]
    assert places(TEN, situation(counsellors=people, policy=Policy(capacity_per_start=1))) == left


def test_session_of_another_kind_is_no_place_for_a_reservation_of_the_same_counsellor() -> None:
    """C6-2-1c: it may begin at any minute, and lies over both starts that it touches."""
    odd = Busy(span_of(TEN + timedelta(minutes=7), Policy()), session=True, reserved=False)
    seen = situation(counsellors=[counsellor(1, busy=[odd])], policy=Policy(capacity_per_start=None))
    assert [places(TEN + timedelta(minutes=minutes), seen) for minutes in (-30, 0, 30, 60)] == [1, 0, 0, 1]
