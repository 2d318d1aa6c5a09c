"""Reminding people of their sessions: written once for each time of a session, looked at again just before it is sent."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from booking import mails
from booking.operations.transitions import locked
from booking.queries import to_be_reminded
from toyooka_hw.sweep import each


def remind(*, now: datetime, wall: datetime) -> int:
    """Write every reminder that is due; returns for how many sessions."""
    found = dict.fromkeys(booking.pk for booking, _reminder, _people in to_be_reminded(now=now))
    return each(found, lambda booking_id: _remind(booking_id, now=now, wall=wall), name="reminders")


def _remind(booking_id: int, *, now: datetime, wall: datetime) -> bool:
    """The session as it stands now that nobody can change it: cancelled or moved meanwhile, there is nothing to write."""
    with transaction.atomic():
        locked(booking_id)
        due = to_be_reminded(now=now, only=Q(pk=booking_id))
        for booking, reminder, people in due:
            mails.remind(booking, reminder, people, now=now, wall=wall)
    return bool(due)
