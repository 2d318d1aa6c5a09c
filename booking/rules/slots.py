"""The slot rule: which starts can be had, why others cannot, and who gets the session.

`refusals` is the one judge. The page's grid (`offers`), the check of a POST (`check`) and the explanation for
operators all ask it, so that they cannot disagree (C6-1-1, C6-1-2-3; readings A1, A2, A5, A16, A17).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property

from booking.rules.calendar import Calendar, Day, tokyo, tokyo_date
from booking.rules.interval import Interval
from booking.rules.occupancy import SpansByDay, by_day, encloses, meets
from booking.rules.policy import Policy


@dataclass(frozen=True)
class Moments:
    """The three moments of a session day, aware, in Tokyo; each is the first moment that is too late."""

    request_closes: datetime
    answer_by: datetime
    confirm_limit: datetime


@dataclass(frozen=True)
class Busy:
    """Time of a counsellor that is taken, by a session or an absence. ``reserved``: by one that counts towards the capacity of a start."""

    span: Interval
    session: bool
    reserved: bool = True


@dataclass(frozen=True)
class Counsellor:
    """A counsellor with the spans on duty and the time taken; a session has to fit into one span of duty."""

    id: int
    duty: tuple[Interval, ...]
    busy: tuple[Busy, ...]
    default_host: int | None = None


@dataclass(frozen=True)
class Host:
    """A Zoom licence, good for one meeting at a time; `busy` includes the buffer after each meeting."""

    id: int
    busy: tuple[Interval, ...]


class Door(StrEnum):
    """Where a request comes in: the public form closes earlier than the office's own screens."""

    PUBLIC = "public"
    STAFF = "staff"


@dataclass(frozen=True)
class Applicant:
    """What the rule needs to know of a person; whoever has not signed in is `ANYBODY`."""

    verified: bool = False
    open_requests: int = 0


ANYBODY = Applicant()


class Reason(StrEnum):
    """Why a start cannot be had, in the order in which reasons are told."""

    NOT_A_START = "not_a_start"
    CLOSED_DAY = "closed_day"
    REQUEST_CLOSED = "request_closed"
    CONFIRM_LIMIT = "confirm_limit_passed"
    PAST = "past"
    OUTSIDE_HOURS = "outside_hours"
    BEYOND_HORIZON = "beyond_horizon"
    NOBODY_ON_DUTY = "nobody_on_duty"
    FULL = "full"
    COUNSELLOR_TAKEN = "counsellor_taken"
    HOST_TAKEN = "host_taken"
    FIRST_TIMERS_FULL = "first_timers_full"
    OPEN_REQUEST = "open_request"
    ELSEWHERE = "elsewhere"


class Mark(StrEnum):
    """The sign in the grid: 空きあり, 残りわずか, 満席 or 受付終了, 受付なし."""

    FREE = "○"
    FEW = "△"
    CLOSED = "×"
    NONE = "－"


class SlotRefused(Exception):
    """The start cannot be had, for these reasons."""

    def __init__(self, reasons: tuple[Reason, ...], start: datetime) -> None:
        super().__init__(f"{start.isoformat()}: {', '.join(reasons)}")
        self.reasons = reasons
        self.start = start


@dataclass(frozen=True)
class Offer:
    """One start of the grid; `places` says who is free, whatever the deadlines say."""

    start: datetime
    mark: Mark
    places: int
    reasons: tuple[Reason, ...]
    moments: Moments


@dataclass(frozen=True)
class Assignment:
    """The ids of the counsellor and the host who get a session."""

    counsellor: int
    host: int


@dataclass(frozen=True)
class _Sheet:
    """A counsellor's time by Tokyo day."""

    counsellor: Counsellor
    duty: SpansByDay
    away: SpansByDay
    sessions: SpansByDay
    reserved: SpansByDay


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Everything the rule looks at; `first_timers` counts the open requests of unverified people by session day."""

    policy: Policy
    calendar: Calendar
    counsellors: tuple[Counsellor, ...]
    hosts: tuple[Host, ...]
    first_timers: Mapping[date, int] = field(default_factory=dict)
    now: datetime

    @cached_property
    def sheets(self) -> tuple[_Sheet, ...]:
        """The counsellors' time, sorted into days once for all starts."""
        return tuple(_sheet(counsellor) for counsellor in self.counsellors)

    @cached_property
    def host_spans(self) -> tuple[tuple[int, SpansByDay], ...]:
        """The hosts' ids and taken time, lowest id first."""
        hosts = sorted(self.hosts, key=lambda host: host.id)
        return tuple((host.id, by_day(host.busy)) for host in hosts)


@dataclass(frozen=True)
class _Look:
    """Who could take a session at one start."""

    on_duty: bool
    free: list[_Sheet]
    hosts: list[int]
    places: int


