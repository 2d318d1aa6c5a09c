"""Immediate sessions (article 6-2): who stands by, whether they are taken now, and when the next chance comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from booking.rules.calendar import tokyo_date
from booking.rules.interval import Interval
from booking.rules.office_hours import as_asked, hours_of, refusals
from booking.rules.policy import Policy
from booking.rules.slots import Counsellor, Reason, Situation, span_of

ONE_SECOND, ONE_MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Closed(StrEnum):
    """Why immediate sessions are not taken now."""

    CLOSED_DAY = "closed_day"
    OUTSIDE_HOURS = "outside_hours"
    NOBODY = "nobody"
    BUSY = "busy"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Standing:
    """How immediate sessions stand at this moment. ``closed``: why none is taken; None where they are, by ``free`` counsellors.

    ``next_at``: when one may be taken again as far as anybody can know: the end of a session, or the office's next opening; None where
    it depends on a counsellor's switch.
    """

    closed: Closed | None
    free: tuple[int, ...]
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Watch:
    """One counsellor at this moment: whether they are 受付中, and what keeps them: something under way, or so near that no session fits."""

    counsellor: int
    is_on: bool
    kept_by: Interval | None

    @property
    def is_ready(self) -> bool:
        """Whether a request may come to them now, as far as it lies with them."""
        return self.is_on and self.kept_by is None


def next_start(now: datetime) -> datetime:
    """When a session accepted now begins: at the next whole minute, never in the past (C6-2-1c)."""
    return now if not (now.second or now.microsecond) else now.replace(second=0, microsecond=0) + ONE_MINUTE


def stands_by(since: datetime | None, *, now: datetime) -> bool:
    """Whether a counsellor's switch still holds: it falls back to 休止 with the day."""
    return since is not None and tokyo_date(since) == tokyo_date(now)


def standing(situation: Situation, switches: Mapping[int, datetime | None], *, waiting: int = 0) -> Standing:
    """Whether immediate sessions are taken now. ``switches``: since when each counsellor is 受付中, by id.

    ``waiting``: how many requests wait for an answer; each of them may need one of the free counsellors. Off outside the opening hours, on a closed day, and for a counsellor whose next session is nearer than a session and the lead.
    """
    start = next_start(situation.now)
    if closed := _closed(start, situation):
        return Standing(closed, (), _next_opening(situation))
    on = {pk for pk, since in switches.items() if stands_by(since, now=situation.now)}
    ready = [each for each in as_asked(start, situation).counsellors if each.id in on]
    if not ready:
        return Standing(Closed.NOBODY, (), None)
    free = tuple(each.id for each in ready if _is_free(each, start, situation))
    if free and _has_host(start, situation):
        return Standing(None, free, None) if waiting < len(free) else Standing(Closed.QUEUE, (), None)
    return Standing(Closed.BUSY, (), _next_free(ready, start, situation) or _next_opening(situation))


def watches(situation: Situation, switches: Mapping[int, datetime | None]) -> tuple[Watch, ...]:
    """Every counsellor's watch at this moment, in the order of the situation; ``switches`` as in ``standing``: none is on while the office is closed."""
    now, start = situation.now, next_start(situation.now)
    is_open, needed = _closed(start, situation) is None, _needed(start, situation)
    return tuple(
        Watch(each.id, is_open and stands_by(switches.get(each.id), now=now), _kept_by(each, needed)) for each in situation.counsellors
    )


def expires_at(requested_at: datetime, policy: Policy) -> datetime:
    """Until when a request waits for the office (half-open): no longer than a session could still begin before it closes."""
    last_start = hours_of(tokyo_date(requested_at), policy).end - timedelta(minutes=policy.slot_minutes)
    return min(requested_at + timedelta(minutes=policy.immediate_wait_minutes), last_start + ONE_SECOND)


def _closed(start: datetime, situation: Situation) -> Closed | None:
    """Whether the office is closed now, or would be before a session's end."""
    reasons = refusals(start, situation)
    if Reason.CLOSED_DAY in reasons:
        return Closed.CLOSED_DAY
    opens = hours_of(tokyo_date(start), situation.policy).start
    return Closed.OUTSIDE_HOURS if reasons or situation.now < opens else None


def _needed(start: datetime, situation: Situation) -> Interval:
    """A session and the lead before whatever follows."""
    span = span_of(start, situation.policy)
    return Interval(span.start, span.end + timedelta(minutes=situation.policy.immediate_lead_minutes))


def _kept_by(counsellor: Counsellor, needed: Interval) -> Interval | None:
    """The first thing of the counsellor's that overlaps this time."""
    return min((busy.span for busy in counsellor.busy if busy.span.overlaps(needed)), key=lambda span: span.start, default=None)


def _is_free(counsellor: Counsellor, start: datetime, situation: Situation) -> bool:
    return _kept_by(counsellor, _needed(start, situation)) is None


def _has_host(start: datetime, situation: Situation) -> bool:
    span = span_of(start, situation.policy)
    needed = Interval(span.start, span.end + timedelta(minutes=situation.policy.host_buffer_minutes))
    return any(not any(busy.overlaps(needed) for busy in host.busy) for host in situation.hosts)


def _next_free(ready: list[Counsellor], start: datetime, situation: Situation) -> datetime | None:
    """The first moment today at which one of them is free again, a host too."""
    ends = {busy.span.end for each in ready for busy in each.busy} | {busy.end for host in situation.hosts for busy in host.busy}
    today = [end for end in sorted(ends) if end > start and not refusals(end, situation)]
    free = (end for end in today if _has_host(end, situation) and any(_is_free(each, end, situation) for each in ready))
    return next(free, None)


def _next_opening(situation: Situation) -> datetime | None:
    """When the office opens next: today where it has not opened yet."""
    today = tokyo_date(situation.now)
    hours = hours_of(today, situation.policy)
    if situation.calendar.day(today).is_open and situation.now < hours.start:
        return hours.start
    return hours_of(situation.calendar.next_open_day(today), situation.policy).start
