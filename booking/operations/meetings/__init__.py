"""The meetings: as wanted, as they are, and what Zoom tells of them. The only package that reaches Zoom."""

from booking.operations.meetings.checking import check_zoom, sweep_orphans
from booking.operations.meetings.client import HostLinkUnavailable, host_link, zoom
from booking.operations.meetings.ensuring import LEASE, ensure_meeting, sweep_meetings
from booking.operations.meetings.wanting import doubt, try_again, want_meeting

__all__ = [
    "LEASE",
    "HostLinkUnavailable",
    "check_zoom",
    "doubt",
    "ensure_meeting",
    "host_link",
    "sweep_meetings",
    "sweep_orphans",
    "try_again",
    "want_meeting",
    "zoom",
]
