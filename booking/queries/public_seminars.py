"""Seminars as they are seen from outside of the office: in the public list, by whoever registered, by whoever gives them with the office."""

from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from booking.models import Registration, Seminar, SeminarEvent, SeminarPartner
from booking.rules.seminars import OCCUPYING, OPEN_SEATS, TAKING, Event, Seat, State

TAKEN = [seat.value for seat in TAKING]


def public_seminars() -> QuerySet[Seminar]:
    """Everything that was ever published, with its ``taken`` seats, how many are ``waiting``, and who gives it. Two queries."""
    taken = Count("registrations", filter=Q(registrations__seat__in=TAKEN))
    waiting = Count("registrations", filter=Q(registrations__seat=Seat.WAITING.value))
    partners = SeminarPartner.objects.select_related("contact__establishment").order_by("pk")
    rows = Seminar.objects.filter(_published("pk")).annotate(taken=taken, waiting=waiting)
    return rows.prefetch_related(Prefetch("partners", partners))


def upcoming_seminars(*, now: datetime, kind: str = "", with_seats: bool = False) -> QuerySet[Seminar]:
    """What is published or suspended and not over, the next one first. ``with_seats``: only what a seat can still be had in."""
    rows = public_seminars().filter(state__in=[state.value for state in OCCUPYING], ends_at__gt=now)
    if kind:
        rows = rows.filter(kind=kind)
    if with_seats:
        rows = rows.filter(state=State.PUBLISHED.value, closes_at__gt=now, waiting=0, taken__lt=F("capacity"))  # type: ignore[misc]  # annotated above
    return rows.order_by("starts_at", "pk")


def public_seminar(number: str) -> Seminar | None:
    """One that was ever published, with its speakers. Three queries."""
    return public_seminars().prefetch_related("speakers").filter(number=number).first()


def registrations_of(person_id: int) -> QuerySet[Registration]:
    """Everything that this person (the surviving row) registered for, the latest first. One query."""
    own = Q(person=person_id) | Q(person__merged_into=person_id)
    return Registration.objects.filter(own).select_related("seminar").order_by("-seminar__starts_at", "-pk")


def open_registration_of(person_id: int, seminar_id: int) -> Registration | None:
    """The person's registration for this seminar that stands. One query."""
    return registrations_of(person_id).filter(seminar=seminar_id, seat__in=[seat.value for seat in OPEN_SEATS]).first()


def people_before(row: Registration) -> int:
    """How many wait before this registration. One query."""
    return row.seminar.registrations.filter(pk__lt=row.pk, seat=Seat.WAITING.value).count()


def given_by(contact_id: int) -> QuerySet[SeminarPartner]:
    """What this employer's contact (the surviving row) gives with the office, with how many are ``seated`` and ``waiting``; names never. One query."""
    own = Q(contact=contact_id) | Q(contact__merged_into=contact_id)
    seated = Count("seminar__registrations", filter=Q(seminar__registrations__seat__in=TAKEN))
    waiting = Count("seminar__registrations", filter=Q(seminar__registrations__seat=Seat.WAITING.value))
    rows = SeminarPartner.objects.filter(own, _published("seminar")).annotate(seated=seated, waiting=waiting)
    return rows.select_related("seminar", "contact").order_by("-seminar__starts_at", "-pk")


def _published(seminar: str) -> Exists:
    """Whether it was ever published: what was drawn up and dropped is nobody's business."""
    return Exists(SeminarEvent.objects.filter(seminar=OuterRef(seminar), event=Event.PUBLISH.value))
