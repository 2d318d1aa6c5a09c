"""Zoom's own side, looked at every hour: credentials and scopes, the hosts, and the meetings that bear a mark of ours."""

import logging
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from booking.models import Meeting, ZoomCheck, ZoomHost
from booking.operations.meetings.client import zoom
from booking.operations.meetings.ensuring import trouble_of
from booking.operations.meetings.wanting import doubt
from booking.rules.calendar import ONE_DAY, tokyo_date
from booking.video.port import Marked, MeetingPort, VideoError
from toyooka_hw.outbox import OutboxState
from toyooka_hw.wake import wake

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=30)
SHOWN_BY_THEN = timedelta(minutes=10)  # how long Zoom's list may take to show a new meeting before its absence means anything
LISTED_AHEAD = timedelta(days=180)  # Zoom lists no more than half a year
OUR_MARK = re.compile(r"[0-9a-f]{32}")  # what want_meeting writes; anybody may write "ref:" into an agenda
PASSING = (Meeting.Trouble.NOT_AUTHORISED, Meeting.Trouble.UNREACHABLE, Meeting.Trouble.BUSY)


def check_zoom(*, wall: datetime) -> ZoomCheck:
    """Look whether the credentials work, what the app may not do, and what Zoom says of each host in use; returns what was found.

    What waited for an answer that is good now is tried at once, given up or not.
    """
    check = ZoomCheck(at=wall)
    try:
        port = zoom(wall=wall)
        check.missing_scopes = port.missing_scopes()
        if not check.missing_scopes:
            _look_at_hosts(port, wall=wall)
    except VideoError as error:
        logger.warning("zoom.check error=%s", type(error).__name__)
        check.trouble = trouble_of(error)
    if check.missing_scopes:
        check.trouble = Meeting.Trouble.NOT_AUTHORISED
    check.save()
    if not check.trouble:
        _go_on(Q(trouble__in=PASSING), wall=wall)
    return check


def sweep_orphans(*, now: datetime, wall: datetime) -> int:
    """Compare Zoom's lists with our table: what is there and should not be, or is missing, is looked at by the meeting's own row.

    Returns how many meetings bear our mark and are nobody's here: another installation's, or lost with a backup. They are left alone.
    """
    today = tokyo_date(now)
    last = today + LISTED_AHEAD
    strangers = 0
    for host in ZoomHost.objects.order_by("pk").values_list("email", flat=True):
        try:
            listed = list(zoom(wall=wall).marked(host, today - ONE_DAY, last))
        except VideoError as error:
            logger.warning("zoom.list error=%s", type(error).__name__)
            continue
        strangers += _compare(host, listed, now=now, wall=wall)
    ZoomCheck.objects.filter(pk=ZoomCheck.objects.order_by("-pk").values("pk")[:1]).update(strangers=strangers)
    return strangers


def forget(*, wall: datetime) -> None:
    """Delete what was found a month ago."""
    ZoomCheck.objects.filter(at__lt=wall - KEPT_FOR).delete()


def _look_at_hosts(port: MeetingPort, *, wall: datetime) -> None:
    """A host that may hold meetings again gets back what was given up because it might not."""
    for host in ZoomHost.objects.filter(is_active=True).order_by("pk"):
        finding = ZoomHost.Finding(port.standing(host.email).value)
        ZoomHost.objects.filter(pk=host.pk).update(finding=finding, checked_at=wall)
        if finding == ZoomHost.Finding.LICENSED:
            _go_on(Q(trouble=Meeting.Trouble.HOST) & (Q(booking__host=host) | Q(seminar__host=host)), wall=wall)


def _go_on(which: Q, *, wall: datetime) -> None:
    """Those that were given up, and those that wait for the operator; the rhythm of the others is left alone, it spares the host's day."""
    stopped = Q(outbox_state=OutboxState.FAILED) | Q(outbox_state=OutboxState.WANTED, trouble=Meeting.Trouble.NOT_AUTHORISED)
    waiting = Meeting.objects.filter(which, stopped, manual_at=None)
    for pk in waiting.values_list("pk", flat=True):
        if waiting.filter(pk=pk).update(outbox_state=OutboxState.WANTED, next_try_at=wall):
            wake("booking.ensure_meeting", meeting_id=pk)


def _compare(host: str, listed: Iterable[Marked], *, now: datetime, wall: datetime) -> int:
    """Send each row that disagrees with the list to look for itself: only whoever holds the row's claim changes anything at Zoom."""
    marked = [mark for mark in listed if OUR_MARK.fullmatch(mark.reference)]
    ours = {row.reference: row for row in Meeting.objects.filter(reference__in=[mark.reference for mark in marked])}
    for mark in marked:
        row = ours.get(mark.reference)
        if row and not (row.exists and row.meeting_id == mark.meeting_id):
            Meeting.objects.filter(pk=row.pk, outbox_state=OutboxState.DONE).update(asked_host=host, asked_start=mark.starts_at)
            doubt(row.pk, wall=wall)
    for pk in _missing(host, {mark.meeting_id for mark in marked}, now=now):
        doubt(pk, wall=wall)
    return sum(mark.reference not in ours for mark in marked)


def _missing(host: str, listed: set[int], *, now: datetime) -> list[int]:
    """The meetings of sessions to come that we believe to stand there and the list does not show."""
    standing = Meeting.objects.filter(host_email=host, meeting_id__isnull=False, removed_at=None, manual_at=None, starts_at__gt=now)
    settled = standing.filter(outbox_state=OutboxState.DONE, made_at__lt=now - SHOWN_BY_THEN)
    return [pk for pk, number in settled.values_list("pk", "meeting_id") if number not in listed]
