"""Declining several requests at once: one transaction for each, so that one that somebody else was faster with spoils no other."""

from collections.abc import Mapping
from datetime import datetime

from booking.operations.bookings import decline
from booking.operations.transitions import StateChanged
from toyooka_hw.accounts.models import User


def decline_many(seen: Mapping[int, int | None], *, reason: str, by: User, now: datetime, wall: datetime) -> list[StateChanged]:
    """Decline each of these with the same reason, which each person is told. Returns the ones that had changed, with who was faster.

    ``seen``: by booking id, the last line of its history that was on the screen (any where None).

    Raises ReasonMissing before anything is done.
    """
    missed = []
    for booking_id, line in seen.items():
        try:
            decline(booking_id, seen=line, reason=reason, by=by, now=now, wall=wall)
        except StateChanged as refusal:
            missed.append(refusal)
    return missed
