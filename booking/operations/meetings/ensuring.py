"""The meeting as it is: claim → act → settle, and the sweep."""

import logging
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import F

from booking.models import Booking, Meeting, Seminar
from booking.operations.meetings import manual
from booking.operations.meetings.client import zoom
from booking.queries import meetings_that_differ, policy_at
from booking.rules import meetings as rule
from booking.rules import seminars
from booking.rules.calendar import tokyo_date
from booking.video.port import (
    Gone,
    HostUnfit,
    MeetingInfo,
    MeetingPort,
    MeetingSpec,
    NotAuthorised,
    QuotaSpent,
    Refused,
    Throttled,
    TryLater,
    Unsafe,
    VideoError,
)
from toyooka_hw.outbox import OutboxState
from toyooka_hw.sweep import each

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=300)  # longer than token, find, create and delete may take together (ten seconds for each wait)
SESSION_TOPIC = "オンライン職業相談"  # neutral: every participant and Zoom itself can read it
PASSCODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"

# The most particular first.
TROUBLE: tuple[tuple[type[VideoError], Meeting.Trouble], ...] = (
    (QuotaSpent, Meeting.Trouble.QUOTA),
    (Throttled, Meeting.Trouble.BUSY),
    (TryLater, Meeting.Trouble.UNREACHABLE),
    (NotAuthorised, Meeting.Trouble.NOT_AUTHORISED),
    (HostUnfit, Meeting.Trouble.HOST),
    (Unsafe, Meeting.Trouble.UNSAFE),
    (Refused, Meeting.Trouble.REFUSED),
    (VideoError, Meeting.Trouble.UNREACHABLE),
)


def ensure_meeting(meeting_id: int, *, now: datetime, wall: datetime) -> None:
    """Bring one meeting to where its booking wants it. Claimed before any network; settled only where the claim is still ours."""
    meeting: Meeting | None = Meeting.objects.claim(meeting_id, lease=LEASE, wall=wall)
    if meeting is None:
        return
    if manual.keeps(meeting, now=now):
        meeting.settle(OutboxState.DONE)
        return
    try:
        changes = _act(meeting, zoom(wall=wall), now=now)
    except VideoError as error:
        _settle_trouble(meeting, error, wall=wall)
    except Exception as error:  # noqa: BLE001 - nothing may stop the sweep; what was done is as unclear as it can be
        _settle_later(meeting, error, type(error).__name__, after=rule.UNCLEAR_WAIT, wall=wall)
    else:
        meeting.settle(OutboxState.DONE, attempts=0, last_error="", trouble="", **changes)


def sweep_meetings(*, now: datetime, wall: datetime) -> None:
    """Act on what is due, and want again what is in doubt or differs from the booking's state."""
    settled = meetings_that_differ(now=now).filter(outbox_state=OutboxState.DONE)
    for pk in settled.values_list("pk", flat=True)[:200]:
        Meeting.objects.filter(pk=pk, outbox_state=OutboxState.DONE).update(outbox_state=OutboxState.WANTED, next_try_at=wall)
    due = Meeting.objects.due(wall).values_list("pk", flat=True)[:200]
    each(due, lambda pk: ensure_meeting(pk, now=now, wall=wall), name="meetings")


def trouble_of(error: VideoError) -> Meeting.Trouble:
    """What kind of trouble staff are told of."""
    return next(kind for family, kind in TROUBLE if isinstance(error, family))


def _act(meeting: Meeting, port: MeetingPort, *, now: datetime) -> dict[str, object]:
    """What the outside world needs, with no transaction open; returns the changes to settle with."""
    occasion = _occasion_of(meeting)
    found = _look_around(meeting, occasion, port)
    known = {info.meeting_id for info in found}
    if meeting.exists and meeting.meeting_id is not None:
        known.add(meeting.meeting_id)
    if not _is_wanted(occasion, now=now):
        _delete(port, known, meeting)
        return {"removed_at": now, "join_url": "", "passcode": ""} if meeting.meeting_id else {}
    spec = _spec(meeting, occasion)
    standing = _follow(meeting, spec, port) or _adopt(meeting, spec, found, port) or _create(meeting, spec, port)
    stands = _as_it_stands(meeting, spec, standing, now=now)
    if surplus := known - {standing.meeting_id}:
        Meeting.objects.filter(pk=meeting.pk, claim=meeting.claim).update(**stands)  # the way in does not wait for tidying up
        _delete(port, surplus, meeting)
    return stands


