"""Whom to phone about a seminar: the rule alone."""

from datetime import timedelta
from typing import Any

import pytest

from booking.rules.calendar import Calendar
from booking.rules.calls import Delivery, Why
from booking.rules.seminar_calls import News, why_call
from tests.cast import MORNING, THURSDAY, at

MINUTE = timedelta(minutes=1)
STARTS = at(THURSDAY, 14)
SOON = STARTS - timedelta(days=1)


def why(now: Any = MORNING, **known: Any) -> Why | None:
    usual: dict[str, Any] = {
        "at": MORNING,
        "starts_at": STARTS,
        "until": STARTS,
        "delivery": Delivery.DELIVERED,
        "has_address": True,
        "heard": False,
    }
    return why_call(News(**{**usual, **known}), Calendar(), now=now)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, None),
        ({"delivery": Delivery.FAILED}, Why.MAIL_FAILED),
        ({"delivery": Delivery.NONE}, Why.NO_MAIL),
        ({"has_address": False}, Why.NO_ADDRESS),
        ({"has_address": False, "delivery": Delivery.DELIVERED}, Why.NO_ADDRESS),
        ({"has_address": False, "heard": True}, None),
        ({"delivery": Delivery.FAILED, "heard": True}, None),
    ],
)
def test_why_somebody_is_phoned(known: dict[str, Any], expected: Why | None) -> None:
    assert why(**known) == expected


@pytest.mark.parametrize(("late", "expected"), [(29, None), (30, Why.MAIL_WAITS)])
def test_mail_has_half_an_hour_shortly_before(late: int, expected: Why | None) -> None:
    assert why(SOON + late * MINUTE, at=SOON, delivery=Delivery.WAITING) == expected


def test_mail_that_waits_is_waited_for_while_there_is_time() -> None:
    assert why(MORNING + 60 * MINUTE, starts_at=STARTS + timedelta(days=14), until=None, delivery=Delivery.WAITING) is None


@pytest.mark.parametrize(("until", "expected"), [(STARTS, None), (STARTS + MINUTE, Why.NO_ADDRESS), (None, Why.NO_ADDRESS)])
def test_news_is_told_as_long_as_it_is_of_use(until: Any, expected: Why | None) -> None:
    assert why(STARTS, has_address=False, until=until) == expected