def moments(session_day: date, calendar: Calendar, policy: Policy) -> Moments:
    """The deadlines of a session day (C6-1-1b, A1): two on the open day before, one at the day's first moment."""
    eve = calendar.previous_open_day(session_day)
    return Moments(
        request_closes=tokyo(eve, policy.request_closes_at),
        answer_by=tokyo(eve, policy.answer_by_at),
        confirm_limit=confirm_limit(session_day),
    )


def confirm_limit(session_day: date) -> datetime:
    """The first moment at which confirming is too late without a reason: the session day's first (C6-1-1b, A2)."""
    return tokyo(session_day, time(0))


def is_late(start: datetime, *, now: datetime) -> bool:
    """Whether a session of this start is confirmed only as an exception, with a reason."""
    return now >= confirm_limit(tokyo_date(start))


def reply_by(answer_by: datetime, limit: datetime, *, now: datetime) -> datetime:
    """Until when somebody is asked, or promises, to reply: never a moment that has passed, at the latest by the limit of confirmation."""
    return answer_by if now < answer_by else max(limit, now)


def starts_on(day: date, policy: Policy) -> tuple[datetime, ...]:
    """Every start of a day, open or not: whole slots within the blocks (ten by C6-1-2-3)."""
    slot = timedelta(minutes=policy.slot_minutes)
    found = []
    for opens, closes in policy.blocks:
        start, end = tokyo(day, opens), tokyo(day, closes)
        while start + slot <= end:
            found.append(start)
            start += slot
    return tuple(found)


def turns(now: datetime, policy: Policy) -> tuple[date, int]:
    """The day, and how many of the moments that can close a start to the public have come in it: while this stays, every offer does."""
    today = tokyo_date(now)
    closing = (tokyo(today, policy.request_closes_at), *starts_on(today, policy))
    return today, sum(moment <= now for moment in closing)


def span_of(start: datetime, policy: Policy) -> Interval:
    """The session that begins at the start (C6-1-1a)."""
    return Interval(start, start + timedelta(minutes=policy.slot_minutes))


def places(start: datetime, situation: Situation) -> int:
    """How many more sessions could begin at any moment, the calendar and the deadlines aside.

    The free counsellors on duty, as far as there are free hosts, capped by policy less the counsellors in a session then.
    """
    return _look(start, situation).places


def refusals(
    start: datetime,
    situation: Situation,
    *,
    door: Door = Door.PUBLIC,
    applicant: Applicant = ANYBODY,
    override: bool = False,
) -> tuple[Reason, ...]:
    """Every reason why this start cannot be had now, in the order of `Reason`; none means it can.

    A moment that is no start and a closed day are refused for that alone. `override` is staff's, with a reason
    recorded elsewhere, and lifts the limit of confirmation only (A2).
    """
    day = tokyo_date(start)
    if start not in starts_on(day, situation.policy):
        return (Reason.NOT_A_START,)
    standing = _standing(day, situation, door, applicant, override)
    return _reasons(start, situation, standing, _look(start, situation))


def check(
    start: datetime,
    situation: Situation,
    *,
    door: Door = Door.PUBLIC,
    applicant: Applicant = ANYBODY,
    override: bool = False,
) -> None:
    """Raise SlotRefused if there is any refusal."""
    reasons = refusals(start, situation, door=door, applicant=applicant, override=override)
    if reasons:
        raise SlotRefused(reasons, start)


def offers(
    days: Iterable[date],
    situation: Situation,
    *,
    door: Door = Door.PUBLIC,
    applicant: Applicant = ANYBODY,
    override: bool = False,
) -> list[tuple[Day, tuple[Offer, ...]]]:
    """The grid: every start of every given day, its reasons being those of `refusals`.

    The mark is that of the first reason. A person's own open request is among the reasons but leaves the marks as
    they are: they describe the office.
    """
    grid = []
    for day in days:
        standing = _standing(day, situation, door, applicant, override)
        deadlines = moments(day, situation.calendar, situation.policy)
        starts = starts_on(day, situation.policy)
        row = tuple(_offer(start, situation, standing, deadlines) for start in starts)
        grid.append((situation.calendar.day(day), row))
    return grid


def assign(start: datetime, situation: Situation, *, counsellor: int | None = None, host: int | None = None) -> Assignment:
    """Who gets a session at this moment: free, least loaded that day, then lowest id; wanted ids are respected.

    Raises SlotRefused with NOBODY_ON_DUTY, with FULL when nobody is free, with COUNSELLOR_TAKEN or HOST_TAKEN when
    the wanted one is not. Neither the calendar nor the deadlines are asked: `check` does that.
    """
    look = _look(start, situation)
    if not look.on_duty:
        raise SlotRefused((Reason.NOBODY_ON_DUTY,), start)
    free = [sheet for sheet in look.free if counsellor in (None, sheet.counsellor.id)]
    hosts = [each for each in look.hosts if host in (None, each)]
    for found, reason in ((look.places, Reason.FULL), (free, Reason.COUNSELLOR_TAKEN), (hosts, Reason.HOST_TAKEN)):
        if not found:
            raise SlotRefused((reason,), start)
    day = tokyo_date(start)
    chosen = min(free, key=lambda sheet: (len(sheet.sessions.get(day, ())), sheet.counsellor.id)).counsellor
    return Assignment(chosen.id, _host_for(chosen, hosts, situation))


