"""The one client of Zoom, as the settings describe it, and the host link: asked for at the press, never stored."""

import logging
from datetime import datetime

from django.conf import settings

from booking.models import Booking, Meeting, Seminar
from booking.operations.meetings.commons import OfficeCommons
from booking.operations.meetings.wanting import doubt
from booking.video.port import Gone, MeetingPort, VideoError, ZoomConfig
from booking.video.zoom import ZoomMeetings

logger = logging.getLogger(__name__)


class HostLinkUnavailable(Exception):
    """The meeting is not there yet, or Zoom does not answer."""


def zoom(*, wall: datetime) -> MeetingPort:
    """The one client, as the settings describe it."""
    config = ZoomConfig(
        account_id=settings.ZOOM_ACCOUNT_ID,
        client_id=settings.ZOOM_CLIENT_ID,
        client_secret=settings.ZOOM_CLIENT_SECRET,
        api_url=settings.ZOOM_API_URL,
        token_url=settings.ZOOM_TOKEN_URL,
    )
    return ZoomMeetings(config, OfficeCommons(config, wall=wall))


def host_link(occasion: Booking | Seminar, *, wall: datetime) -> str:
    """A fresh host address for the counsellor, asked for at the press and never stored or logged. Raises HostLinkUnavailable.

    A meeting that Zoom says is gone is looked at at once, and made again. Of one that staff made by hand it is everybody's address.
    """
    meeting = Meeting.objects.filter(**{"booking" if isinstance(occasion, Booking) else "seminar": occasion}).first()
    if meeting is None or meeting.meeting_id is None or not meeting.exists:
        raise HostLinkUnavailable
    if meeting.manual_at:  # Zoom is not asked; whoever is signed in there as the host comes in as the host
        return meeting.join_url
    try:
        return zoom(wall=wall).host_link(meeting.meeting_id)
    except VideoError as error:
        logger.warning("meeting.host_link meeting=%s error=%s", meeting.pk, type(error).__name__)
        if isinstance(error, Gone):
            doubt(meeting.pk, wall=wall)
        raise HostLinkUnavailable from error