def _occasion_of(meeting: Meeting) -> Booking | Seminar:
    """As it is now, not as it was when the meeting was claimed."""
    if meeting.booking_id:
        return Booking.objects.select_related("host").get(pk=meeting.booking_id)
    return Seminar.objects.select_related("host").get(meeting=meeting)


def _is_wanted(occasion: Booking | Seminar, *, now: datetime) -> bool:
    if isinstance(occasion, Seminar):
        return seminars.should_meet(occasion.rule_state, occasion.ends_at, now=now)
    return rule.should_exist(occasion.rule_state, occasion.starts_at, occasion.ends_at, by_phone=occasion.is_by_phone, now=now)


def _look_around(meeting: Meeting, occasion: Booking | Seminar, port: MeetingPort) -> list[MeetingInfo]:
    """The meetings that bear our reference: where one was asked for last, where one stands, and where it is wanted now.

    Nothing is looked for at a first try, unless something says that what we know is not so. What raises the doubt from here on is kept.
    """
    if not (meeting.in_doubt or meeting.attempts > 1):
        return []
    Meeting.objects.filter(pk=meeting.pk, claim=meeting.claim).update(in_doubt=False)
    places = {(meeting.asked_host, meeting.asked_start), (meeting.host_email, meeting.starts_at)}
    if occasion.host is not None:
        places.add((occasion.host.email, occasion.starts_at))
    days = {(host, tokyo_date(start)) for host, start in places if host and start}
    found = {info.meeting_id: info for host, day in sorted(days) for info in port.find(host, meeting.reference, day)}
    return list(found.values())


