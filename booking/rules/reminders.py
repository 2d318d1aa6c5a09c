"""When people are reminded of a session, and why they are not (japan.md §8.7 no. 4)."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Self

from booking.rules.calendar import ONE_DAY, tokyo, tokyo_date
from booking.rules.interval import Interval
from booking.rules.policy import Policy

TOLD_LATELY = timedelta(hours=3)
PREFIX, SEMINAR_PREFIX = "reminder", "seminar-reminder"
_STAMP = "%Y%m%d%H%M"
_CALLED = "+phone"


class Reminder(StrEnum):
    """The day before, also where that day is closed; and shortly before the start."""

    TOMORROW = "tomorrow"
    SOON = "soon"


class Needless(StrEnum):
    """Why a reminder is not sent."""

    NOT_CONFIRMED = "not_confirmed"
    MOVED = "moved"
    OTHER_WAY = "other_way"
    OTHER_ADDRESS = "other_address"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class ReminderKey:
    """What one reminder is about, as its mail's key names it: written once for each time of the session. ``person``: None for the applicant.

    ``row``: a booking, or with SEMINAR_PREFIX somebody's registration. ``by_phone``: it says that the office calls; where the session is held
    the other way by then, it is not sent.
    """

    row: int
    reminder: Reminder
    starts_at: datetime
    person: int | None = None
    by_phone: bool = False
    prefix: str = PREFIX

    def __str__(self) -> str:
        kind = f"{self.reminder}{_CALLED}" if self.by_phone else self.reminder
        about = f"{self.prefix}:{self.row}:{kind}:{self.starts_at.astimezone(UTC):{_STAMP}}"
        return about if self.person is None else f"{about}:{self.person}"

    @classmethod
    def read(cls, key: str) -> Self | None:
        """The key of a mail as it was written; None where the mail is no reminder."""
        prefix, *parts = key.split(":")
        if prefix not in (PREFIX, SEMINAR_PREFIX):
            return None
        row, reminder, stamp, *person = parts
        starts_at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
        known = Reminder(reminder.removesuffix(_CALLED))
        return cls(int(row), known, starts_at, int(person[0]) if person else None, reminder.endswith(_CALLED), prefix)


def sent_within(reminder: Reminder, starts_at: datetime, policy: Policy) -> Interval:
    """From when a reminder is sent, and until when its words are true."""
    if reminder is Reminder.SOON:
        return Interval(starts_at - timedelta(minutes=policy.remind_minutes_before), starts_at)
    day = tokyo_date(starts_at)
    return Interval(tokyo(day - ONE_DAY, policy.remind_day_before_at), tokyo(day, time()))


def due(starts_at: datetime, told_at: datetime, policy: Policy, *, now: datetime) -> tuple[Reminder, ...]:
    """The reminders of a confirmed session to be sent now; none to people who were told its time only lately, or later than the reminder."""
    spans = {reminder: sent_within(reminder, starts_at, policy) for reminder in Reminder}
    return tuple(reminder for reminder, span in spans.items() if span.contains(now) and told_at <= span.start - TOLD_LATELY)
