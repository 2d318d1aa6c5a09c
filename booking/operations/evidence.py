"""What the portal knows of the first minutes of sessions: the facts that the ten-minute rule judges (C6-1-4b, A7)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from booking import mails
from booking.models import Booking, BookingEvent, Heartbeat
from booking.models.bookings import State
from booking.queries import heartbeats_around
from booking.rules import lifecycle
from booking.rules.lifecycle import Contact, Event, SessionFacts
from booking.rules.slots import Policy
from toyooka_hw.mail.models import OutgoingMail


def gather(bookings: Sequence[Booking], policy: Policy) -> dict[int, SessionFacts]:
    """The facts by booking id; the number of queries does not depend on how many sessions there are.

    The heartbeats span all the sessions: the rule itself looks only at those around each one.
    """
    grace = timedelta(minutes=policy.no_contact_grace_minutes)
    starts = [booking.starts_at for booking in bookings]
    beats = heartbeats_around(min(starts), max(starts) + grace)
    confirmations = list(BookingEvent.objects.filter(booking__in=bookings, to_state=State.CONFIRMED).order_by("pk"))
    delivered = _delivered(confirmations)
    corrected = {event.booking_id for event in confirmations if event.event == Event.CORRECT_TO_CONFIRMED.value}
    return {booking.pk: _facts(booking, beats, told_at=delivered.get(booking.pk), decided=booking.pk in corrected) for booking in bookings}


def _facts(booking: Booking, beats: dict[str, tuple[Heartbeat, ...]], *, told_at: datetime | None, decided: bool) -> SessionFacts:
    """``decided``: people have corrected a closing before; the rule does not close a second time."""
    meeting = getattr(booking, "meeting", None)
    return SessionFacts(
        kind=booking.rule_kind,
        state=booking.rule_state,
        starts_at=booking.starts_at,
        meeting_ready_at=meeting.ready_at if meeting and meeting.exists else None,
        confirmation_delivered_at=told_at,
        counsellor_seen_at=booking.counsellor_seen_at,
        first_joined_at=min((row.first_joined_at for row in booking.participants.all() if row.first_joined_at), default=None),
        contacts=tuple(Contact(row.meaning) for row in booking.contacts.all()),
        heartbeats={name: tuple(lifecycle.Heartbeat(row.at, row.wall) for row in rows) for name, rows in beats.items()},
        office_delay=booking.office_delay or decided,
    )


def _delivered(confirmations: Sequence[BookingEvent]) -> dict[int, datetime | None]:
    """When the mail of each booking's latest confirmation was accepted by the mail server, by booking id."""
    last = {event.booking_id: event for event in confirmations if event.event != Event.CORRECT_TO_CONFIRMED.value}
    keys = {booking_id: mails.key_of(event) for booking_id, event in last.items()}
    moments = dict(OutgoingMail.objects.filter(key__in=keys.values()).values_list("key", "delivered_at"))
    return {booking_id: moments.get(key) for booking_id, key in keys.items()}
