"""When people are reminded, by argument alone (japan.md §8.7 no. 4; peers: reminders that come too late or for nothing)."""

from datetime import date, datetime, timedelta

import pytest

from booking.rules.policy import Policy
from booking.rules.reminders import Reminder, ReminderKey, due, sent_within
from tests.cast import at

MONDAY, SUNDAY, FRIDAY = date(2027, 4, 12), date(2027, 4, 11), date(2027, 4, 9)
TEN = at(MONDAY, 10)
LONG_AGO = at(FRIDAY, 9)
SECOND = timedelta(seconds=1)


def reminded(now: datetime, told_at: datetime = LONG_AGO, policy: Policy | None = None) -> tuple[Reminder, ...]:
    return due(TEN, told_at, policy or Policy(), now=now)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(SUNDAY, 9) - SECOND, ()),
        (at(SUNDAY, 9), (Reminder.TOMORROW,)),
        (at(MONDAY, 0) - SECOND, (Reminder.TOMORROW,)),
        (at(MONDAY, 0), ()),
        (at(MONDAY, 9) - SECOND, ()),
        (at(MONDAY, 9), (Reminder.SOON,)),
        (TEN - SECOND, (Reminder.SOON,)),
        (TEN, ()),
    ],
)
def test_each_reminder_has_its_time_also_on_a_closed_day(now: datetime, expected: tuple[Reminder, ...]) -> None:
    assert reminded(now) == expected


def test_policy_sets_both_moments() -> None:
    policy = Policy(remind_day_before_at=at(MONDAY, 18).timetz().replace(tzinfo=None), remind_minutes_before=30)
    assert sent_within(Reminder.TOMORROW, TEN, policy).start == at(SUNDAY, 18)
    assert sent_within(Reminder.SOON, TEN, policy).start == at(MONDAY, 9, 30)


@pytest.mark.parametrize(
    ("told_at", "expected"),
    [
        (at(SUNDAY, 6), (Reminder.TOMORROW,)),
        (at(SUNDAY, 6) + SECOND, ()),
        (at(SUNDAY, 15), ()),
    ],
)
def test_whoever_was_told_lately_is_not_reminded(told_at: datetime, expected: tuple[Reminder, ...]) -> None:
    assert reminded(at(SUNDAY, 16), told_at) == expected


def test_whoever_was_told_on_the_eve_is_reminded_an_hour_before() -> None:
    assert reminded(at(MONDAY, 9), at(SUNDAY, 15)) == (Reminder.SOON,)


def test_key_is_read_as_it_was_written() -> None:
    for key in (ReminderKey(7, Reminder.SOON, TEN), ReminderKey(7, Reminder.TOMORROW, TEN, 12)):
        assert ReminderKey.read(str(key)) == key
    for key in (ReminderKey(7, Reminder.SOON, TEN, by_phone=True), ReminderKey(7, Reminder.TOMORROW, TEN, 12, by_phone=True)):
        assert ReminderKey.read(str(key)) == key
    assert str(ReminderKey(7, Reminder.SOON, TEN, 12, by_phone=True)) == "reminder:7:soon+phone:202704120100:12"
    assert str(ReminderKey(7, Reminder.SOON, TEN, 12)) == "reminder:7:soon:202704120100:12"
    assert ReminderKey.read("booking-event:7") is None
