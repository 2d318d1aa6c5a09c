"""The office's calendar and its policy, through the operations: A5, C6-1-4b."""

from datetime import date

import pytest

from booking.models import Booking, Closure, PolicyValue
from booking.operations import applications, calendar
from booking.operations.calendar import NotAPolicyValue, SessionsInTheWay
from tests.cast import MORNING, THURSDAY, Office, application, at
from toyooka_hw.accounts.models import Person

pytestmark = pytest.mark.django_db
SHOWA_DAY = date(2027, 4, 29)  # closed by law
APRIL_20 = at(date(2027, 4, 20), 10)


def test_day_with_sessions_cannot_be_closed(office: Office, requested: Booking) -> None:
    with pytest.raises(SessionsInTheWay) as refusal:
        calendar.set_day(THURSDAY, is_open=False, label="臨時", by=office.staff, now=MORNING)
    assert (refusal.value.bookings, Closure.objects.count()) == ([requested], 0)


def test_exceptional_opening_with_sessions_cannot_be_taken_back(office: Office, person: Person) -> None:
    """The law would close the day over them."""
    opened = calendar.set_day(SHOWA_DAY, is_open=True, label="特別開庁", by=office.staff, now=MORNING)
    booking = applications.request(person, application(office.version, at(SHOWA_DAY, 10)), now=APRIL_20, wall=APRIL_20)
    with pytest.raises(SessionsInTheWay) as refusal:
        calendar.forget_day(opened, by=office.staff, now=MORNING)
    assert (refusal.value.bookings, Closure.objects.count()) == ([booking], 1)


def test_exceptional_opening_without_sessions_is_taken_back(office: Office) -> None:
    calendar.forget_day(
        calendar.set_day(SHOWA_DAY, is_open=True, label="特別開庁", by=office.staff, now=MORNING), by=office.staff, now=MORNING
    )
    assert Closure.objects.count() == 0


def test_exceptional_closing_is_taken_back_whatever_lies_on_the_day(office: Office) -> None:
    calendar.forget_day(calendar.set_day(THURSDAY, is_open=False, label="臨時", by=office.staff, now=MORNING), by=office.staff, now=MORNING)
    assert Closure.objects.count() == 0


@pytest.mark.parametrize(
    ("key", "fits", "does_not"),
    [
        ("horizon_days", ["1", "60"], ["0", "61", "9999999999"]),
        ("no_contact_grace_minutes", ["10", "30"], ["9", "31"]),
        ("no_contact_notice_minutes", ["0", "60"], ["-1", "61"]),
        ("join_opens_minutes", ["0", "60"], ["61"]),
        ("host_buffer_minutes", ["0", "60"], ["61"]),
        ("capacity_per_start", ["", "1", "50"], ["0", "51"]),
        ("first_timers_per_day", ["", "0", "100"], ["101"]),
        ("few_places", ["0", "50"], ["51", ""]),
    ],
)
def test_policy_value_has_bounds(office: Office, key: str, fits: list[str], does_not: list[str]) -> None:
    for value in fits:
        assert calendar.set_policy(key, value, by=office.staff, reason="試験", now=MORNING).value == value
    for value in does_not:
        with pytest.raises(NotAPolicyValue):
            calendar.set_policy(key, value, by=office.staff, reason="試験", now=MORNING)
    assert PolicyValue.objects.filter(key=key, reason="試験", set_by=office.staff, set_at=MORNING).count() >= len(fits)


def test_unknown_policy_key_takes_no_value() -> None:
    with pytest.raises(NotAPolicyValue):
        calendar.checked_value("slot_minutes", "30")
