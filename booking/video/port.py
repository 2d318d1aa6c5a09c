"""What the portal wants of a video service: verbs, values and errors. Nothing in here knows HTTP."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
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


class Throttled(TryLater):
    """Too many calls at once: nothing was done, and it says nothing against this one."""


class QuotaSpent(Throttled):
    """The host has no calls left today that make or change a meeting; ``after`` ends with Zoom's day (00:00 UTC)."""


class Refused(VideoError):
    """Asking the same again will be refused again: a person has to look."""


class HostUnfit(Refused):
    """The service does not know this host, or the host may not hold meetings (any more)."""


class Unsafe(Refused):
    """The service did not keep to what was asked, and a session held there would not be confidential."""


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
    opaque mark, by which the meeting is found again. ``for_many``: a seminar, whose guests come in muted. Without ``waiting_room`` whoever has the link comes in once the host is there. Raises ValueError for what Zoom would answer strangely or not at all.
    """

    host: str
    topic: str
    starts_at: datetime
    minutes: int
    reference: str
    passcode: str = field(repr=False)
    for_many: bool = False
    waiting_room: bool = True

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


@dataclass(frozen=True)
class Marked:
    """A meeting in a host's list that bears a mark of ours."""

    meeting_id: int
    host: str
    reference: str
    starts_at: datetime


class Standing(StrEnum):
    """What the service itself says of a host."""

    LICENSED = "licensed"
    BASIC = "basic"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Token:
    """An access token with what it allows; ``seconds`` is how long it may still be used."""

    value: str = field(repr=False)
    scopes: frozenset[str]
    seconds: float


class Load(StrEnum):
    """Zoom's two rates of calls per second that the portal meets."""

    LIGHT = "light"
    MEDIUM = "medium"


class Commons(Protocol):
    """What all processes that use one account share. Where it cannot be reached, each goes on alone: nothing waits for it."""

    def kept_token(self) -> Token | None:
        """Return the token that some process put here and that is still good."""
        ...

    def keep_token(self, token: Token) -> None:
        """Let the others use it too."""
        ...

    def renewing(self) -> AbstractContextManager[None]:
        """Only one process at a time asks for a token."""
        ...

    def await_turn(self, load: Load) -> None:
        """Return when the account may be called. Raises Throttled where the queue is too long to stand in."""
        ...

    def spend(self, host: str) -> None:
        """Count one call that makes or changes a meeting. Raises QuotaSpent where the host has none left today."""
        ...

    def give_back(self, host: str) -> None:
        """That call was never made, or turned away before it counted."""
        ...

    def spent(self, host: str) -> None:
        """Zoom says that the host has none left today, whatever was counted here."""
        ...


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

    def update(self, meeting_id: int, spec: MeetingSpec, *, anew: bool = False) -> MeetingInfo:
        """Bring the meeting to ``spec`` and return it, except for its host, which no call can change. Another passcode changes the join link.

        What is right already, or safer than asked for, costs no call; ``anew``: except this time. A running one is left as it is if only its settings differ; TryLater if its time does.
        """
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

    def marked(self, host: str, first: date, last: date) -> Iterator[Marked]:
        """Return the host's meetings of these days (Asia/Tokyo) that bear a mark of ours, whosever."""
        ...

    def standing(self, host: str) -> Standing:
        """Return what the service says of this host."""
        ...

    def missing_scopes(self) -> list[str]:
        """Return what the app would have to be allowed and is not, by a token asked for now: scopes that are added later need a new one."""
        ...
