"""A session is held by telephone instead of Zoom: the way in is closed, everybody is told, the office calls the registered number (C6-2-3c)."""

from datetime import datetime

from django.db import transaction

from booking import mails
from booking.models import Booking
from booking.operations.meetings import want_meeting
from booking.operations.sessions import JoinOver
from booking.operations.transitions import StateChanged, apply, changed, locked, staff
from booking.rules.lifecycle import Actor, Event, legal_events
from toyooka_hw.accounts.models import User


class HeldOtherwise(StateChanged):
    """Somebody was faster: the session is held the way that is asked for already."""


def by_phone(booking_id: int, *, by: User, now: datetime, wall: datetime, reason: str = "", seen: int | None = None) -> Booking:
    """Hold a confirmed session by telephone at its own time, before or during it: no meeting, no way in, everybody is told.

    Raises StateChanged, MovedMeanwhile, HeldOtherwise where it is held so already, JoinOver once its time is over.
    """
    with transaction.atomic():
        booking = locked(booking_id, seen=seen)
        refuse(booking, Event.BY_PHONE, now=now)
        apply(booking, Event.BY_PHONE, staff(by), now=now, reason=reason, phone_at=now, phone_by=by)
        want_meeting(booking, wall=wall)
        mails.by_phone(booking, now=now, wall=wall)
    return booking


def by_zoom(booking_id: int, *, by: User, now: datetime, wall: datetime, reason: str = "", seen: int | None = None) -> Booking:
    """Take the telephone back: the meeting is wanted again, another one than before, and everybody is told.

    Raises StateChanged, MovedMeanwhile, HeldOtherwise where it is held in Zoom already, JoinOver once its time is over.
    """
    with transaction.atomic():
        booking = locked(booking_id, seen=seen)
        refuse(booking, Event.BY_ZOOM, now=now)
        apply(booking, Event.BY_ZOOM, staff(by), now=now, reason=reason, phone_at=None, phone_by=None)
        want_meeting(booking, wall=wall)
        mails.by_zoom(booking, now=now, wall=wall)
    return booking


def refuse(booking: Booking, event: Event, *, now: datetime) -> None:
    """Whether the session cannot be switched so, and why. Raises StateChanged, HeldOtherwise, JoinOver."""
    if event not in legal_events(booking.rule_kind, booking.rule_state, Actor.STAFF):
        raise changed(booking)
    if booking.is_by_phone is (event is Event.BY_PHONE):
        raise HeldOtherwise(booking, changed(booking).by)
    if now >= booking.ends_at:
        raise JoinOver
