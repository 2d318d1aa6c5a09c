"""An office that has been at work for a year: eight counsellors, every start of every open day taken."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from booking.models import Booking, Counsellor, Hold, Participant
from booking.operations.places import as_range
from booking.rules.calendar import Calendar
from booking.rules.policy import Policy
from booking.rules.slots import span_of, starts_on
from tests.cast import make_counsellor
from toyooka_hw.accounts.models import Person

A_YEAR = timedelta(days=364)


def more_counsellors(number: int) -> list[Counsellor]:
    """As many more colleagues, on duty like the others."""
    return [make_counsellor(f"staff{each}", f"担当{each}") for each in range(number)]


def full_days(pattern: Booking, first: date, last: date) -> int:
    """Bookings at every start of these days, straight into the tables: confirmed on the last day, held before. Returns how many."""
    consent = pattern.participants.get().consent
    counsellors = list(Counsellor.objects.select_related("default_host").order_by("pk"))
    days = Calendar().open_days(first, last)
    spans = [(counsellor, start) for day in days for start in starts_on(day, Policy()) for counsellor in counsellors]
    free = [place for place in spans if (place[0].pk, place[1]) != (pattern.counsellor_id, pattern.starts_at)]
    numbers = count(1)
    people = Person.objects.bulk_create(
        Person(full_name=f"利用者 {n}", stated_phone="+819012345678", job_seeker_number=f"28090-{n:07}", created_at=pattern.requested_at)
        for n in range(len(free))
    )
    made = Booking.objects.bulk_create(
        _booking(pattern, place, person, f"8888-{next(numbers):05}", last) for place, person in zip(free, people, strict=True)
    )
    Participant.objects.bulk_create(Participant(booking=row, person=row.applicant, consent=consent) for row in made)
    Hold.objects.bulk_create(_hold(row) for row in made if row.state == "confirmed")
    return len(made)


def _booking(pattern: Booking, place: tuple[Counsellor, Any], person: Person, number: str, last: date) -> Booking:
    counsellor, start = place
    taken_from = ("kind", "source", "requested_at", "answer_by", "confirm_limit", "confirmed_at")
    span = span_of(start, Policy())
    return Booking(
        **{name: getattr(pattern, name) for name in taken_from},
        number=number,
        state="confirmed" if start.date() == last else "completed",
        applicant=person,
        starts_at=span.start,
        ends_at=span.end,
        counsellor=counsellor,
        host=counsellor.default_host,
    )


def _hold(booking: Booking) -> Hold:
    span = as_range(span_of(booking.starts_at, Policy()))
    return Hold(booking=booking, counsellor=booking.counsellor, host=booking.host, kind=Hold.Kind.RESERVATION, span=span, host_span=span)
