"""Merging two rows of one person, with an eye on their bookings and registrations: those stay where they are.

The loser may have no booking that is alive; of a seminar's registration the survivor is told from then on, so it may.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from booking.models import Booking, Registration
from booking.models.bookings import State
from booking.rules.seminars import OCCUPYING, OPEN_SEATS
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import locked_pair, merge_people

ALIVE = (State.REQUESTED, State.PROPOSED, State.CONFIRMED)


class LoserHasBooking(Exception):
    """The row that would go has a booking that is not ended: keep that row, or end the booking first."""

    def __init__(self, booking: Booking) -> None:
        super().__init__(f"booking {booking.pk} is {booking.state}")
        self.booking = booking


class RegisteredTwice(Exception):
    """Both rows have a place in the same seminar: one person has one, and staff say which is given back."""

    def __init__(self, registration: Registration) -> None:
        super().__init__(f"registration {registration.pk} would be a second one")
        self.registration = registration


def living_booking(person_id: int) -> Booking | None:
    """A booking of this very row that is requested, proposed, or confirmed without an outcome; an interview in which they are the other side too."""
    theirs = Q(applicant=person_id) | Q(participants__person=person_id)
    return Booking.objects.filter(theirs, state__in=ALIVE).order_by("starts_at", "pk").first()


def living_registrations(person_id: int) -> QuerySet[Registration]:
    """Places in seminars to come that this person holds or waits for, those of rows that were merged into this one too. One query."""
    theirs = Q(person=person_id) | Q(person__merged_into=person_id)
    alive = Q(seat__in=[seat.value for seat in OPEN_SEATS], seminar__state__in=[state.value for state in OCCUPYING])
    return Registration.objects.filter(theirs, alive).select_related("seminar").order_by("pk")


def second_place(loser_id: int, survivor_id: int) -> Registration | None:
    """A place of the loser's in a seminar in which the survivor has one too."""
    theirs = living_registrations(survivor_id).filter(seminar=OuterRef("seminar"))
    return living_registrations(loser_id).filter(Exists(theirs)).first()


def merge(loser_id: int, survivor_id: int, *, by: User, now: datetime, reason: str) -> Person:
    """Merge ``loser`` into ``survivor``. Whoever books for either at the same moment waits, and then books for the survivor.

    Mails, links and terms of a living booking hang on its row; that row has to survive (A16 then holds across all rows of a person).
    Raises LoserHasBooking, RegisteredTwice, MergedAlready, NotMergeable, MergeReasonMissing.
    """
    with transaction.atomic():
        locked_pair(loser_id, survivor_id)
        booking = living_booking(loser_id)
        if booking:
            raise LoserHasBooking(booking)
        if second := second_place(loser_id, survivor_id):
            raise RegisteredTwice(second)
        return merge_people(loser_id, survivor_id, by=by, now=now, reason=reason)
