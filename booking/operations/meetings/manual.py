"""A meeting that people made by hand at Zoom's site, because Zoom did not answer the portal: left alone as long as its link fits.

Once it no longer does, the link is set aside and the portal goes on by itself. The meeting that people made is theirs to delete; what the portal
itself may have made meanwhile is found by our reference, as after any unclear answer.
"""

from datetime import datetime
from typing import Any

from booking.models import Booking, Meeting
from booking.rules import meetings as rule


def keeps(meeting: Meeting, *, now: datetime) -> bool:
    """Whether a claimed meeting's link was entered by hand and fits its session, so that Zoom is asked for nothing.

    One that does not fit (any more) is set aside first, before Zoom has a say.
    """
    if meeting.manual_at is None or meeting.booking_id is None:
        return False
    booking = Booking.objects.select_related("host").get(pk=meeting.booking_id)
    wanted = rule.should_exist(booking.rule_state, booking.starts_at, booking.ends_at, by_phone=booking.is_by_phone, now=now)
    if wanted and meeting.is_for(booking):
        return True
    left = aside(now=now)
    Meeting.objects.filter(pk=meeting.pk, claim=meeting.claim).update(**left)
    for name, value in left.items():
        setattr(meeting, name, value)
    return False


def aside(*, now: datetime) -> dict[str, Any]:
    """How a meeting stands whose link was entered by hand and leads nowhere from now on."""
    return {"manual_at": None, "manual_by": None, "join_url": "", "passcode": "", "removed_at": now, "to_delete_by_hand": True}
