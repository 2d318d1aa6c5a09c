"""One open reserved booking per person (A16), rows that were merged into theirs included.

The constraint of the database knows one row; across a person's rows the lock on the surviving one keeps the rule.
"""

from datetime import datetime
from typing import NoReturn

from django.db import IntegrityError
from django.db.models import F

from booking.models import Booking
from booking.models.bookings import Kind, State
from booking.queries import of_person, open_booking_of


class OpenBookingExists(Exception):
    """The person already has an open booking (A16)."""

    def __init__(self, booking: Booking | None) -> None:
        super().__init__("one open booking per person")
        self.booking = booking


def refuse_second(person_id: int, *, now: datetime) -> None:
    """Raises OpenBookingExists. A confirmed session whose time has come no longer counts as open."""
    past = Booking.objects.filter(of_person(person_id), kind=Kind.RESERVED, state=State.CONFIRMED, begun_at=None, starts_at__lte=now)
    past.update(begun_at=F("starts_at"))
    existing = open_booking_of(person_id, now=now)
    if existing:
        raise OpenBookingExists(existing)


def refuse_rival(error: IntegrityError, person_id: int, *, now: datetime) -> NoReturn:
    """A constraint spoke: where another booking of the person was faster, say so."""
    rival = open_booking_of(person_id, now=now)
    if rival:
        raise OpenBookingExists(rival) from error
    raise error
