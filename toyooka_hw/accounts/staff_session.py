"""How long a member of staff stays signed in: 30 minutes without a press, 10 hours in all (settings). All moments are real time.

Pages that refresh themselves are no press: their requests carry ``X-Poll: 1``.
"""

from dataclasses import dataclass
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
_BEFORE = "staff_before"
_OF_STAFF = (SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY, DEVICE_ID_SESSION_KEY, _SINCE, _SEEN, _BEFORE, "looks")


class Over(StrEnum):
    """Why a session is over."""

    IDLE = "idle"
    DAY = "day"
    ENDED = "ended"


@dataclass(frozen=True)
class SignInBefore:
    """The sign-in before this one, and who failed at this account in between. By the portal's clock; ``at``: None where the audit knows of none."""

    at: datetime | None
    failures: int
    last_failure: datetime | None


def begin(request: HttpRequest, *, wall: datetime) -> None:
    """The session of a member of staff begins, or begins anew."""
    request.session[_SINCE] = request.session[_SEEN] = wall.timestamp()


def remember(request: HttpRequest, before: SignInBefore) -> None:
    """Keep it for as long as the session lasts, so that pages can show it without looking it up."""
    moments = [moment and moment.isoformat() for moment in (before.at, before.last_failure)]
    request.session[_BEFORE] = [before.failures, *moments]


def sign_in_before(request: HttpRequest) -> SignInBefore | None:
    """What was remembered; None in a session that began without it."""
    if _BEFORE not in request.session:
        return None
    failures, *moments = request.session[_BEFORE]
    at, last_failure = (moment and datetime.fromisoformat(moment) for moment in moments)
    return SignInBefore(at, failures, last_failure)


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
