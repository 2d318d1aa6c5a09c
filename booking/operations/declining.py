"""Declining several requests at once: one transaction for each, so that one that somebody else was faster with spoils no other."""

from collections.abc import Iterable
from datetime import datetime

from booking.operations.bookings import decline
from booking.operations.transitions import StateChanged
from toyooka_hw.accounts.models import User


def decline_many(booking_ids: Iterable[int], *, reason: str, by: User, now: datetime, wall: datetime) -> list[StateChanged]:
    """Decline each of these with the same reason, which each person is told. Returns the ones that were no longer open, with who was faster.

    Raises ReasonMissing before anything is done.
    """
    missed = []
    for booking_id in booking_ids:
        try:
            decline(booking_id, reason=reason, by=by, now=now, wall=wall)
        except StateChanged as refusal:
            missed.append(refusal)
    return missed
