"""How long a member of staff stays signed in: 30 minutes without a press, 10 hours in all (settings). All moments are real time.

Pages that refresh themselves are no press: their requests carry ``X-Poll: 1``.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django_otp import DEVICE_ID_SESSION_KEY

from toyooka_hw.accounts.models import User

KEPT_EXACT_TO = timedelta(minutes=1)  # a press within the same minute writes nothing
_SINCE = "staff_since"
_SEEN = "staff_seen"
_OF_STAFF = (SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY, DEVICE_ID_SESSION_KEY, _SINCE, _SEEN, "looks")


class Over(StrEnum):
    """Why a session is over."""

    IDLE = "idle"
    DAY = "day"
    ENDED = "ended"


def begin(request: HttpRequest, *, wall: datetime) -> None:
    """The session of a member of staff begins, or begins anew."""
    request.session[_SINCE] = request.session[_SEEN] = wall.timestamp()


def over(request: HttpRequest, user: User, *, wall: datetime) -> Over | None:
    """Why this session is over, if it is."""
    moment = wall.timestamp()
    since, seen = request.session.get(_SINCE, moment), request.session.get(_SEEN, moment)
    if user.sessions_ended_at and since < user.sessions_ended_at.timestamp():
        return Over.ENDED
    if moment - since >= settings.STAFF_SESSION.total_seconds():
        return Over.DAY
    return Over.IDLE if moment - seen >= settings.STAFF_IDLE.total_seconds() else None


def touch(request: HttpRequest, *, wall: datetime) -> None:
    """Somebody pressed."""
    if _SINCE not in request.session:
        begin(request, wall=wall)
    elif wall.timestamp() - request.session[_SEEN] >= KEPT_EXACT_TO.total_seconds():
        request.session[_SEEN] = wall.timestamp()


def leave(request: HttpRequest) -> None:
    """Sign the member of staff out; a person of the public who is signed in beside them stays so."""
    for key in _OF_STAFF:
        request.session.pop(key, None)
    request.session.cycle_key()
