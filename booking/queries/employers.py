"""Employers' requests: whose they are, who may see them, what waits."""

from django.db.models import Q, QuerySet

from booking.models import EmployerRequest
from booking.models.bookings import State
from toyooka_hw.accounts.models import Establishment, Person, Role


def requests_seen_by(contact: Person) -> QuerySet[EmployerRequest]:
    """What this contact (the surviving row) may see: their own requests, and those of their establishment once staff have verified them."""
    seen = _asked_by(contact.pk)
    if contact.is_verified and contact.establishment:
        seen |= _asked_in(contact.establishment)
    return _shown().filter(seen)


def requests_of(establishment: Establishment) -> QuerySet[EmployerRequest]:
    """What the contacts of this establishment ask for, the newest first."""
    return _shown().filter(_asked_in(establishment))


def waiting_requests_of(person_id: int) -> QuerySet[EmployerRequest]:
    """This contact's requests of which a session still waits for the office."""
    return EmployerRequest.objects.filter(_asked_by(person_id), sessions__state=State.REQUESTED).distinct()


def is_own(request: EmployerRequest, contact: Person) -> bool:
    """Whether this contact (the surviving row) asked, and not a colleague."""
    return contact.pk in (request.contact_id, request.contact.merged_into_id)


def unverified_contacts() -> QuerySet[Person]:
    """Contacts who have said which establishment they belong to, and whom nobody has verified yet, the longest waiting first (C2-1d)."""
    stated = Person.objects.filter(role=Role.EMPLOYER_CONTACT, merged_into=None, verified_at=None, establishment=None).exclude(
        stated_establishment_number=""
    )
    return stated.order_by("created_at", "pk")


def _asked_by(person_id: int) -> Q:
    return Q(contact=person_id) | Q(contact__merged_into=person_id)


def _asked_in(establishment: Establishment) -> Q:
    return Q(contact__establishment=establishment) | Q(contact__merged_into__establishment=establishment)


def _shown() -> QuerySet[EmployerRequest]:
    rows = EmployerRequest.objects.select_related("contact__establishment").prefetch_related("sessions")
    return rows.order_by("-requested_at", "-pk")
