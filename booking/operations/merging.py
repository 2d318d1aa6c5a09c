"""Merging two rows of one person, with an eye on their bookings: those stay where they are, so the loser may have none that is alive."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from booking.models import Booking
from booking.models.bookings import State
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import locked_pair, merge_people

ALIVE = (State.REQUESTED, State.PROPOSED, State.CONFIRMED)


class LoserHasBooking(Exception):
    """The row that would go has a booking that is not ended: keep that row, or end the booking first."""

    def __init__(self, booking: Booking) -> None:
        super().__init__(f"booking {booking.pk} is {booking.state}")
        self.booking = booking


def living_booking(person_id: int) -> Booking | None:
    """A booking of this very row that is requested, proposed, or confirmed without an outcome; an interview in which they are the other side too."""
    theirs = Q(applicant=person_id) | Q(participants__person=person_id)
    return Booking.objects.filter(theirs, state__in=ALIVE).order_by("starts_at", "pk").first()


def merge(loser_id: int, survivor_id: int, *, by: User, now: datetime, reason: str) -> Person:
    """Merge ``loser`` into ``survivor``. Whoever books for either at the same moment waits, and then books for the survivor.

    Mails, links and terms of a living booking hang on its row; that row has to survive (A16 then holds across all rows of a person).
    Raises LoserHasBooking, MergedAlready, NotMergeable, MergeReasonMissing.
    """
    with transaction.atomic():
        locked_pair(loser_id, survivor_id)
        booking = living_booking(loser_id)
        if booking:
            raise LoserHasBooking(booking)
        return merge_people(loser_id, survivor_id, by=by, now=now, reason=reason)
