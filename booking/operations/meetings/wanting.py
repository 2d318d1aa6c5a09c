"""The meeting as it is wanted: a row in the caller's transaction, and staff's "try again"."""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from booking.models import Booking, Meeting
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.operations import record
from toyooka_hw.outbox import OutboxState
from toyooka_hw.wake import wake


def want_meeting(booking: Booking, *, wall: datetime) -> None:
    """Let the meeting follow the booking, in the caller's transaction: create it, or take it away.

    A wait that is under way is kept: after an unclear answer Zoom's list does not yet show what may have been made.
    """
    meeting, created = Meeting.objects.get_or_create(booking=booking, defaults={"reference": secrets.token_hex(16), "next_try_at": wall})
    if not created:
        Meeting.objects.filter(pk=meeting.pk).exclude(outbox_state=OutboxState.CLAIMED).update(
            outbox_state=OutboxState.WANTED, next_try_at=Greatest(F("next_try_at"), wall)
        )
    wake("booking.ensure_meeting", meeting_id=meeting.pk)


def doubt(meeting_id: int, *, wall: datetime) -> None:
    """Something says that the meeting may not be as it is written here: the next attempt looks at Zoom before it believes it.

    A wait that is under way is kept; a meeting that was given up, or entered by hand, waits for staff.
    """
    ours = Meeting.objects.filter(pk=meeting_id, manual_at=None).exclude(outbox_state=OutboxState.FAILED)
    with transaction.atomic():
        ours.update(in_doubt=True)
        if ours.filter(outbox_state=OutboxState.DONE).update(outbox_state=OutboxState.WANTED, next_try_at=wall):
            wake("booking.ensure_meeting", meeting_id=meeting_id)


def try_again(meeting_id: int, *, by: User, now: datetime, wall: datetime) -> bool:
    """Staff pressed "try again" on a meeting that was given up. False where it is not, or no longer, given up."""
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update(of=("self",)).select_related("booking").get(pk=meeting_id)
        if meeting.outbox_state != OutboxState.FAILED:
            return False
        Meeting.objects.filter(pk=meeting_id).update(outbox_state=OutboxState.WANTED, next_try_at=wall, attempts=1)
        record(_("Zoomミーティングをもう一度作成する"), meeting.booking, by=by, now=now, person_pk=meeting.booking.applicant_id)
        wake("booking.ensure_meeting", meeting_id=meeting_id)
    return True
