"""Whom to remind of which session, and whether a reminder that was written is still true."""

from datetime import datetime, time

from django.db.models import OuterRef, Q, QuerySet, Subquery

from booking.models import Booking, BookingEvent
from booking.models.bookings import Kind, State
from booking.queries.people import readers_of
from booking.queries.situation import policy_at
from booking.rules.calendar import ONE_DAY, tokyo, tokyo_date
from booking.rules.calls import NO_NEWS
from booking.rules.reminders import Needless, Reminder, ReminderKey, due, sent_within
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail

REMINDED = (Kind.RESERVED, Kind.INTERVIEW)  # an immediate session begins within the minute
_told = BookingEvent.objects.filter(booking=OuterRef("pk"), to_state=State.CONFIRMED).exclude(event__in=[event.value for event in NO_NEWS])


def to_be_reminded(*, now: datetime, only: Q | None = None) -> list[tuple[Booking, Reminder, list[Person]]]:
    """The reminders to be written now and to whom, people with an address who have not got theirs yet. Five queries at most."""
    policy = policy_at(now)
    wanted = []
    for booking in _upcoming(now).filter(only or Q()):
        told_at: datetime = booking.told_at  # type: ignore[attr-defined]  # annotated
        wanted += [(booking, reminder, readers_of(booking)) for reminder in due(booking.starts_at, told_at, policy, now=now)]
    keys = [booking.key_for(person.pk, key_of(booking, reminder)) for booking, reminder, people in wanted for person in people]
    written = set(OutgoingMail.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()
    left = [
        (booking, reminder, [each for each in people if each.email and booking.key_for(each.pk, key_of(booking, reminder)) not in written])
        for booking, reminder, people in wanted
    ]
    return [(booking, reminder, people) for booking, reminder, people in left if people]


def key_of(booking: Booking, reminder: Reminder) -> str:
    """The name of the reminder of the session at its present time; each of its people has one of their own (``Booking.key_for``)."""
    return str(ReminderKey(booking.pk, reminder, booking.starts_at, by_phone=booking.is_by_phone))


def why_needless(key: ReminderKey, to: str, *, now: datetime) -> Needless | None:
    """Why a reminder that was written is not to be sent after all; None where every word of it is still so."""
    booking = Booking.objects.filter(pk=key.row).select_related("applicant").first()
    if booking is None or booking.state != State.CONFIRMED:
        return Needless.NOT_CONFIRMED
    if booking.starts_at != key.starts_at:
        return Needless.MOVED
    if booking.is_by_phone is not key.by_phone:
        return Needless.OTHER_WAY
    if now >= sent_within(key.reminder, key.starts_at, policy_at(now)).end:
        return Needless.TOO_LATE
    reader = key.person or booking.applicant_id
    if to not in [person.email for person in readers_of(booking) if person.pk == reader]:
        return Needless.OTHER_ADDRESS
    return None


def _upcoming(now: datetime) -> QuerySet[Booking]:
    """Confirmed sessions from now to the end of tomorrow, with the moment at which people were told their time."""
    end = tokyo(tokyo_date(now) + 2 * ONE_DAY, time())
    rows = Booking.objects.filter(state=State.CONFIRMED, kind__in=REMINDED, starts_at__gt=now, starts_at__lt=end)
    told = rows.annotate(told_at=Subquery(_told.order_by("-pk").values("at")[:1])).filter(told_at__isnull=False)
    return told.select_related("applicant").prefetch_related("participants__person").order_by("starts_at", "pk")
