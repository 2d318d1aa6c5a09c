"""The roster and the office's calendar: duty hours, absences, closed days, policy. The admin saves through these too."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction

from booking.models import Absence, Booking, Closure, Counsellor, DutyHours, Hold, PolicyValue, ZoomHost
from booking.operations.places import as_range, lock_starts
from booking.queries import live_holds_within
from booking.rules.calendar import ONE_DAY, statutory, tokyo, tokyo_date
from booking.rules.interval import Interval
from booking.rules.slots import Policy, starts_on
from toyooka_hw.accounts.models import User


class SessionsInTheWay(Exception):
    """Bookings lie in the span; they are named, and nothing was changed."""

    def __init__(self, bookings: list[Booking]) -> None:
        super().__init__(f"{len(bookings)} bookings in the way")
        self.bookings = bookings


class NotAPolicyValue(Exception):
    """The value does not fit the policy key."""


def save_duty_hours(hours: DutyHours) -> DutyHours:
    """Store weekly hours. Bookings that stand are untouched: hours say what can be booked from now on."""
    hours.full_clean()
    hours.save()
    return hours


def save_counsellor(counsellor: Counsellor) -> Counsellor:
    """Store who counsels and with which host. Bookings that stand are untouched."""
    counsellor.full_clean()
    counsellor.save()
    return counsellor


def save_host(host: ZoomHost) -> ZoomHost:
    """Store a Zoom host."""
    host.full_clean()
    host.save()
    return host


def add_absence(counsellor: Counsellor, span: Interval, *, reason: str = "") -> Absence:
    """Enter an absence; it occupies the calendar by a Hold. Raises SessionsInTheWay."""
    try:
        with transaction.atomic():
            Counsellor.objects.select_for_update().get(pk=counsellor.pk)
            refuse_over_sessions(span, counsellor)
            absence = Absence.objects.create(counsellor=counsellor, starts_at=span.start, ends_at=span.end, reason=reason)
            Hold.objects.create(counsellor=counsellor, kind=Hold.Kind.ABSENCE, span=as_range(span), absence=absence)
    except IntegrityError as error:
        raise SessionsInTheWay([]) from error
    return absence


def remove_absence(absence: Absence) -> None:
    """The counsellor is there after all; the Hold goes with the absence."""
    absence.delete()


def set_day(day: date, *, is_open: bool, label: str) -> Closure:
    """Close a day with a label, or open one as an exception. Raises SessionsInTheWay where sessions lie on a day to be closed."""
    with transaction.atomic():
        if not is_open:
            _refuse_over_day(day)
        row, _created = Closure.objects.update_or_create(
            date=day, defaults={"is_open": is_open, "label": label, "source": Closure.Source.OFFICE}
        )
    return row


def forget_day(closure: Closure) -> None:
    """Take the office's own entry back: the law decides about this day again. Raises SessionsInTheWay where the law closes it over sessions."""
    with transaction.atomic():
        if not statutory(closure.date).is_open:
            _refuse_over_day(closure.date)
        closure.delete()


def seed_closures(*, now: datetime, years: int = 2) -> int:
    """Enter the law's closed weekdays (holidays, 12/29–1/3) of this and the coming years; a day that already has a row keeps it."""
    first = tokyo_date(now)
    day, rows = first, []
    while day.year < first.year + years:
        found = statutory(day)
        if not found.is_open and day.weekday() < 5:
            rows.append(Closure(date=day, label=found.why, source=Closure.Source.LAW))
        day += ONE_DAY
    return len(Closure.objects.bulk_create(rows, ignore_conflicts=True))


def set_policy(key: str, value: str, *, by: User, reason: str, now: datetime, holds_from: datetime | None = None) -> PolicyValue:
    """Add a policy value; the old ones stay as history. Raises NotAPolicyValue."""
    return PolicyValue.objects.create(
        key=key, value=checked_value(key, value.strip()), holds_from=holds_from or now, set_at=now, set_by=by, reason=reason
    )


def _refuse_over_day(day: date) -> None:
    """Nobody is given a place between this look and the end of the transaction."""
    lock_starts(starts_on(day, Policy()))
    refuse_over_sessions(Interval(tokyo(day, time()), tokyo(day + ONE_DAY, time())), None)


_MAY_BE_EMPTY = {PolicyValue.Key.CAPACITY_PER_START, PolicyValue.Key.FIRST_TIMERS_PER_DAY}
# Least and most. The grace is ten minutes by C6-1-4b; a request is judged by a calendar that is read for 60 days ahead.
_BOUNDS: Mapping[str, tuple[int, int]] = {
    PolicyValue.Key.HORIZON_DAYS: (1, 60),
    PolicyValue.Key.CAPACITY_PER_START: (1, 50),
    PolicyValue.Key.FIRST_TIMERS_PER_DAY: (0, 100),
    PolicyValue.Key.FEW_PLACES: (0, 50),
    PolicyValue.Key.HOST_BUFFER_MINUTES: (0, 60),
    PolicyValue.Key.NO_CONTACT_GRACE_MINUTES: (10, 30),
    PolicyValue.Key.NO_CONTACT_NOTICE_MINUTES: (0, 60),
    PolicyValue.Key.JOIN_OPENS_MINUTES: (0, 60),
}


def checked_value(key: str, value: str) -> str:
    """The value in its stored form. Raises NotAPolicyValue."""
    try:
        if key.endswith("_at"):
            return time.fromisoformat(value).strftime("%H:%M")
        if not value and key in _MAY_BE_EMPTY:
            return ""
        number = int(value)
    except ValueError as error:
        raise NotAPolicyValue from error
    least, most = _BOUNDS.get(key, (0, 0))
    if not least <= number <= most:
        raise NotAPolicyValue
    return str(number)


def refuse_over_sessions(span: Interval, counsellor: Counsellor | None) -> None:
    """Raises SessionsInTheWay where bookings of this counsellor (of anybody where None) lie in the span."""
    bookings: dict[int, Any] = {hold.booking_id: hold.booking for hold in live_holds_within(span, counsellor=counsellor) if hold.booking_id}
    if bookings:
        raise SessionsInTheWay(list(bookings.values()))
