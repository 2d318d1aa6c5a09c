"""Whom to phone, judged by argument: what no mail brought, and what a mail alone would bring too late (C6-1-3, issue points 4 and 6)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from booking.rules.calendar import Calendar, Day
from booking.rules.calls import NEWS, TURNS, Delivery, News, Why, is_near, of_use_until, why_call
from booking.rules.interval import Interval
from booking.rules.lifecycle import Event
from tests.cast import at

FRIDAY, MONDAY, TUESDAY = date(2027, 4, 9), date(2027, 4, 12), date(2027, 4, 13)
CALENDAR = Calendar()
NOON = at(FRIDAY, 12)
CONFIRMED = News(
    event=Event.CONFIRM,
    at=NOON,
    starts_at=at(MONDAY, 10),
    until=at(MONDAY, 10),
    delivery=Delivery.DELIVERED,
    has_address=True,
    heard=False,
)


def judged(*, now: datetime = NOON, **facts: object) -> Why | None:
    return why_call(replace(CONFIRMED, **facts), CALENDAR, now=now)


def test_delivered_mail_needs_no_call() -> None:
    assert judged() is None


@pytest.mark.parametrize("event", sorted(NEWS))
def test_every_news_without_an_address_is_told_by_phone(event: Event) -> None:
    assert judged(event=event, delivery=Delivery.NONE, has_address=False, told_before=True) is Why.NO_ADDRESS


@pytest.mark.parametrize("event", sorted(set(Event) - NEWS))
def test_what_the_person_did_is_no_news(event: Event) -> None:
    assert judged(event=event, delivery=Delivery.NONE, has_address=False) is None


def test_failed_mail_needs_a_call() -> None:
    assert judged(delivery=Delivery.FAILED) is Why.MAIL_FAILED


def test_correction_of_which_nobody_was_told_needs_no_call() -> None:
    assert judged(event=Event.CORRECT_TO_CONFIRMED, delivery=Delivery.NONE) is None


def test_person_who_heard_it_needs_no_call() -> None:
    assert judged(delivery=Delivery.FAILED, heard=True) is None


@pytest.mark.parametrize(("waited", "why"), [(timedelta(minutes=29, seconds=59), None), (timedelta(minutes=30), Why.MAIL_WAITS)])
def test_mail_that_waits_half_an_hour_before_a_near_session_needs_a_call(waited: timedelta, why: Why | None) -> None:
    assert judged(delivery=Delivery.WAITING, now=NOON + waited) is why


def test_mail_that_waits_long_before_the_session_is_left_to_the_sweep() -> None:
    assert judged(delivery=Delivery.WAITING, starts_at=at(TUESDAY, 10), now=NOON + timedelta(hours=2)) is None


@pytest.mark.parametrize("event", sorted(TURNS))
@pytest.mark.parametrize(("starts_at", "why"), [(at(MONDAY, 15, 30), Why.SHORT_NOTICE), (at(TUESDAY, 10), None)])
def test_turn_by_the_office_just_before_the_session_needs_a_call_beside_the_mail(
    event: Event, starts_at: datetime, why: Why | None
) -> None:
    assert judged(event=event, starts_at=starts_at) is why


def test_confirmation_as_an_exception_on_the_day_needs_a_call_beside_the_mail() -> None:
    """A2: whoever is told of the session on its own day may read too late."""
    assert judged(starts_at=at(FRIDAY, 15), override=True) is Why.SHORT_NOTICE


@pytest.mark.parametrize(("until", "why"), [(at(MONDAY, 10), None), (None, Why.MAIL_FAILED)])
def test_news_is_told_until_it_is_of_no_use_any_more(until: datetime | None, why: Why | None) -> None:
    assert judged(until=until, delivery=Delivery.FAILED, now=at(MONDAY, 10)) is why
    assert judged(until=until, delivery=Delivery.FAILED, now=at(MONDAY, 9, 59)) is Why.MAIL_FAILED


def test_near_reaches_over_closed_days_to_the_end_of_the_next_open_one() -> None:
    closed = Calendar({MONDAY: Day(MONDAY, is_open=False, why="設備点検")})
    assert [is_near(at(TUESDAY, 23, 59), calendar, now=NOON) for calendar in (CALENDAR, closed)] == [False, True]


@pytest.mark.parametrize(
    ("event", "until"),
    [
        (Event.PROPOSE, at(TUESDAY, 15)),
        (Event.RELEASE, at(MONDAY, 0)),
        (Event.CONFIRM, at(MONDAY, 10)),
        (Event.CORRECT_TO_CONFIRMED, at(MONDAY, 10, 30)),
        (Event.BY_PHONE, at(MONDAY, 10)),
        (Event.BY_ZOOM, at(MONDAY, 10, 30)),
        (Event.CORRECT_TO_COMPLETED, None),
        (Event.EXPIRE, None),
    ],
)
def test_news_is_of_use_as_long_as_the_person_can_act_on_it(event: Event, until: datetime | None) -> None:
    """An offer to its last time (C6-1-3), whatever day was asked for first; how it ended, always."""
    session, offered = Interval(at(MONDAY, 10), at(MONDAY, 10, 30)), [at(MONDAY, 14), at(TUESDAY, 15)]
    assert of_use_until(event, session, at(MONDAY, 0), offered) == until


def test_correction_of_what_was_told_by_phone_is_told_by_phone() -> None:
    facts = {"event": Event.CORRECT_TO_COMPLETED, "delivery": Delivery.NONE, "has_address": False, "until": None}
    assert [judged(**facts, told_before=told) for told in (True, False)] == [Why.NO_ADDRESS, None]
    assert judged(**{**facts, "has_address": True}, told_before=True) is Why.NO_MAIL


@pytest.mark.parametrize(
    ("delivery", "expected"), [(Delivery.DELIVERED, None), (Delivery.WAITING, None), (Delivery.FAILED, Why.MAIL_FAILED)]
)
def test_whoever_waits_at_the_page_reads_it_there(delivery: Delivery, expected: Why | None) -> None:
    """C6-2-1c: a request for a session now is answered within minutes; only where the mail failed is there anything to phone about."""
    late = NOON + timedelta(hours=1)
    assert judged(event=Event.DECLINE, until=None, delivery=delivery, starts_at=NOON, at_the_page=True, now=late) is expected
