"""Seminars and company tours: their states, their seats and the waiting list (document S, articles 4, 6 and 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

ANSWER_WITHIN = timedelta(hours=24)
# Nobody of many is sent out in the middle of a sentence: the meeting stands a little longer than was announced.
OVERRUN = timedelta(hours=1)


class State(StrEnum):
    """Where a seminar stands. Whether it runs at this moment is told by the clock, never by a state."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUSPENDED = "suspended"
    ENDED_EARLY = "ended_early"
    CANCELLED = "cancelled"
    HELD = "held"


class Event(StrEnum):
    """What happens to a seminar, in the order in which buttons stand. Suspending and ending are the office's powers of article 8 (S8-1)."""

    CREATE = "create"
    CHANGE = "change"
    PUBLISH = "publish"
    SUSPEND = "suspend"
    RESUME = "resume"
    END_EARLY = "end_early"
    CANCEL = "cancel"
    CLOSE = "close"


# (state, event) → next state. Only staff do any of it.
TABLE: Mapping[tuple[State | None, Event], State] = MappingProxyType(
    {
        (None, Event.CREATE): State.DRAFT,
        (State.DRAFT, Event.CHANGE): State.DRAFT,
        (State.DRAFT, Event.PUBLISH): State.PUBLISHED,
        (State.DRAFT, Event.CANCEL): State.CANCELLED,
        (State.PUBLISHED, Event.CHANGE): State.PUBLISHED,
        (State.PUBLISHED, Event.SUSPEND): State.SUSPENDED,
        (State.PUBLISHED, Event.END_EARLY): State.ENDED_EARLY,
        (State.PUBLISHED, Event.CANCEL): State.CANCELLED,
        (State.PUBLISHED, Event.CLOSE): State.HELD,
        (State.SUSPENDED, Event.RESUME): State.PUBLISHED,
        (State.SUSPENDED, Event.END_EARLY): State.ENDED_EARLY,
        (State.SUSPENDED, Event.CANCEL): State.CANCELLED,
    }
)
OCCUPYING = frozenset({State.PUBLISHED, State.SUSPENDED})  # in these the counsellor's and the host's time is taken
NEEDS_REASON = frozenset({Event.SUSPEND, Event.END_EARLY, Event.CANCEL})


def should_meet(state: State, ends_at: datetime, *, now: datetime) -> bool:
    """Whether the meeting is wanted now. What is only suspended may go on, so its meeting stays, and nobody is let in."""
    return state in OCCUPYING and now < ends_at + OVERRUN


class NotAllowed(Exception):
    """The table has no such step."""

    def __init__(self, state: State | None, event: Event) -> None:
        super().__init__(f"{event} is not allowed in state {state}")
        self.state = state
        self.event = event


def next_state(state: State | None, event: Event, *, begun: bool) -> State:
    """The state after the event. Raises NotAllowed.

    What has begun is ended early, not cancelled; what has not begun is cancelled, and neither ended nor closed.
    """
    after = TABLE.get((state, event))
    if after is None or (event is Event.CANCEL and begun) or (event in (Event.END_EARLY, Event.CLOSE) and not begun):
        raise NotAllowed(state, event)
    return after


def legal_events(state: State, *, begun: bool) -> tuple[Event, ...]:
    """What staff may do now, in the order of ``Event``."""
    return tuple(event for event in Event if _is_legal(state, event, begun=begun))


def _is_legal(state: State, event: Event, *, begun: bool) -> bool:
    try:
        next_state(state, event, begun=begun)
    except NotAllowed:
        return False
    return True


class Seat(StrEnum):
    """Where a registration stands."""

    SEATED = "seated"
    WAITING = "waiting"
    OFFERED = "offered"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    REMOVED = "removed"


# An offered seat is kept for whoever has it in hand.
TAKING = frozenset({Seat.SEATED, Seat.OFFERED})
OPEN_SEATS = TAKING | {Seat.WAITING}


