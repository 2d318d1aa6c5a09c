"""Which requests one press confirms: those against which nothing the portal knows speaks (decision 0016)."""

from dataclasses import dataclass
from datetime import datetime

from booking.rules.lifecycle import State
from booking.rules.slots import is_late


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is known of a request. ``eligible``: the last look found nothing else than a registration, or nobody has looked yet."""

    state: State
    starts_at: datetime
    verified: bool
    numbered: bool
    eligible: bool
    held: bool
    contacted: bool


def is_plain(request: Request, *, now: datetime) -> bool:
    """A verified person with a number asks for a time that is held; nothing was said since, and nothing is late (C2-1a, C6-1-1b)."""
    registered = request.verified and request.numbered and request.eligible
    as_asked = request.state is State.REQUESTED and request.held and not request.contacted
    return registered and as_asked and not is_late(request.starts_at, now=now)
