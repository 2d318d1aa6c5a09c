"""What staff decide about an employer's contact: confirmed, not to be confirmed, or gone; the contact is told of each (C2-1d)."""

from datetime import datetime

from django.db import transaction

from booking import mails
from booking.models import Booking
from booking.models.bookings import Kind, State
from booking.operations.employers import decline_request
from booking.operations.transitions import ReasonMissing
from booking.queries import waiting_requests_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import end_contact, locked_survivor, verify_contact


def verify(person: Person, *, number: str, name: str, registered_phone: str, by: User, now: datetime, wall: datetime) -> Person:
    """Record what staff compared; at the first time the contact is told. Raises NotTheName, EstablishmentFixed."""
    with transaction.atomic():
        was_verified = locked_survivor(person.pk).is_verified
        contact = verify_contact(person, number=number, name=name, registered_phone=registered_phone, by=by, now=now)
        if not was_verified:
            mails.employer_verified(contact, now=now, wall=wall)
    return contact


def end(person_id: int, *, reason: str, by: User, now: datetime, wall: datetime) -> Person:
    """The contact could not be confirmed, or has left: whatever waits of their requests is declined with it, and they are told why.

    Raises ReasonMissing, ContactOver.
    """
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        _lock_waiting(person_id)
        was_verified = locked_survivor(person_id).is_verified
        contact = end_contact(person_id, reason=reason, by=by, now=now)
        for request in waiting_requests_of(contact.pk).order_by("pk"):
            decline_request(request.pk, reason=reason, by=by, now=now, wall=wall)
        mails.employer_ended(contact, reason, was_verified=was_verified, now=now, wall=wall)
    return contact


def _lock_waiting(person_id: int) -> None:
    """Bookings before people, as whoever arranges an interview does."""
    waiting = Booking.objects.filter(applicant=person_id, kind=Kind.INTERVIEW, state=State.REQUESTED)
    list(waiting.select_for_update(of=("self",)).order_by("pk"))
