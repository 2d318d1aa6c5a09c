"""本人確認: who is on the other side was seen by staff (C6-2-3). Presses that record it stand beside presence."""

from collections.abc import Sequence

from booking.models import Booking, Participant
from booking.models.bookings import Kind


class IdentityUnchecked(Exception):
    """Nobody has recorded that these participants are who they say: without it the session did not take place as article 6-2 wants it."""

    def __init__(self, participants: Sequence[Participant]) -> None:
        super().__init__(f"{len(participants)} participants unchecked")
        self.participants = participants


def require_identities(booking: Booking) -> None:
    """An immediate session or an interview counts as held only with everybody in it checked; it is cancelled or stopped without.

    Of a reserved session the code went to a mailbox and a phone that staff compared before. Raises IdentityUnchecked.
    """
    if booking.kind == Kind.RESERVED:
        return
    unchecked = booking.participants.filter(identity_checked_at=None).select_related("person").order_by("pk")
    if missing := list(unchecked):
        raise IdentityUnchecked(missing)
