"""What the portal wants of a video service: verbs, values and errors. Nothing in here knows HTTP."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

MeetingStatus = Literal["waiting", "started"]

_PASSCODE = re.compile(r"[A-Za-z0-9]{1,10}")
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,40}")
LONGEST_TOPIC = 200


class VideoError(Exception):
    """A meeting could not be read or brought to what it should be."""


class TryLater(VideoError):
    """A passing trouble. ``after`` is how long to wait if the service said so; ``unclear`` means that a meeting may have been made."""

    def __init__(self, after: timedelta | None, unclear: bool, message: str = "") -> None:
        super().__init__(message)
        self.after = after
        self.unclear = unclear


class Refused(VideoError):
    """Asking the same again will be refused again: a person has to look."""


class NotAuthorised(VideoError):
    """Credentials or scopes are wrong: nothing will work until the operator has put it right."""


class Gone(VideoError):
    """The meeting no longer exists, or is said not to."""


@dataclass(frozen=True)
class ZoomConfig:
    """Address and credentials of one Server-to-Server app. ``timeout_seconds`` holds for connecting and for each wait of a call."""

    account_id: str
    client_id: str
    client_secret: str = field(repr=False)
    api_url: str
    token_url: str
    timeout_seconds: int = 10


@dataclass(frozen=True)
class MeetingSpec:
    """The meeting as it should be.

    ``host`` is the e-mail of a licensed host, ``starts_at`` an aware moment (seconds count, microseconds do not), ``reference`` our own
    opaque mark, by which the meeting is found again. Raises ValueError for what Zoom would answer strangely or not at all.
    """

    host: str
    topic: str
    starts_at: datetime
    minutes: int
    reference: str
    passcode: str = field(repr=False)

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None:
            raise ValueError("starts_at must be aware: Zoom would read a naive time in the account's zone")
        if not self.host or not self.topic or len(self.topic) > LONGEST_TOPIC or self.minutes < 1:
            raise ValueError(f"a meeting needs a host, a topic of 1 to {LONGEST_TOPIC} characters and a length")
        if not _PASSCODE.fullmatch(self.passcode):
            raise ValueError("a passcode is 1 to 10 letters or digits: Zoom answers a longer one with something other than JSON")
        if not _REFERENCE.fullmatch(self.reference):
            raise ValueError("a reference is 1 to 40 letters, digits, hyphens or underscores")


@dataclass(frozen=True)
class MeetingInfo:
    """The meeting as it is. What lets people in stays out of ``repr``."""

    meeting_id: int
    host: str
    join_url: str = field(repr=False)
    passcode: str = field(repr=False)
    starts_at: datetime
    status: MeetingStatus
    reference: str


class MeetingPort(Protocol):
    """The verbs. Each raises TryLater, Refused or NotAuthorised; those that name a meeting raise Gone too."""

    def create(self, spec: MeetingSpec) -> MeetingInfo:
        """Make the meeting. After ``TryLater.unclear`` look with ``find`` before asking again."""
        ...

    def find(self, host: str, reference: str, day: date) -> list[MeetingInfo]:
        """Return the host's meetings that bear our reference around ``day`` (Asia/Tokyo), oldest first."""
        ...

    def get(self, meeting_id: int) -> MeetingInfo:
        """Return the meeting as it is now."""
        ...

    def update(self, meeting_id: int, spec: MeetingSpec) -> None:
        """Bring the meeting to ``spec``, except for its host, which no call can change. Another passcode changes the join link."""
        ...

    def end(self, meeting_id: int) -> None:
        """Send everybody out; the meeting stays and may be started again."""
        ...

    def delete(self, meeting_id: int) -> None:
        """Take the meeting away, ending it first if it is running."""
        ...

    def host_link(self, meeting_id: int) -> str:
        """Return a fresh link that makes whoever opens it the host: never store, log or mail it."""
        ...