def _host_for(chosen: Counsellor, free: list[int], situation: Situation) -> int:
    """The counsellor's own host if free, else the first free one, others' defaults last."""
    if chosen.default_host in free:
        return chosen.default_host
    others = {each.default_host for each in situation.counsellors if each.id != chosen.id}
    return min(free, key=lambda host: (host in others, host))


def _standing(day: date, situation: Situation, door: Door, applicant: Applicant, override: bool) -> frozenset[Reason]:
    """The reasons that hold for every start of the day."""
    if not situation.calendar.day(day).is_open:
        return frozenset({Reason.CLOSED_DAY})
    policy, now = situation.policy, situation.now
    deadlines = moments(day, situation.calendar, policy)
    public = door is Door.PUBLIC
    cap = policy.first_timers_per_day
    first_timers_full = cap is not None and situation.first_timers.get(day, 0) >= cap
    holds = {
        Reason.REQUEST_CLOSED: public and now >= deadlines.request_closes,
        Reason.CONFIRM_LIMIT: not public and not override and now >= deadlines.confirm_limit,
        Reason.BEYOND_HORIZON: day > tokyo_date(now) + timedelta(days=policy.horizon_days),
        Reason.FIRST_TIMERS_FULL: public and not applicant.verified and first_timers_full,
        Reason.OPEN_REQUEST: applicant.open_requests >= policy.open_requests_per_person,
    }
    return frozenset(reason for reason, true in holds.items() if true)


def _reasons(start: datetime, situation: Situation, standing: frozenset[Reason], look: _Look) -> tuple[Reason, ...]:
    if Reason.CLOSED_DAY in standing:
        return (Reason.CLOSED_DAY,)
    found = set(standing)
    if situation.now >= start:
        found.add(Reason.PAST)
    if not look.on_duty:
        found.add(Reason.NOBODY_ON_DUTY)
    elif not look.places:
        found.add(Reason.FULL)
    return tuple(reason for reason in Reason if reason in found) if found else ()


def _offer(start: datetime, situation: Situation, standing: frozenset[Reason], deadlines: Moments) -> Offer:
    look = _look(start, situation)
    reasons = _reasons(start, situation, standing, look)
    return Offer(start, _mark(reasons, look.places, situation.policy), look.places, reasons, deadlines)


def _mark(reasons: tuple[Reason, ...], free: int, policy: Policy) -> Mark:
    """The mark of the first reason; with a cap of one there is nothing between ○ and ×."""
    told = [reason for reason in reasons if reason is not Reason.OPEN_REQUEST]
    if told:
        never = told[0] in (Reason.NOBODY_ON_DUTY, Reason.BEYOND_HORIZON)
        return Mark.NONE if never else Mark.CLOSED
    several = policy.capacity_per_start is None or policy.capacity_per_start > 1
    return Mark.FEW if several and free <= policy.few_places else Mark.FREE


def _look(start: datetime, situation: Situation) -> _Look:
    policy, day = situation.policy, tokyo_date(start)
    begin = start.timestamp()
    end = begin + policy.slot_minutes * 60
    host_end = end + policy.host_buffer_minutes * 60
    present = [sheet for sheet in situation.sheets if _available(sheet, day, begin, end)]
    free = [sheet for sheet in present if not meets(sheet.sessions.get(day, ()), begin, end)]
    hosts = [host for host, busy in situation.host_spans if not meets(busy.get(day, ()), begin, host_end)]
    room = min(len(free), len(hosts))
    if room and policy.capacity_per_start is not None:
        in_session = sum(meets(sheet.reserved.get(day, ()), begin, end) for sheet in situation.sheets)
        room = max(0, min(room, policy.capacity_per_start - in_session))
    return _Look(bool(present), free, hosts, room)


def _available(sheet: _Sheet, day: date, begin: float, end: float) -> bool:
    """Whether the counsellor is on duty and not away; sessions aside."""
    return encloses(sheet.duty.get(day, ()), begin, end) and not meets(sheet.away.get(day, ()), begin, end)


def _sheet(counsellor: Counsellor) -> _Sheet:
    sessions = [busy for busy in counsellor.busy if busy.session]
    reserved = [busy for busy in sessions if busy.reserved]
    by_session = by_day(busy.span for busy in sessions)
    return _Sheet(
        counsellor,
        duty=by_day(counsellor.duty),
        away=by_day(busy.span for busy in counsellor.busy if not busy.session),
        sessions=by_session,
        reserved=by_session if len(reserved) == len(sessions) else by_day(busy.span for busy in reserved),
    )
