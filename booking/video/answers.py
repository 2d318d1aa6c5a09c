"""Reads Zoom's answers: which error family an HTTP reply belongs to, and how long to wait.

Sources: Zoom's error table and rate-limit page. Zoom sometimes answers HTML or XML, sends code 124 with HTTP 400 too, writes
``Retry-After`` as an ISO instant, and says of a host's used-up day only in words. Durations count from the reply's own ``Date``, so
our clock plays no part.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from booking.video.port import Gone, HostUnfit, NotAuthorised, QuotaSpent, Refused, Throttled, TryLater, VideoError

TOKEN_INVALID = 124
SCOPES_MISSING = 4711
MEETING_MISSING = 3001
MEETING_IN_PROGRESS = 3002
MEETING_ENDED = 3007
# unknown, not of this account, not allowed to hold meetings
HOST_UNFIT = (1001, 1010, 3161)

_HOSTS_DAY = "Meeting Create/Update API requests"  # only the words tell a host's used-up day from the account's
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY}
_LONGEST_WAIT = timedelta(days=1)
_WAIT_WITHOUT_DATE = timedelta(hours=1)
_LONGEST_MESSAGE = 200
_MEETING_NUMBER = re.compile(r"\d{9,11}")  # with it somebody could knock at the door, and staff read these words (C6-2-3a)


def send(call: Callable[[], requests.Response], creates: bool = False) -> requests.Response:
    """Make the call and return whatever came back. Raises TryLater if nothing did; ``creates`` makes that unclear unless it never left."""
    try:
        return call()
    except requests.RequestException as error:
        unclear = creates and not _never_left(error)
        reason = type(error).__name__
    # raised out here: the caught error carries the request, whose headers hold the token
    raise TryLater(None, unclear, f"no answer ({reason})")


def _never_left(error: requests.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    refused = isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
    return refused or isinstance(error, requests.ConnectTimeout)


def body(response: requests.Response) -> dict[str, Any]:
    """Return the reply's JSON object, or an empty one where there is none."""
    try:
        content = response.json()
    except requests.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def token_refused(response: requests.Response) -> bool:
    """Whether this reply asks for a new token."""
    return response.status_code == HTTPStatus.UNAUTHORIZED or body(response).get("code") == TOKEN_INVALID


def failure(response: requests.Response, creates: bool = False) -> VideoError | None:
    """Return the error this reply stands for, None for a success."""
    if response.ok:
        return None
    status, code, message = response.status_code, body(response).get("code"), _message(response)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        kind = QuotaSpent if _HOSTS_DAY in message else Throttled
        return kind(wait(response), unclear=False, message=message)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
        return TryLater(wait(response), unclear=creates, message=message)
    return _by_code(status, code, message)


def _by_code(status: int, code: object, message: str) -> VideoError:
    if code in (TOKEN_INVALID, SCOPES_MISSING) or status == HTTPStatus.UNAUTHORIZED:
        return NotAuthorised(message)
    if code in (MEETING_MISSING, MEETING_ENDED):
        return Gone(message)
    if code == MEETING_IN_PROGRESS:
        # somebody started it between our look and our call: the next attempt will see that and end it first
        return TryLater(None, unclear=False, message=message)
    return HostUnfit(message) if code in HOST_UNFIT else Refused(message)


def _message(response: requests.Response) -> str:
    content = body(response)
    words = _MEETING_NUMBER.sub("…", str(content.get("message") or content.get("reason") or "no reason given"))[:_LONGEST_MESSAGE]
    return f"HTTP {response.status_code}, code {content.get('code')}: {words}"


def wait(response: requests.Response) -> timedelta | None:
    """Return how long Zoom asks us to wait, at most a day; None if it does not say.

    A used-up day ("daily rate limit") without a usable header ends at 00:00 UTC, which is 09:00 in Japan.
    """
    asked = _retry_after(response)
    if asked is None and "daily rate limit" in _message(response).lower():
        asked = _until_midnight_utc(response)
    return asked and min(max(asked, timedelta(0)), _LONGEST_WAIT)


def _retry_after(response: requests.Response) -> timedelta | None:
    header = response.headers.get("Retry-After", "").strip()
    if header.isdecimal():
        return min(timedelta(seconds=int(header[:9])), _LONGEST_WAIT)
    instant, here = _instant(header), _instant(response.headers.get("Date", ""))
    return instant - here if instant and here else None


def _instant(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _until_midnight_utc(response: requests.Response) -> timedelta:
    here = _instant(response.headers.get("Date", ""))
    if here is None:
        return _WAIT_WITHOUT_DATE
    tomorrow = here.astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, UTC) - here
