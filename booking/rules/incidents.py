"""Which troubles the machinery is in, judged from ages and counts alone; all moments are real time.

A trouble is a state, not an event: it is there as long as what was measured says so, however many rows are concerned.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain, pairwise

from booking.rules.quota import CALLS_A_DAY


class Kind(StrEnum):
    """What is wrong, in the order in which it is told: causes before what follows from them."""

    BEAT = "beat"
    WEB = "web"
    NOT_AUTHORISED = "not_authorised"
    SCOPES = "scopes"
    HOST = "host"
    QUOTA = "quota"
    UNSAFE = "unsafe"
    STRANGERS = "strangers"
    MEETING_WAITS = "meeting_waits"
    MEETING_GIVEN_UP = "meeting_given_up"
    MAIL_WAITS = "mail_waits"
    MAIL_GIVEN_UP = "mail_given_up"
    NOTICE_WAITS = "notice_waits"


# A server that puts strangers off lets a mail in within this time; and a sign-in code is worth nothing after ten minutes of waiting.
MAIL_MAY_WAIT = timedelta(minutes=15)
# Six attempts have failed by then, or Zoom has turned us away all the time: no hiccup any more.
MEETING_MAY_WAIT = timedelta(minutes=10)
# As long as the ten-minute rule waits for a word that somebody came (A7).
NOTICE_MAY_WAIT = timedelta(minutes=10)
# Both are heard every minute; an upgrade or a restart of the machine takes two or three.
SILENCE_ALLOWED = timedelta(minutes=5)
# A standstill is only seen once it is over: so long it is still news, and a second one is the same trouble.
STANDSTILL_IS_NEWS = timedelta(minutes=30)
# Only what stayed away so long is over: no longer pause lies between two attempts, so a shorter calm may be a mere pause.
CALM = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble. ``subject``: which Zoom user, where it is about one; ``count``: rows, or minutes of silence; ``since``: from when."""

    kind: Kind
    subject: str = ""
    count: int = 0
    since: datetime | None = None

    @property
    def name(self) -> tuple[str, str]:
        """What tells one trouble from another."""
        return self.kind.value, self.subject


@dataclass(frozen=True, slots=True)
class Queue:
    """One outbox: how many rows wait, since when the oldest does, how many were given up.

    ``late_since``, ``lost``: the same without those rows that stand for a trouble told apart.
    """

    waiting: int = 0
    oldest: datetime | None = None
    given_up: int = 0
    late_since: datetime | None = None
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Host:
    """One Zoom user in use: whether Zoom's own record or a refusal speaks against it, whether Zoom said that its day is spent."""

    email: str
    is_fit: bool = True
    calls: int = 0
    is_spent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What was seen at ``wall``. ``beats``: the latest moments at which the regular work ran, the oldest first; ``web``: when the portal last
    answered. ``unsafe``, ``not_authorised``: how many meetings say so; ``refused``: the last look at Zoom says so."""

    wall: datetime
    mails: Queue = Queue()
    meetings: Queue = Queue()
    notices: Queue = Queue()
    unsafe: int = 0
    not_authorised: int = 0
    refused: bool = False
    missing_scopes: Sequence[str] = ()
    strangers: int = 0
    hosts: Sequence[Host] = ()
    beats: Sequence[datetime] = ()
    web: datetime | None = None


def troubles(seen: Measured) -> tuple[Trouble, ...]:
    """Every trouble there is at this moment, each once."""
    parts = (_machinery(seen), _zoom(seen), _hosts(seen.hosts), _outboxes(seen))
    return tuple(sorted(chain(*parts), key=lambda trouble: (list(Kind).index(trouble.kind), trouble.subject)))


def standstill(beats: Sequence[datetime], *, wall: datetime) -> tuple[datetime, datetime] | None:
    """The latest silence of the regular work that is still news, up to now where it goes on; nothing is known before the first beat."""
    gaps = [(gone, back) for gone, back in pairwise((*beats, wall)) if back - gone >= SILENCE_ALLOWED and wall - back < STANDSTILL_IS_NEWS]
    return gaps[-1] if gaps else None


def _machinery(seen: Measured) -> Iterator[Trouble]:
    if gap := standstill(seen.beats, wall=seen.wall):
        yield Trouble(Kind.BEAT, count=int((gap[1] - gap[0]).total_seconds() // 60), since=gap[0])
    if not seen.beats or _waits(seen.beats[-1], SILENCE_ALLOWED, seen.wall):
        return  # nobody has asked the portal whether it answers
    asked_since = _runs_since(seen.beats)
    last = max(seen.web or asked_since, asked_since)
    if _waits(last, SILENCE_ALLOWED, seen.wall):
        yield Trouble(Kind.WEB, since=last)


def _runs_since(beats: Sequence[datetime]) -> datetime:
    """Since when the regular work has run without a standstill."""
    returns = [back for gone, back in pairwise(beats) if back - gone >= SILENCE_ALLOWED]
    return returns[-1] if returns else beats[0]


def _zoom(seen: Measured) -> Iterator[Trouble]:
    scopes = len(seen.missing_scopes)
    if not scopes and (seen.not_authorised or seen.refused):  # an app that lacks a scope is refused for that
        yield Trouble(Kind.NOT_AUTHORISED, count=seen.not_authorised)
    for kind, count in ((Kind.SCOPES, scopes), (Kind.UNSAFE, seen.unsafe), (Kind.STRANGERS, seen.strangers)):
        if count:
            yield Trouble(kind, count=count)


def _hosts(hosts: Sequence[Host]) -> Iterator[Trouble]:
    for host in hosts:
        if not host.is_fit:
            yield Trouble(Kind.HOST, host.email)
        if host.is_spent or host.calls >= CALLS_A_DAY:
            yield Trouble(Kind.QUOTA, host.email, count=host.calls)


def _outboxes(seen: Measured) -> Iterator[Trouble]:
    if _waits(seen.meetings.late_since, MEETING_MAY_WAIT, seen.wall):
        yield Trouble(Kind.MEETING_WAITS, count=seen.meetings.waiting, since=seen.meetings.late_since)
    if seen.meetings.lost:
        yield Trouble(Kind.MEETING_GIVEN_UP, count=seen.meetings.lost)
    if _waits(seen.mails.late_since, MAIL_MAY_WAIT, seen.wall):
        yield Trouble(Kind.MAIL_WAITS, count=seen.mails.waiting, since=seen.mails.late_since)
    if seen.mails.lost:
        yield Trouble(Kind.MAIL_GIVEN_UP, count=seen.mails.lost)
    if seen.notices.lost or _waits(seen.notices.late_since, NOTICE_MAY_WAIT, seen.wall):
        yield Trouble(Kind.NOTICE_WAITS, count=seen.notices.waiting + seen.notices.lost, since=seen.notices.late_since)


def _waits(since: datetime | None, limit: timedelta, wall: datetime) -> bool:
    return since is not None and wall - since >= limit
