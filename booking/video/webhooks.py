"""What Zoom sends of its own accord: whether it is Zoom's, and what it tells. Pure, and nothing personal comes out of it.

Zoom signs the raw bytes; a body that was read and written again has another signature wherever it holds a letter outside ASCII. It numbers
no events, delivers at least once, in any order and up to 85 minutes late, and writes a meeting's id now as a text, now as a number.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

VERSION = "v0"
CHALLENGE = "endpoint.url_validation"
REPLAY_WINDOW = timedelta(minutes=5)  # Zoom names none: how far the moment of the signature may lie from ours, either way

_EVENT = re.compile(r"[a-z0-9_.]{1,80}")
_INSTANCE = re.compile(r"[\x21-\x7e]{1,80}")
_LARGEST_NUMBER = 2**63 - 1


class Forged(Exception):
    """The signature is missing or not Zoom's, or we have no secret to tell."""


class Stale(Exception):
    """Signed by Zoom, but too long ago (or ahead): somebody may be sending an old message again."""


class Unreadable(Exception):
    """Signed by Zoom, and still nothing we can read."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One event. ``key``: the same for the same event told again. ``participant``: an opaque hash, "" where nobody is named.

    ``instance``: a meeting that is started again keeps its number and has another instance.
    """

    key: str
    event: str
    happened_at: datetime
    meeting_number: int | None
    instance: str
    participant: str
    is_host: bool


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the header's value for this body."""
    return f"{VERSION}={_mac(secret, b':'.join((VERSION.encode(), timestamp.encode(), body)))}"


def check(secret: str, timestamp: str, given: str, body: bytes, *, wall: datetime) -> None:
    """Return if Zoom signed this body just now. Raises Forged, Stale."""
    if not secret or not hmac.compare_digest(signature(secret, timestamp, body).encode(), given.encode()):
        raise Forged
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > len("1739923528000"):
        raise Stale
    if abs(wall.timestamp() - int(timestamp)) > REPLAY_WINDOW.total_seconds():
        raise Stale


def content_of(body: bytes) -> dict[str, Any]:
    """Return the body's JSON object. Raises Unreadable."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(content, dict):
        raise Unreadable
    return content


def answer_to_challenge(secret: str, content: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the proof that we know the secret, which Zoom asks for every 72 hours; None for any other message. Raises Unreadable."""
    if content.get("event") != CHALLENGE:
        return None
    token = _inside(content, "payload").get("plainToken")
    if not isinstance(token, str) or not token or not token.isascii():
        raise Unreadable
    return {"plainToken": token, "encryptedToken": _mac(secret, token.encode())}


def read(secret: str, content: Mapping[str, Any]) -> Notice:
    """Return what the message tells. Raises Unreadable where it names no event or no moment."""
    event = content.get("event")
    if not isinstance(event, str) or not _EVENT.fullmatch(event):
        raise Unreadable
    meeting = _inside(_inside(content, "payload"), "object")
    person = _inside(meeting, "participant")
    # summary_completed has names of its own
    number, instance = (_first(meeting, name, f"meeting_{name}") for name in ("id", "uuid"))
    host = _first(meeting, "host_id", "meeting_host_id")
    who = _first(person, "participant_uuid", "user_id", "participant_user_id", "id")
    told = [
        event,
        content.get("event_ts"),
        _number(number),
        instance,
        who,
        person.get("join_time"),
        person.get("leave_time"),
        person.get("date_time"),
    ]
    return Notice(
        key=_mac(secret, json.dumps(told).encode()),
        event=event,
        happened_at=_moment(content.get("event_ts")),
        meeting_number=_number(number),
        instance=instance if isinstance(instance, str) and _INSTANCE.fullmatch(instance) else "",
        participant=_mac(secret, json.dumps([instance, who]).encode()) if who else "",
        is_host=bool(host) and person.get("id") == host,
    )


def _mac(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _inside(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _first(content: Mapping[str, Any], *names: str) -> Any:
    return next((content[name] for name in names if content.get(name)), None)


def _number(value: Any) -> int | None:
    """The meeting's id, which comes as a number or as a text of digits."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    plausible = text.isascii() and text.isdecimal() and len(text) <= len(str(_LARGEST_NUMBER))
    return int(text) if plausible and 0 < int(text) <= _LARGEST_NUMBER else None


def _moment(milliseconds: Any) -> datetime:
    if not isinstance(milliseconds, int) or isinstance(milliseconds, bool):
        raise Unreadable
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        raise Unreadable from None
    return moment
