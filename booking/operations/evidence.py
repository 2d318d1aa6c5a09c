"""What the portal knows of the first minutes of sessions: the facts that the ten-minute rule judges (C6-1-4b, A7)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from booking import mails
from booking.models import Booking, BookingEvent, ContactRecord, Heartbeat
from booking.models.bookings import State
from booking.queries import heartbeats_around
from booking.rules import lifecycle
from booking.rules.lifecycle import Contact, Event, SessionFacts
from booking.rules.policy import Policy
from toyooka_hw.mail.models import OutgoingMail

HEARTBEATS_KEPT_FOR = timedelta(days=7)
# The session stays confirmed for the time that the person was told of before; a move to another time is told anew.
NEWS_TO_NOBODY = {Event.CORRECT_TO_CONFIRMED.value, Event.REASSIGN.value}


def heartbeat(name: str, *, now: datetime, wall: datetime) -> None:
    """Remember that beat or web was alive."""
    Heartbeat.objects.create(name=name, at=now, wall=wall)


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
    return {
        booking.pk: _facts(booking, beats, grace, told_at=delivered.get(booking.pk), decided=booking.pk in corrected)
        for booking in bookings
    }


def shows_life(booking: Booking) -> bool:
    """Whether the person of a confirmed session joined, or got in touch since it was confirmed."""
    return joined_at(booking) is not None or bool(contacts_since(booking))


def joined_at(booking: Booking) -> datetime | None:
    """When somebody first pressed on join."""
    return min((row.first_joined_at for row in booking.participants.all() if row.first_joined_at), default=None)


def contacts_since(booking: Booking) -> list[ContactRecord]:
    """What the person said since the confirmation, or since ever where there is none: words about an earlier time of this booking are not
    about this session, and our own calls are no sign of life."""
    since = booking.confirmed_at
    return [contact for contact in booking.contacts.all() if (since is None or contact.at >= since) and not contact.is_ours]


def _facts(
    booking: Booking, beats: dict[str, tuple[Heartbeat, ...]], grace: timedelta, *, told_at: datetime | None, decided: bool
) -> SessionFacts:
    """``decided``: people have corrected a closing before; the rule does not close a second time."""
    return SessionFacts(
        kind=booking.rule_kind,
        state=booking.rule_state,
        starts_at=booking.starts_at,
        meeting_ready_at=_ready_at(booking, grace),
        confirmation_delivered_at=told_at,
        counsellor_seen_at=booking.counsellor_seen_at,
        first_joined_at=joined_at(booking),
        contacts=tuple(Contact(row.meaning) for row in contacts_since(booking)),
        heartbeats={name: tuple(lifecycle.Heartbeat(row.at, row.wall) for row in rows) for name, rows in beats.items()},
        office_delay=booking.office_delay or decided,
        by_phone=booking.is_by_phone,
    )


def _ready_at(booking: Booking, grace: timedelta) -> datetime | None:
    """When the meeting for this very time and host was there. That it is taken away after the session says nothing against it; within the grace it does."""
    meeting = getattr(booking, "meeting", None)
    if meeting is None or not meeting.is_for(booking) or (meeting.removed_at and meeting.removed_at < booking.starts_at + grace):
        return None
    ready: datetime | None = meeting.ready_at
    return ready


def _delivered(confirmations: Sequence[BookingEvent]) -> dict[int, datetime | None]:
    """When the mail of each booking's latest confirmation was accepted by the mail server, by booking id; one that came back never was."""
    last = {event.booking_id: event for event in confirmations if event.event not in NEWS_TO_NOBODY}
    keys = {booking_id: mails.key_of(event) for booking_id, event in last.items()}
    moments = dict(OutgoingMail.objects.filter(key__in=keys.values(), bounced_at=None).values_list("key", "delivered_at"))
    return {booking_id: moments.get(key) for booking_id, key in keys.items()}
