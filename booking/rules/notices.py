"""What an event of the video service means for a session: who is there, and what must not be (C6-1-4b, C12-2)."""

from datetime import datetime, timedelta
from enum import Enum, auto

from booking.rules.interval import Interval

# Whoever waits at the door this early waits for this session: nobody is to be closed out of it who was too early.
EARLY = timedelta(hours=1)

_CAME = frozenset(
    f"meeting.participant_{what}"
    for what in ("joined", "joined_waiting_room", "put_in_waiting_room", "admitted", "jbh_waiting", "jbh_joined")
)
_RECORDING = ("recording.",)
_AI = ("meeting.summary_", "meeting.ai_companion_", "meeting.aic_")
# By us or by hand at Zoom's own pages: an event does not say by whom.
_CHANGES = frozenset({"meeting.updated", "meeting.deleted", "meeting.permanently_deleted", "meeting.recovered"})
_BEGINNINGS = ("started", "resumed")


class Meaning(Enum):
    """What to do about an event. ``CHANGED``: the meeting may no longer be as it was made. What only informs (somebody left, the meeting ended) is kept and needs nothing done."""

    GUEST_CAME = auto()
    HOST_CAME = auto()
    RECORDED = auto()
    LISTENED_TO = auto()
    CHANGED = auto()
    NOTHING = auto()


def meaning(event: str, *, is_host: bool) -> Meaning:
    """What the event means; one that nobody knows means nothing."""
    if event in _CAME:
        return Meaning.HOST_CAME if is_host else Meaning.GUEST_CAME
    if event == "meeting.started":
        return Meaning.HOST_CAME
    if event in _CHANGES:
        return Meaning.CHANGED
    if event.startswith(_RECORDING):
        return Meaning.RECORDED
    return Meaning.LISTENED_TO if event.startswith(_AI) else Meaning.NOTHING


def begins(event: str) -> bool:
    """Whether this is a beginning, after which an alarm that was already seen to is loud again."""
    return event.endswith(_BEGINNINGS)


def is_about(starts_at: datetime, ends_at: datetime, happened_at: datetime) -> bool:
    """Whether what happened then belongs to the session at this time: a meeting keeps its number when its session moves."""
    return Interval(starts_at - EARLY, ends_at).contains(happened_at)


def portal_time(happened_at: datetime, *, now: datetime, wall: datetime) -> datetime:
    """Zoom's moment by the portal's clock, which a demo may have shifted; never later than now."""
    return min(happened_at + (now - wall), now)
