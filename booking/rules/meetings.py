"""When a meeting should exist, and the rhythm of trying to make it so."""

from datetime import datetime, timedelta

from booking.rules.interval import Interval
from booking.rules.lifecycle import State

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 30, 60, 120, 300, 600, 900))
MAX_ATTEMPTS = 40  # about eight hours: a whole working day of a silent service stays visible before it is given up

# After an unclear answer, how long to wait before the service's list is trusted to show what it may have made.
UNCLEAR_WAIT = timedelta(seconds=30)

# Credentials and scopes are put right by a person: how long to wait where nobody says that they have been.
UNTIL_OPERATOR = timedelta(minutes=15)


def should_exist(state: State, starts_at: datetime, ends_at: datetime, *, by_phone: bool, now: datetime) -> bool:
    """Whether a booking in this state wants a meeting now: confirmed, not over, and not held by telephone.

    ValueError if it would not end after it starts.
    """
    return state is State.CONFIRMED and not by_phone and now < Interval(starts_at, ends_at).end


def retry_at(attempts: int, wall: datetime, *, after: timedelta | None = None) -> datetime:
    """When to try again after so many failed attempts (1 or more), in real time.

    `after` is the pause the service itself asked for; it wins when it is the longer one.
    """
    pause = PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]
    return wall + max(pause, after or pause)


def gives_up(attempts: int) -> bool:
    """Whether so many failed attempts are enough: the row then waits for staff to press "try again"."""
    return attempts >= MAX_ATTEMPTS
