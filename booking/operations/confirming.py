"""Confirming a request for which nothing was held: the place is found, held and told of in one step (C6-2-1c, A18)."""

from datetime import datetime

from booking import mails
from booking.models import Booking
from booking.operations import places
from booking.operations.meetings import want_meeting
from booking.operations.places import Wish
from booking.operations.transitions import apply, staff
from booking.rules.lifecycle import Event
from toyooka_hw.accounts.models import User


def confirm_at(booking: Booking, start: datetime, wish: Wish, *, by: User, now: datetime, wall: datetime, reason: str = "") -> Booking:
    """Give the locked booking a place at this start and confirm it; the meeting is wanted, everybody in it is told.

    Raises SlotRefused, PlaceMoved, StateChanged.
    """
    place = places.take([start], wish, now=now)[0]
    places.hold(booking, [place], places.kind_of(booking))
    apply(
        booking,
        Event.CONFIRM,
        staff(by),
        now=now,
        reason=reason,
        starts_at=place.span.start,
        ends_at=place.span.end,
        confirmed_at=now,
        counsellor_id=place.assignment.counsellor,
        host_id=place.assignment.host,
    )
    want_meeting(booking, wall=wall)
    mails.confirmed(booking, now=now, wall=wall)
    return booking
