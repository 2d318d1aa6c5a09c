"""The office's calendar and its policy, through the operations: A5, C6-1-4b."""

from datetime import date

import pytest

from booking.models import Closure, PolicyValue
from booking.operations import applications, calendar, giving_way
from booking.operations.calendar import NotAPolicyValue
from booking.operations.giving_way import Unforeseen
from tests.cast import MORNING, THURSDAY, Office, application, at, closed, nobody_concerned
from toyooka_hw.accounts.models import Person

pytestmark = pytest.mark.django_db
SHOWA_DAY = date(2027, 4, 29)  # closed by law
APRIL_20 = at(date(2027, 4, 20), 10)


def test_exceptional_opening_is_taken_back_to_the_law(office: Office) -> None:
    calendar.open_day(SHOWA_DAY, label="特別開庁", by=office.staff, now=MORNING)
    giving_way.leave_to_law(SHOWA_DAY, nobody_concerned(office), now=MORNING, wall=MORNING)
    assert Closure.objects.values_list("is_open", "label", "source").get() == (False, "昭和の日", "law")


def test_exceptional_opening_with_sessions_is_taken_back_only_when_they_are_decided(office: Office, person: Person) -> None:
    """The law would close the day over them."""
    calendar.open_day(SHOWA_DAY, label="特別開庁", by=office.staff, now=MORNING)
    applications.request(person, application(office.version, at(SHOWA_DAY, 10)), now=APRIL_20, wall=APRIL_20)
    with pytest.raises(Unforeseen):
        giving_way.leave_to_law(SHOWA_DAY, nobody_concerned(office), now=MORNING, wall=MORNING)
    assert Closure.objects.get().is_open is True


def test_exceptional_closing_is_taken_back(office: Office) -> None:
    closed(office, THURSDAY)
    calendar.forget_day(Closure.objects.get(), by=office.staff, now=MORNING)
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
