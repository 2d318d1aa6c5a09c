"""A person's bookings."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from booking.models import Booking, DayClosing, Hold, Participant
from booking.models.bookings import Eligibility, Kind, State
from booking.rules.calendar import TOKYO
from booking.rules.outcomes import CAUSES, Cause
from toyooka_hw.accounts.models import Person

OWN_CAUSE = [outcome.value for outcome, cause in CAUSES.items() if cause is Cause.PERSON]
OPEN = Q(state__in=[State.REQUESTED, State.PROPOSED]) | Q(state=State.CONFIRMED, begun_at=None)


def open_booking_of(person_id: int, *, now: datetime) -> Booking | None:
    """The person's open reserved booking: requested, proposed, or confirmed and not yet held (A16)."""
    reserved = Booking.objects.filter(OPEN, of_person(person_id), kind=Kind.RESERVED)
    return reserved.exclude(state=State.CONFIRMED, starts_at__lte=now).first()


def of_person(person_id: int) -> Q:
    """Bookings of this person, and of the rows that were merged into this one."""
    return Q(applicant=person_id) | Q(applicant__merged_into=person_id)


def sessions_of(person_id: int) -> QuerySet[Booking]:
    """Every session that this job seeker asked for or takes part in, of all kinds, the latest first. Two queries, three with interviews."""
    part = Q(person=person_id) | Q(person__merged_into=person_id)
    takes_part = Exists(Participant.objects.filter(part, booking=OuterRef("pk"), role=Participant.PartRole.JOB_SEEKER))
    rows = Booking.objects.filter(of_person(person_id) | Q(takes_part)).select_related("employer_request")
    return rows.prefetch_related("participants__person__establishment").order_by("-starts_at", "-pk")


def no_contact_counts(person_ids: Collection[int]) -> dict[int, int]:
    """How many cancellations without contact speak against each of these people; nobody without any is named. One query.

    Only those whose day staff have closed (A7), and whose cause was the person's own: the office's never count (C6-1-4c).
    """
    ids = set(person_ids)
    day = TruncDate("starts_at", tzinfo=TOKYO)
    closed = DayClosing.objects.filter(day=OuterRef("session_day"))
    counting = Booking.objects.annotate(session_day=day).filter(Exists(closed), state=State.CANCELLED_NO_CONTACT, outcome__in=OWN_CAUSE)
    rows = counting.filter(Q(applicant__in=ids) | Q(applicant__merged_into__in=ids)).values_list("applicant", "applicant__merged_into")
    return dict(Counter(pk for pair in rows for pk in pair if pk in ids))


def to_be_switched() -> QuerySet[Person]:
    """Online registrants whom staff have still to make 利用登録者: found as such with a booking, and not yet recorded as switched (C2-1b)."""
    found = Booking.objects.filter(
        Q(applicant=OuterRef("pk")) | Q(applicant__merged_into=OuterRef("pk")), eligibility=Eligibility.TO_SWITCH
    )
    return Person.objects.filter(Exists(found), merged_into=None, switched_at=None).order_by("pk")


def readers_of(booking: Booking) -> list[Person]:
    """Who is told of what becomes of a booking: of an interview everybody in it, the applicant first, else whoever asked."""
    if booking.kind != Kind.INTERVIEW:
        return [booking.applicant]
    others = [part for part in booking.participants.all() if part.person_id != booking.applicant_id]
    return [booking.applicant, *(part.person for part in sorted(others, key=lambda part: part.pk))]


def proposed_holds(booking: Booking) -> QuerySet[Hold]:
    """The one to three times that are held for the person's answer, earliest first."""
    return Hold.objects.filter(booking=booking, kind=Hold.Kind.PROPOSAL).order_by("span")
