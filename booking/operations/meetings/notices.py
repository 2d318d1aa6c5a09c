"""What Zoom tells of its own accord: verified and stored at once, acted upon afterwards (claim → act → settle, and the sweep)."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce, Greatest

from booking.models import Booking, Meeting, Participant, Seminar, SessionAlarm, ZoomNotice
from booking.models.bookings import Kind, State
from booking.operations import alarms
from booking.operations.meetings.wanting import doubt
from booking.operations.seminars.steps import locked as locked_seminar
from booking.operations.transitions import locked
from booking.queries import guests_told_of, unheard_notices
from booking.rules import meetings as rule
from booking.rules.notices import Meaning, begins, is_about, meaning, portal_time
from booking.video import webhooks
from booking.video.webhooks import Forged, Stale, Unreadable
from toyooka_hw.outbox import OutboxState
from toyooka_hw.sweep import each
from toyooka_hw.wake import wake

__all__ = ["Forged", "Stale", "Unreadable", "forget", "handle_notice", "may_still_tell", "receive", "sweep_notices"]

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # nothing outside is waited for
KEPT_FOR = timedelta(days=30)
ALARMS = {Meaning.RECORDED: SessionAlarm.Kind.RECORDING, Meaning.LISTENED_TO: SessionAlarm.Kind.AI_SUMMARY}


class _TakenOver(Exception):
    """Another worker owns the notice by now: what was done about it here is taken back."""


def receive(body: bytes, *, timestamp: str, signature: str, now: datetime, wall: datetime) -> dict[str, str]:
    """Take a message in; returns what to answer (the proof Zoom asks for, else nothing). Told twice, it is one row.

    Raises Forged, Stale, Unreadable.
    """
    secret = settings.ZOOM_WEBHOOK_SECRET
    webhooks.check(secret, timestamp, signature, body, wall=wall)
    content = webhooks.content_of(body)
    answer = webhooks.answer_to_challenge(secret, content)
    if answer is None:
        _store(webhooks.read(secret, content), now=now, wall=wall)
    return answer or {}


def handle_notice(notice_id: int, *, now: datetime, wall: datetime) -> None:
    """Act on one notice. The act and its settling are one transaction: it happens once, whoever dies meanwhile."""
    notice: ZoomNotice | None = ZoomNotice.objects.claim(notice_id, lease=LEASE, wall=wall)
    if notice is None:
        return
    try:
        _act_and_settle(notice, now=now, wall=wall)
    except _TakenOver:
        logger.info("notice.taken_over notice=%s", notice.pk)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with this one, the next may be fine
        _settle_later(notice, error, wall=wall)


def sweep_notices(*, now: datetime, wall: datetime) -> None:
    """Act on what was stored and not yet acted upon, the oldest first."""
    due = ZoomNotice.objects.due(wall).values_list("pk", flat=True)[:200]
    each(due, lambda pk: handle_notice(pk, now=now, wall=wall), name="notices")


def may_still_tell(booking: Booking) -> bool:
    """Whether Zoom has told something of this booking's meeting that nobody has looked at yet: presence beats the timer (A7)."""
    return unheard_notices(booking).exists()


def forget(*, wall: datetime) -> None:
    """Delete what was acted upon and has served its time."""
    ZoomNotice.objects.filter(outbox_state=OutboxState.DONE, received_at__lt=wall - KEPT_FOR).delete()


def _store(notice: webhooks.Notice, *, now: datetime, wall: datetime) -> None:
    told: dict[str, Any] = {name: getattr(notice, name) for name in ("event", "meeting_number", "instance", "participant", "is_host")}
    told["happened_at"] = portal_time(notice.happened_at, now=now, wall=wall)
    with transaction.atomic():
        row, created = ZoomNotice.objects.get_or_create(key=notice.key, defaults={**told, "received_at": wall, "next_try_at": wall})
        if created:
            wake("booking.handle_notice", notice_id=row.pk)


def _act_and_settle(notice: ZoomNotice, *, now: datetime, wall: datetime) -> None:
    with transaction.atomic():
        _act(notice, now=now, wall=wall)
        if not notice.settle(OutboxState.DONE, last_error=""):
            raise _TakenOver


def _act(notice: ZoomNotice, *, now: datetime, wall: datetime) -> None:
    """Note the fact. A meeting that is not ours, and what means nothing, are passed over."""
    meant = meaning(notice.event, is_host=notice.is_host)
    number = notice.meeting_number
    meeting = Meeting.objects.filter(meeting_id=number).first() if number else None
    if meant is Meaning.NOTHING or meeting is None:
        return
    if meant is Meaning.CHANGED:
        if meeting.exists:
            doubt(meeting.pk, wall=wall)
        return
    # whoever closes the session meanwhile waits for the fact, or comes before it
    occasion = locked(meeting.booking_id) if meeting.booking_id else locked_seminar(meeting.seminar_id or 0)
    at = notice.happened_at
    if kind := ALARMS.get(meant):
        if not _is_announced(occasion):
            alarms.sound(occasion, kind, notice.instance, at=at, anew=begins(notice.event), now=now, wall=wall)
    elif isinstance(occasion, Seminar):
        _count_guests(occasion)
    elif occasion.confirmed_at and occasion.confirmed_at <= at and _is_about(occasion, at):
        _note_presence(occasion, meant, at=at)


def _is_announced(occasion: Booking | Seminar) -> bool:
    """Whether everybody was told beforehand that it is recorded, and who speaks agreed to it (S4-5)."""
    return isinstance(occasion, Seminar) and occasion.will_record


def _is_about(booking: Booking, at: datetime) -> bool:
    return is_about(booking.starts_at, booking.ends_at, at)


def _count_guests(seminar: Seminar) -> None:
    """Of many nobody can say who came, only how many. A meeting that was made anew takes none of them away."""
    told = Greatest(Coalesce("zoom_guests", 0), guests_told_of(seminar))
    Seminar.objects.filter(pk=seminar.pk).update(zoom_guests=told)


def _note_presence(booking: Booking, meant: Meaning, *, at: datetime) -> None:
    """Somebody came: the first moment stays. Of an interview nobody can tell who of the guests it was: the stored notice is all there is.

    After a closing without contact nothing is undone here: the person is not written to, and staff are shown that it has to be corrected.
    """
    if meant is Meaning.HOST_CAME:
        Booking.objects.filter(pk=booking.pk, counsellor_seen_at=None).update(counsellor_seen_at=at)
    elif booking.kind != Kind.INTERVIEW:
        Participant.objects.filter(booking=booking, person=booking.applicant_id, first_joined_at=None).update(first_joined_at=at)
        Booking.objects.filter(pk=booking.pk, state=State.CANCELLED_NO_CONTACT).update(notice_due_at=None)


def _settle_later(notice: ZoomNotice, error: Exception, *, wall: datetime) -> None:
    logger.warning("notice.later notice=%s attempts=%s error=%s", notice.pk, notice.attempts, type(error).__name__)
    if rule.gives_up(notice.attempts):
        notice.settle_failed(error=type(error).__name__)
    else:
        notice.settle_later(at=rule.retry_at(notice.attempts, wall), error=type(error).__name__)
