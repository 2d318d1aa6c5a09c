"""A person's bookings."""

from datetime import datetime

from django.db.models import Q, QuerySet

from booking.models import Booking, Hold
from booking.models.bookings import Kind, State

OPEN = Q(state__in=[State.REQUESTED, State.PROPOSED]) | Q(state=State.CONFIRMED, begun_at=None)


def open_booking_of(person_id: int, *, now: datetime) -> Booking | None:
    """The person's open reserved booking: requested, proposed, or confirmed and not yet held (A16)."""
    return Booking.objects.filter(OPEN, applicant=person_id, kind=Kind.RESERVED).exclude(state=State.CONFIRMED, starts_at__lte=now).first()


def proposed_holds(booking: Booking) -> QuerySet[Hold]:
    """The one to three times that are held for the person's answer, earliest first."""
    return Hold.objects.filter(booking=booking, kind=Hold.Kind.PROPOSAL).order_by("span")
