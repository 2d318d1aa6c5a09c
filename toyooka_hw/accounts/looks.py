"""What a member of staff has opened: for a few minutes, in their own session only, a masked value stands in full.

The session holds the name of what was opened, never the value itself. All moments are real time.
"""

from datetime import datetime, timedelta

from django.http import HttpRequest

OPEN_FOR = timedelta(minutes=5)
_LOOKS = "looks"


def open_up(request: HttpRequest, what: str, *, wall: datetime) -> None:
    """Show ``what`` (such as ``phone:12``) on this member of staff's pages from now on, until the minutes are over."""
    kept = {name: until for name, until in request.session.get(_LOOKS, {}).items() if until > wall.timestamp()}
    request.session[_LOOKS] = {**kept, what: (wall + OPEN_FOR).timestamp()}


def is_open(request: HttpRequest, what: str, *, wall: datetime) -> bool:
    """Whether ``what`` was opened in this session a moment ago."""
    until: float = request.session.get(_LOOKS, {}).get(what, 0)
    return until > wall.timestamp()
