"""Reading seminars: whom to remind of which, and whether a reminder that was written is still true."""

from datetime import datetime, time

from django.db.models import Q, QuerySet

from booking.models import Registration
from booking.queries.situation import policy_at
from booking.rules.calendar import ONE_DAY, tokyo, tokyo_date
from booking.rules.reminders import SEMINAR_PREFIX, Needless, Reminder, ReminderKey, due, sent_within
from booking.rules.seminars import Seat, State
from toyooka_hw.mail.models import OutgoingMail


def seats_to_be_reminded(*, now: datetime, only: int | None = None) -> list[tuple[Registration, Reminder]]:
    """The reminders to be written now, to people with an address who have not got theirs yet; ``only``: one registration. Three queries."""
    policy = policy_at(now)
    rows = _upcoming(now) if only is None else _upcoming(now).filter(pk=only)
    wanted = [(row, reminder) for row in rows for reminder in due(row.seminar.starts_at, row.changed_at, policy, now=now)]
    keys = [seat_reminder_key(row, reminder) for row, reminder in wanted]
    written = set(OutgoingMail.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()
    return [(row, reminder) for (row, reminder), key in zip(wanted, keys, strict=True) if key not in written]


def seat_reminder_key(row: Registration, reminder: Reminder) -> str:
    """The name of the reminder of a seminar at its present time."""
    return str(ReminderKey(row.pk, reminder, row.seminar.starts_at, prefix=SEMINAR_PREFIX))


def why_seat_needless(key: ReminderKey, to: str, *, now: datetime) -> Needless | None:
    """Why a reminder of a seminar that was written is not to be sent after all; None where every word of it is still so."""
    row = Registration.objects.filter(pk=key.row).select_related("person__merged_into", "seminar").first()
    if row is None or row.seat != Seat.SEATED or row.seminar.state != State.PUBLISHED:
        return Needless.NOT_CONFIRMED
    if row.seminar.starts_at != key.starts_at:
        return Needless.MOVED
    if now >= sent_within(key.reminder, key.starts_at, policy_at(now)).end:
        return Needless.TOO_LATE
    return None if to == row.reader.email else Needless.OTHER_ADDRESS


def _upcoming(now: datetime) -> QuerySet[Registration]:
    """Who has a seat in what begins from now to the end of tomorrow."""
    end = tokyo(tokyo_date(now) + 2 * ONE_DAY, time())
    rows = Registration.objects.filter(seat=Seat.SEATED.value, seminar__state=State.PUBLISHED.value)
    without_address = Q(person__merged_into=None, person__email="") | Q(person__merged_into__email="")
    rows = rows.filter(seminar__starts_at__gt=now, seminar__starts_at__lt=end).exclude(without_address)
    return rows.select_related("person__merged_into", "seminar").order_by("seminar__starts_at", "pk")
