"""What staff see: the work lists and a booking with its history."""

from datetime import date, time

from django.db.models import Prefetch, QuerySet

from booking.models import Booking, Participant
from booking.models.bookings import Kind, State
from booking.rules import calendar as days
from booking.rules.calendar import tokyo


def _listed() -> QuerySet[Booking]:
    people = Prefetch("participants", Participant.objects.select_related("person__merged_into").order_by("pk"))
    return Booking.objects.select_related("applicant__merged_into", "counsellor", "host", "meeting").prefetch_related("contacts", people)


def unanswered() -> QuerySet[Booking]:
    """Requests for reservations and proposals in the order in which they must be answered."""
    return (
        _listed()
        .filter(state__in=[State.REQUESTED, State.PROPOSED], kind=Kind.RESERVED)
        .prefetch_related("holds")
        .order_by("answer_by", "starts_at", "pk")
    )


def on_day(day: date) -> QuerySet[Booking]:
    """The sessions of a Tokyo day that are, or were, confirmed."""
    begin, end = tokyo(day, time()), tokyo(day + days.ONE_DAY, time())
    lived = [
        State.CONFIRMED,
        State.COMPLETED,
        State.CANCELLED_NO_CONTACT,
        State.STOPPED,
        State.CANCELLED_BY_USER,
        State.CANCELLED_BY_OFFICE,
    ]
    return _listed().filter(starts_at__gte=begin, starts_at__lt=end, state__in=lived).order_by("starts_at", "counsellor_id", "pk")


def confirmed_between(first: date, last: date) -> QuerySet[Booking]:
    """The confirmed sessions of these Tokyo days, both included."""
    begin, end = tokyo(first, time()), tokyo(last + days.ONE_DAY, time())
    confirmed = _listed().filter(state=State.CONFIRMED, starts_at__gte=begin, starts_at__lt=end)
    return confirmed.order_by("starts_at", "counsellor_id", "pk")


def unclosed_before(day: date) -> QuerySet[Booking]:
    """Confirmed sessions of earlier days that still have no outcome."""
    return _listed().filter(state=State.CONFIRMED, ends_at__lt=tokyo(day, time())).order_by("starts_at", "pk")


def with_history(queryset: QuerySet[Booking]) -> QuerySet[Booking]:
    """Bookings with everything the staff's detail page shows."""
    around = ("applicant__merged_into", "counsellor", "host", "meeting__manual_by", "eligibility_checked_by", "delayed_by", "phone_by")
    return queryset.select_related(*around).prefetch_related(
        "contacts__recorded_by",
        Prefetch("events__by"),
        "participants__consent__version__document",
        "participants__person__merged_into",
        "participants__identity_checked_by",
        "holds",
    )
