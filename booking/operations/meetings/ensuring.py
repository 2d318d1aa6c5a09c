"""The meeting as it is: claim → act → settle, and the sweep."""

import logging
import secrets
from datetime import date, datetime, timedelta

from booking.models import Booking, Meeting
from booking.operations.meetings import manual
from booking.operations.meetings.client import zoom
from booking.queries import meetings_that_differ
from booking.rules import meetings as rule
from booking.rules.calendar import tokyo_date
from booking.video.port import Gone, MeetingInfo, MeetingPort, MeetingSpec, NotAuthorised, Refused, TryLater
from toyooka_hw.outbox import OutboxState
from toyooka_hw.sweep import each

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=300)  # longer than token, find, create and delete may take together (ten seconds for each wait)
SESSION_TOPIC = "オンライン職業相談"  # neutral: every participant and Zoom itself can read it
PASSCODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"


def ensure_meeting(meeting_id: int, *, now: datetime, wall: datetime) -> None:
    """Bring one meeting to where its booking wants it. Claimed before any network; settled only where the claim is still ours."""
    meeting: Meeting | None = Meeting.objects.claim(meeting_id, lease=LEASE, wall=wall)
    if meeting is None:
        return
    if manual.keeps(meeting, now=now):
        meeting.settle(OutboxState.DONE)
        return
    try:
        changes = _act(meeting, zoom(), now=now)
    except TryLater as error:
        _settle_later(meeting, error, str(error), after=rule.UNCLEAR_WAIT if error.unclear else error.after, wall=wall)
    except (Refused, NotAuthorised) as error:
        logger.error("meeting.failed meeting=%s error=%s", meeting.pk, type(error).__name__)  # noqa: TRY400 - a traceback could carry addresses
        meeting.settle_failed(error=str(error))
    except Exception as error:  # noqa: BLE001 - nothing may stop the sweep; what was done is as unclear as it can be
        _settle_later(meeting, error, type(error).__name__, after=rule.UNCLEAR_WAIT, wall=wall)
    else:
        meeting.settle(OutboxState.DONE, attempts=0, last_error="", **changes)


def sweep_meetings(*, now: datetime, wall: datetime) -> None:
    """Act on what is due, and want again what differs from the booking's state."""
    for pk in meetings_that_differ(now=now).filter(outbox_state=OutboxState.DONE).values_list("pk", flat=True)[:200]:
        Meeting.objects.filter(pk=pk, outbox_state=OutboxState.DONE).update(outbox_state=OutboxState.WANTED, next_try_at=wall)
    due = Meeting.objects.due(wall).values_list("pk", flat=True)[:200]
    each(due, lambda pk: ensure_meeting(pk, now=now, wall=wall), name="meetings")


def _act(meeting: Meeting, port: MeetingPort, *, now: datetime) -> dict[str, object]:
    """What the outside world needs, with no transaction open; returns the changes to settle with."""
    booking = Booking.objects.select_related("host").get(pk=meeting.booking_id)
    if not rule.should_exist(booking.rule_state, booking.starts_at, booking.ends_at, by_phone=booking.is_by_phone, now=now):
        return _remove(meeting, booking, port, now=now)
    spec = _spec(meeting, booking)
    if meeting.exists and meeting.host_email == spec.host and (kept := _follow(meeting, spec, port, now=now)):
        return kept
    made = _create(meeting, spec, port)
    if meeting.meeting_id and meeting.exists and meeting.meeting_id != made.meeting_id:  # no call can change a meeting's host
        _delete(port, meeting.meeting_id, meeting)
    return {
        "meeting_id": made.meeting_id,
        "host_email": spec.host,
        "starts_at": spec.starts_at,
        "join_url": made.join_url,
        "passcode": made.passcode,
        "made_at": now,
        "ready_at": now,
        "removed_at": None,
    }


def _spec(meeting: Meeting, booking: Booking) -> MeetingSpec:
    """The meeting as the booking wants it. A passcode that was given out stays: another one would change the link."""
    if booking.host is None:
        raise Refused("the booking has no Zoom host")
    return MeetingSpec(
        host=booking.host.email,
        topic=SESSION_TOPIC,
        starts_at=booking.starts_at,
        minutes=int((booking.ends_at - booking.starts_at).total_seconds() // 60),
        reference=meeting.reference,
        passcode=meeting.passcode or "".join(secrets.choice(PASSCODE_ALPHABET) for _ in range(10)),
    )


def _follow(meeting: Meeting, spec: MeetingSpec, port: MeetingPort, *, now: datetime) -> dict[str, object]:
    """Bring a standing meeting to its booking's time; empty where it has gone and must be made anew."""
    if meeting.starts_at == spec.starts_at:
        return {"removed_at": None}
    try:
        port.update(meeting.meeting_id or 0, spec)
    except Gone:
        return {}
    return {"starts_at": spec.starts_at, "ready_at": now}


def _create(meeting: Meeting, spec: MeetingSpec, port: MeetingPort) -> MeetingInfo:
    """After the first try the meeting may exist although nobody told us: look for our reference before posting again."""
    found = _told_by_nobody(meeting, port, wanted=(spec.host, tokyo_date(spec.starts_at)))
    adopted = next((info for host, info in found if host == spec.host and info.starts_at == spec.starts_at), None)
    for _host, surplus in found:
        if surplus is not adopted and surplus.meeting_id != meeting.meeting_id:
            _delete(port, surplus.meeting_id, meeting)
    Meeting.objects.filter(pk=meeting.pk, claim=meeting.claim).update(asked_host=spec.host, asked_start=spec.starts_at)
    return adopted or port.create(spec)


def _remove(meeting: Meeting, booking: Booking, port: MeetingPort, *, now: datetime) -> dict[str, object]:
    if meeting.exists and meeting.meeting_id is not None:
        _delete(port, meeting.meeting_id, meeting)
    elif booking.host is not None:
        for _host, stray in _told_by_nobody(meeting, port, wanted=(booking.host.email, tokyo_date(booking.starts_at))):
            _delete(port, stray.meeting_id, meeting)
    return {"removed_at": now, "join_url": "", "passcode": ""} if meeting.meeting_id else {}


def _told_by_nobody(meeting: Meeting, port: MeetingPort, *, wanted: tuple[str, date]) -> list[tuple[str, MeetingInfo]]:
    """The meetings that bear our reference, by host: where one was asked for last, and where it is wanted now. None before a first try."""
    if meeting.attempts <= 1:
        return []
    asked = {(meeting.asked_host, tokyo_date(meeting.asked_start))} if meeting.asked_start else set()
    found = {info.meeting_id: (host, info) for host, day in sorted({wanted} | asked) for info in port.find(host, meeting.reference, day)}
    return list(found.values())


def _delete(port: MeetingPort, meeting_id: int, ours: Meeting) -> None:
    """Zoom's number of a meeting stands in no log: with it somebody could knock at the door (C6-2-3a)."""
    try:
        port.delete(meeting_id)
    except Gone:
        logger.info("meeting.already_gone meeting=%s", ours.pk)


def _settle_later(meeting: Meeting, error: Exception, told: str, *, after: timedelta | None, wall: datetime) -> None:
    logger.warning("meeting.later meeting=%s attempts=%s error=%s", meeting.pk, meeting.attempts, type(error).__name__)
    if rule.gives_up(meeting.attempts):
        meeting.settle_failed(error=told)
    else:
        meeting.settle_later(at=rule.retry_at(meeting.attempts, wall, after=after), error=told)
