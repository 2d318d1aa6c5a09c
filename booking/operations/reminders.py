"""Reminding people of their sessions: written once for each time of a session, looked at again just before it is sent."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from booking import mails, seminar_mails
from booking.operations.seminars.seats import locked_registration
from booking.operations.transitions import locked
from booking.queries import seats_to_be_reminded, to_be_reminded
from toyooka_hw.sweep import each


def remind(*, now: datetime, wall: datetime) -> int:
    """Write every reminder that is due; returns for how many sessions."""
    found = dict.fromkeys(booking.pk for booking, _reminder, _people in to_be_reminded(now=now))
    return each(found, lambda booking_id: _remind(booking_id, now=now, wall=wall), name="reminders")


def remind_of_seminars(*, now: datetime, wall: datetime) -> int:
    """Write every reminder of a seminar that is due; returns for how many registrations."""
    found = dict.fromkeys(row.pk for row, _reminder in seats_to_be_reminded(now=now))
    return each(found, lambda registration_id: _remind_of_seminar(registration_id, now=now, wall=wall), name="seminar_reminders")


def _remind_of_seminar(registration_id: int, *, now: datetime, wall: datetime) -> bool:
    with transaction.atomic():
        locked_registration(registration_id)
        due = seats_to_be_reminded(now=now, only=registration_id)
        for row, reminder in due:
            seminar_mails.remind(row, reminder, now=now, wall=wall)
    return bool(due)


def _remind(booking_id: int, *, now: datetime, wall: datetime) -> bool:
    """The session as it stands now that nobody can change it: cancelled or moved meanwhile, there is nothing to write."""
    with transaction.atomic():
        locked(booking_id)
        due = to_be_reminded(now=now, only=Q(pk=booking_id))
        for booking, reminder, people in due:
            mails.remind(booking, reminder, people, now=now, wall=wall)
    return bool(due)
