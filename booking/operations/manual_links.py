"""The last resort: Zoom does not answer the portal, so staff make a meeting at Zoom's site and enter its link here, marked as such.

Neither the link nor the id nor the passcode stands in a log, a mail or the audit (C6-2-3a).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import Booking, Meeting, Seminar
from booking.models.bookings import State
from booking.operations import places
from booking.operations.meetings.manual import aside
from booking.operations.sessions import HeldByPhone, JoinOver
from booking.operations.transitions import locked
from booking.rules.meetings import UNCLEAR_WAIT
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.operations import record
from toyooka_hw.outbox import OutboxState
from toyooka_hw.wake import wake

PATIENCE = timedelta(minutes=5)  # so long a meeting may be under way before staff are offered to help themselves


class MeetingStands(Exception):
    """The portal's own meeting is ready, or still being made: nothing has to be entered."""


class NumberInUse(Exception):
    """This meeting is another session's: strangers would meet in it."""

    def __init__(self, occasion: Booking | Seminar) -> None:
        super().__init__(f"the meeting of {occasion.number}")
        self.occasion = occasion


class NotByHand(Exception):
    """There is no link that was entered by hand, or none any more."""


@dataclass(frozen=True, slots=True)
class Link:
    """What Zoom's site says of a meeting made there; it has no words that could come into a log."""

    join_url: str = field(repr=False)
    meeting_id: int = field(repr=False)
    passcode: str = field(repr=False)


def check_lack(booking: Booking, *, now: datetime) -> None:
    """Whether the session lacks a meeting so badly that staff may enter a link. Raises JoinOver, HeldByPhone, MeetingStands.

    A link entered before may be corrected.
    """
    if booking.state != State.CONFIRMED or now >= booking.ends_at:
        raise JoinOver
    if booking.is_by_phone:
        raise HeldByPhone
    meeting: Meeting | None = getattr(booking, "meeting", None)
    if meeting is None or not (meeting.manual_at or _is_late(meeting, booking, now=now)):
        raise MeetingStands


def enter(booking_id: int, link: Link, *, by: User, now: datetime, wall: datetime) -> Meeting:
    """Let the session go on in a meeting that staff made. Whoever was told another code has to be told this one.

    A worker that is at the portal's own meeting loses its claim; what it makes is taken away by our reference later on.
    Raises JoinOver, HeldByPhone, MeetingStands, NumberInUse.
    """
    with transaction.atomic():
        places.lock_key(UUID(int=link.meeting_id))
        booking = locked(booking_id)
        check_lack(booking, now=now)
        meeting = Meeting.objects.select_for_update().get(booking=booking)
        if _is_ready(meeting, booking):
            raise MeetingStands
        other = (
            Meeting.objects.filter(meeting_id=link.meeting_id, removed_at=None)
            .exclude(pk=meeting.pk)
            .select_related("booking", "seminar")
            .first()
        )
        if other:
            raise NumberInUse(other.occasion)
        _write(meeting, booking, link, by=by, now=now, wall=wall)
        record(_("Zoomのリンクを手入力する"), booking, by=by, now=now, person_pk=booking.applicant_id)
    return meeting


def take_back(booking_id: int, *, by: User, now: datetime, wall: datetime) -> Meeting:
    """Set the link aside: the portal makes a meeting by itself again. Raises NotByHand."""
    with transaction.atomic():
        booking = locked(booking_id)
        meeting = Meeting.objects.select_for_update().get(booking=booking)
        if meeting.manual_at is None:
            raise NotByHand
        Meeting.objects.filter(pk=meeting.pk).update(outbox_state=OutboxState.WANTED, next_try_at=wall, **aside(now=now))
        record(_("手入力したZoomのリンクを取りやめる"), booking, by=by, now=now, person_pk=booking.applicant_id)
        wake("booking.ensure_meeting", meeting_id=meeting.pk)
    meeting.refresh_from_db()
    return meeting


def note_deleted(booking_id: int, *, by: User, now: datetime) -> None:
    """Staff deleted at Zoom's site what they had made there. Raises NotByHand where nothing was left, or somebody said so already."""
    with transaction.atomic():
        booking = locked(booking_id)
        if not Meeting.objects.filter(booking=booking, to_delete_by_hand=True).update(to_delete_by_hand=False):
            raise NotByHand
        record(_("Zoomのサイトで削除したことを記録する"), booking, by=by, now=now, person_pk=booking.applicant_id)


def _is_late(meeting: Meeting, booking: Booking, *, now: datetime) -> bool:
    """Given up, tried in vain, or under way for too long. A first try that is still running is neither."""
    if _is_ready(meeting, booking):
        return False
    waited = booking.confirmed_at is not None and now >= booking.confirmed_at + PATIENCE
    return meeting.outbox_state == OutboxState.FAILED or bool(meeting.last_error) or waited


def _is_ready(meeting: Meeting, booking: Booking) -> bool:
    """Whether the portal's own meeting stands as it should; one that was given up for its settings does not."""
    own = meeting.manual_at is None and meeting.exists and meeting.is_for(booking)
    return own and meeting.outbox_state != OutboxState.FAILED


def _write(meeting: Meeting, booking: Booking, link: Link, *, by: User, now: datetime, wall: datetime) -> None:
    """Of the pauses between tries only the one is kept that an unclear answer asks for: when the link is set aside, that is soon."""
    assert booking.host is not None  # the constraint confirmed_is_complete
    left = (meeting.to_delete_by_hand or meeting.manual_at is not None) and meeting.meeting_id != link.meeting_id
    tried, soon = bool(meeting.attempts or meeting.meeting_id), min(meeting.next_try_at, wall + UNCLEAR_WAIT)
    known = {"meeting_id": link.meeting_id, "join_url": link.join_url, "passcode": link.passcode}
    stands = {"host_email": booking.host.email, "starts_at": booking.starts_at, "made_at": now, "ready_at": now, "removed_at": None}
    settled = {"outbox_state": OutboxState.DONE, "claim": None, "leased_until": None, "last_error": "", "trouble": "", "in_doubt": False}
    by_hand = {"manual_at": now, "manual_by": by, "to_delete_by_hand": left, "attempts": int(tried), "next_try_at": soon}
    Meeting.objects.filter(pk=meeting.pk).update(**known, **stands, **settled, **by_hand)
    meeting.refresh_from_db()
