"""Nobody sits in two sessions at once, of whatever kinds (A18)."""

from django.db.models import Q

from booking.models import Booking
from booking.models.bookings import Kind, State
from booking.queries import of_participant
from booking.rules.interval import Interval
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import locked_survivor


class TakesPartElsewhere(Exception):
    """The person is in another session at that time."""

    def __init__(self, person: Person, booking: Booking) -> None:
        super().__init__(f"person {person.pk} is in booking {booking.pk}")
        self.person = person
        self.booking = booking


def refuse_clash(person: Person, span: Interval, *, but: Booking | None = None) -> None:
    """Raises TakesPartElsewhere; the rows that were merged into the person's count. The lock on the person's row makes it exact."""
    placed = Q(state=State.CONFIRMED) | Q(state=State.REQUESTED, kind=Kind.RESERVED)
    others = Booking.objects.filter(of_participant(person.pk), placed, starts_at__lt=span.end, ends_at__gt=span.start)
    if other := others.exclude(pk=but.pk if but else 0).first():
        raise TakesPartElsewhere(person, other)


def refuse_clashes(booking: Booking, span: Interval) -> None:
    """The same for everybody in a session that is to be at this time."""
    for part in booking.participants.order_by("pk"):
        refuse_clash(locked_survivor(part.person_id), span, but=booking)