def _spec(meeting: Meeting, occasion: Booking | Seminar) -> MeetingSpec:
    """The meeting as it is wanted. A passcode that was given out stays: another one would change the link."""
    if occasion.host is None:
        raise Refused("the booking has no Zoom host")
    return MeetingSpec(
        host=occasion.host.email,
        topic=occasion.title if isinstance(occasion, Seminar) else SESSION_TOPIC,
        starts_at=occasion.starts_at,
        minutes=int((occasion.ends_at - occasion.starts_at).total_seconds() // 60),
        reference=meeting.reference,
        passcode=meeting.passcode or "".join(secrets.choice(PASSCODE_ALPHABET) for _ in range(10)),
        for_many=isinstance(occasion, Seminar),
        waiting_room=_has_waiting_room(occasion),
    )


def _has_waiting_room(occasion: Booking | Seminar) -> bool:
    """Always where people are counselled (C12-2); of a seminar it is the office's policy, as it holds at its start."""
    return not isinstance(occasion, Seminar) or bool(policy_at(occasion.starts_at).seminar_waiting_room)


def _follow(meeting: Meeting, spec: MeetingSpec, port: MeetingPort) -> MeetingInfo | None:
    """Bring a standing meeting to its booking's time; None where there is none under this host, or where it has gone.

    Zoom has said "gone" in its own bad hours: a meeting is believed to be gone once it has said so twice, with a pause between.
    """
    if not meeting.exists or meeting.meeting_id is None or meeting.host_email != spec.host:
        return None
    has_other_room = meeting.waiting_room != spec.waiting_room
    if meeting.starts_at == spec.starts_at and not (has_other_room or meeting.in_doubt or meeting.attempts > 1):
        return MeetingInfo(meeting.meeting_id, spec.host, meeting.join_url, meeting.passcode, spec.starts_at, "waiting", meeting.reference)
    try:
        return port.update(meeting.meeting_id, spec, anew=has_other_room)
    except Gone as gone:
        if meeting.attempts <= 1:
            raise TryLater(
                rule.UNCLEAR_WAIT, unclear=False, message="said to be gone; looked at once more before another is made"
            ) from gone
        return None


def _adopt(meeting: Meeting, spec: MeetingSpec, found: Iterable[MeetingInfo], port: MeetingPort) -> MeetingInfo | None:
    """What was made for this host although nobody told us, with its own passcode; None where nothing was."""
    for info in found:
        if info.host.lower() == spec.host.lower():
            try:
                return port.update(info.meeting_id, replace(spec, passcode=info.passcode or spec.passcode))
            except Gone:
                continue
            except Unsafe:
                _delete(port, [info.meeting_id], meeting)
                raise
    return None


def _create(meeting: Meeting, spec: MeetingSpec, port: MeetingPort) -> MeetingInfo:
    """Where it is asked for is written down first; until this attempt is settled, what was made is known to nobody else."""
    Meeting.objects.filter(pk=meeting.pk, claim=meeting.claim).update(asked_host=spec.host, asked_start=spec.starts_at)
    made = port.create(spec)
    meeting.in_doubt = True
    return made


def _as_it_stands(meeting: Meeting, spec: MeetingSpec, standing: MeetingInfo, *, now: datetime) -> dict[str, object]:
    """Every field from one answer. A meeting that was only looked at has been ready since before."""
    is_new = standing.meeting_id != meeting.meeting_id or not meeting.exists
    as_before = not is_new and meeting.starts_at == spec.starts_at
    return {
        "meeting_id": standing.meeting_id,
        "host_email": spec.host,
        "starts_at": spec.starts_at,
        "waiting_room": spec.waiting_room,
        "join_url": standing.join_url,
        "passcode": standing.passcode,
        "made_at": now if is_new else meeting.made_at,
        "ready_at": meeting.ready_at if as_before and meeting.ready_at else now,
        "removed_at": None,
    }


def _delete(port: MeetingPort, numbers: Iterable[int], ours: Meeting) -> None:
    """Zoom's number of a meeting stands in no log: with it somebody could knock at the door (C6-2-3a)."""
    for number in numbers:
        try:
            port.delete(number)
        except Gone:
            logger.info("meeting.already_gone meeting=%s", ours.pk)


def _settle_trouble(meeting: Meeting, error: VideoError, *, wall: datetime) -> None:
    """What passes is waited for, what does not is given up visibly; what has nothing to do with this meeting is not held against it."""
    trouble = trouble_of(error)
    match error:
        case Throttled():
            _wait(meeting, error, trouble, at=rule.retry_at(meeting.attempts, wall, after=error.after))
        case NotAuthorised():
            _wait(meeting, error, trouble, at=wall + rule.UNTIL_OPERATOR)
        case TryLater():
            _settle_later(meeting, error, str(error), after=rule.UNCLEAR_WAIT if error.unclear else error.after, wall=wall, trouble=trouble)
        case _:
            logger.error("meeting.failed meeting=%s error=%s", meeting.pk, type(error).__name__)
            meeting.settle_failed(error=str(error), trouble=trouble)


def _wait(meeting: Meeting, error: VideoError, trouble: Meeting.Trouble, *, at: datetime) -> None:
    """The call was turned away before anything was done: this attempt does not count, and a doubt remains one."""
    logger.warning("meeting.waits meeting=%s error=%s", meeting.pk, type(error).__name__)
    doubt = {"in_doubt": True} if meeting.in_doubt else {}
    meeting.settle_later(at=at, error=str(error), trouble=trouble, attempts=F("attempts") - 1, **doubt)


def _settle_later(meeting: Meeting, error: Exception, told: str, *, after: timedelta | None, wall: datetime, trouble: str = "") -> None:
    logger.warning("meeting.later meeting=%s attempts=%s error=%s", meeting.pk, meeting.attempts, type(error).__name__)
    if rule.gives_up(meeting.attempts):
        meeting.settle_failed(error=told, trouble=trouble)
    else:
        meeting.settle_later(at=rule.retry_at(meeting.attempts, wall, after=after), error=told, trouble=trouble)
