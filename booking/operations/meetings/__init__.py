"""The meetings: as wanted, as they are, and what Zoom tells of them. The only package that reaches Zoom."""

from booking.operations.meetings.client import HostLinkUnavailable, host_link, zoom
from booking.operations.meetings.ensuring import LEASE, ensure_meeting, sweep_meetings
from booking.operations.meetings.wanting import try_again, want_meeting

__all__ = ["LEASE", "HostLinkUnavailable", "ensure_meeting", "host_link", "sweep_meetings", "try_again", "want_meeting", "zoom"]
