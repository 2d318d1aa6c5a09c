"""Employers' requests as staff see them: the list, and one with its sessions. The number of queries never depends on the number of rows."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Min, Prefetch, Q, QuerySet

from booking.models import Booking, EmployerRequest, Participant
from booking.models.bookings import Kind, State

INVITED = (State.REQUESTED, State.CONFIRMED, State.COMPLETED)


def employer_requests() -> QuerySet[EmployerRequest]:
    """Every request with its sessions; those that wait come first, in the order in which they must be answered. Three queries."""
    waiting = Min("sessions__answer_by", filter=Q(sessions__state=State.REQUESTED))
    rows = EmployerRequest.objects.select_related("contact__establishment").prefetch_related("sessions")
    return rows.annotate(waiting_until=waiting).order_by(F("waiting_until").asc(nulls_last=True), "-requested_at", "-pk")


@dataclass(frozen=True, slots=True)
class Asked:
    """How many requests of employers wait for an answer, and until when the first of them is to have it."""

    count: int
    until: datetime | None


def asked_in_short() -> Asked:
    """What the other pages tell of employers' requests that wait. One query."""
    found = _waiting().aggregate(count=Count("employer_request", distinct=True), until=Min("answer_by"))
    return Asked(found["count"], found["until"])


def waiting_requests() -> QuerySet[EmployerRequest]:
    """Requests of which a session still waits for the office, in the order in which they must be answered. One query."""
    return employer_requests().filter(pk__in=_waiting().values("employer_request")).prefetch_related(None)


def request_with_sessions(request_id: int) -> EmployerRequest | None:
    """One request with its sessions in the order of time, who is in them and what was told to whom. Four queries."""
    people = Participant.objects.select_related("person").prefetch_related("code_deliveries").order_by("pk")
    sessions = Booking.objects.select_related("applicant", "counsellor", "host", "meeting").order_by("starts_at", "pk")
    rows = EmployerRequest.objects.select_related("contact__establishment", "contact__merged_into__establishment")
    return (
        rows.prefetch_related(Prefetch("sessions", sessions.prefetch_related(Prefetch("participants", people))))
        .filter(pk=request_id)
        .first()
    )


def is_invited(person_id: int, request_id: int | None) -> bool:
    """Whether this person has, or had, a session of the request."""
    return Booking.objects.filter(of_participant(person_id), employer_request=request_id, state__in=INVITED).exists()


def of_participant(person_id: int) -> Q:
    """Bookings in which this person takes part, by the rows that were merged into this one too."""
    return Q(participants__person=person_id) | Q(participants__person__merged_into=person_id)


def _waiting() -> QuerySet[Booking]:
    return Booking.objects.filter(kind=Kind.INTERVIEW, state=State.REQUESTED)