class Closed(StrEnum):
    """Why nobody can register now."""

    NOT_YET = "not_yet"
    OVER = "over"
    NOT_OPEN = "not_open"
    FULL = "full"


@dataclass(frozen=True, kw_only=True)
class Times:
    """A seminar's moments."""

    opens_at: datetime
    closes_at: datetime
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if not self.opens_at < self.closes_at <= self.starts_at < self.ends_at:
            raise ValueError("registration opens before it closes, closes by the start, and the start lies before the end")


class Door(StrEnum):
    """Why somebody is not let in, or not yet."""

    TOO_EARLY = "too_early"
    OVER = "over"
    SUSPENDED = "suspended"
    NO_SEAT = "no_seat"


def door(state: State, seat: Seat | None, times: Times, *, opens_minutes: int, now: datetime) -> Door | None:
    """What keeps this person out of the meeting now; None where they may go in. ``seat`` None: somebody who gives it."""
    if state not in OCCUPYING or now >= times.ends_at + OVERRUN:
        return Door.OVER
    if seat not in (None, Seat.SEATED):
        return Door.NO_SEAT
    if state is State.SUSPENDED:
        return Door.SUSPENDED
    return Door.TOO_EARLY if now < times.starts_at - timedelta(minutes=opens_minutes) else None


def host_door(state: State, times: Times, *, opens_minutes: int, now: datetime) -> Door | None:
    """What keeps the office itself out. While it is suspended somebody has to tell those who are there."""
    as_if = State.PUBLISHED if state is State.SUSPENDED else state
    return door(as_if, None, times, opens_minutes=opens_minutes, now=now)


def closed(state: State, times: Times, *, now: datetime) -> Closed | None:
    """Why nobody can register now; None where it is possible. Registration is half-open: at ``closes_at`` it is over."""
    if state is not State.PUBLISHED:
        return Closed.NOT_OPEN
    if now < times.opens_at:
        return Closed.NOT_YET
    return Closed.OVER if now >= times.closes_at else None


class Room(StrEnum):
    """How many seats are left, as it is said in public: never how many people there are."""

    FREE = "free"
    FEW = "few"
    FULL = "full"


def room(capacity: int, taken: int, waiting: int) -> Room:
    """A fifth of the seats, and the last one of a small event, are few; where anybody waits it is full: nobody overtakes them."""
    if seat_for(capacity, taken, waiting) is Seat.WAITING:
        return Room.FULL
    return Room.FEW if capacity - taken <= max(capacity // 5, 1) else Room.FREE


def seat_for(capacity: int, taken: int, waiting: int, places: int | None = None) -> Seat | None:
    """What a new registration gets: nobody overtakes those who wait already, and no more wait than there are ``places`` in the waiting list.

    ``places`` None: as many as come. None: neither a seat nor a place.
    """
    if taken < capacity and not waiting:
        return Seat.SEATED
    return Seat.WAITING if places is None or waiting < places else None


@dataclass(frozen=True, slots=True)
class Queued:
    """A registration as the waiting list sees it; ``id`` rises with the order in which people came."""

    id: int
    seat: Seat
    answer_by: datetime | None = None


def lapsed(queue: Sequence[Queued], *, now: datetime) -> list[int]:
    """The offers that nobody answered in time: at ``answer_by`` it is too late."""
    return [row.id for row in queue if row.seat is Seat.OFFERED and row.answer_by is not None and now >= row.answer_by]


def next_in_line(capacity: int, queue: Sequence[Queued], starts_at: datetime, *, now: datetime) -> list[int]:
    """Who is offered a seat now, first come first: as many as there are free seats, and nobody from the start on."""
    if now >= starts_at:
        return []
    free = capacity - sum(row.seat in TAKING for row in queue)
    waiting = sorted(row.id for row in queue if row.seat is Seat.WAITING)
    return waiting[: max(free, 0)]


def answer_by(starts_at: datetime, *, now: datetime) -> datetime:
    """Until when an offered seat is kept: a day, and never beyond the start."""
    return min(now + ANSWER_WITHIN, starts_at)
