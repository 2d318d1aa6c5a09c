"""The inputs of the slot rule: policy, calendar, who works when, what is occupied."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import FloatField, Func, Q
from django.db.models.functions import Lower, Upper

from booking.models import Booking, Closure, Counsellor, DutyHours, Hold, PolicyValue, ZoomHost
from booking.models.bookings import Kind
from booking.rules import calendar as days
from booking.rules import slots
from booking.rules.calendar import Calendar, Day, tokyo, tokyo_date
from booking.rules.interval import Interval
from booking.rules.lifecycle import HOLDING
from booking.rules.policy import Policy
from booking.rules.slots import Situation

LOOK_BACK = timedelta(days=60)  # as far as the calendar may look for the previous open day
LOOK_AHEAD = timedelta(days=60)
RESERVED = (Hold.Kind.RESERVATION, Hold.Kind.PROPOSAL)


class _Seconds(Func):
    """A moment as seconds since 1970: reading hundreds of ranges as Python's datetimes took a quarter of the slot page's time."""

    template = "EXTRACT(EPOCH FROM %(expressions)s)::float8"
    output_field = FloatField()


SECONDS = (_Seconds(Lower("span")), _Seconds(Upper("span")), _Seconds(Lower("host_span")), _Seconds(Upper("host_span")))


@dataclass(frozen=True, slots=True)
class _Held:
    """A hold as the rule needs it; ``host_span`` where a host is held too."""

    counsellor: int
    host: int | None
    kind: str
    span: Interval
    host_span: Interval | None


def policy_at(now: datetime) -> Policy:
    """The policy that holds at ``now``. One query."""
    rows = PolicyValue.objects.filter(holds_from__lte=now).order_by("holds_from", "pk").values_list("key", "value")
    return replace(Policy(), **{key: _policy_value(key, value) for key, value in rows})


def _policy_value(key: str, value: str) -> Any:
    if key.endswith("_at"):
        return time.fromisoformat(value)
    return int(value) if value else None


def calendar_between(first: date, last: date) -> Calendar:
    """The office's calendar around these days: the law's, overridden by the rows of the closing days. One query."""
    rows = Closure.objects.filter(date__range=(first - LOOK_BACK, last + LOOK_AHEAD)).values_list("date", "is_open", "label")
    return Calendar({day: Day(day, is_open, label) for day, is_open, label in rows})


def moments_of(start: datetime, *, now: datetime) -> slots.Moments:
    """The three moments of the day on which this session begins, as policy and calendar stand. Two queries."""
    day = tokyo_date(start)
    return slots.moments(day, calendar_between(day, day), policy_at(now))


def wished_situation(*, now: datetime) -> Situation:
    """What a wish is judged by before anybody looks for a counsellor and a host: policy and calendar as far as the horizon. Two queries."""
    policy, today = policy_at(now), tokyo_date(now)
    calendar = calendar_between(today, today + timedelta(days=policy.horizon_days))
    return Situation(policy=policy, calendar=calendar, counsellors=(), hosts=(), now=now)


def situation(first: date, last: date, *, now: datetime, without: Booking | None = None, policy: Policy | None = None) -> Situation:
    """Everything the slot rule must know to judge the days ``first`` to ``last``. Six queries, seven where first-timers are capped.

    ``without``: a booking whose own holds do not count, because it is being moved. ``policy``: where whoever asks has just read it.
    """
    policy = policy or policy_at(now)
    holds = _holds_between(first, last, without)
    return Situation(
        policy=policy,
        calendar=calendar_between(first, last),
        counsellors=_counsellors(first, last, holds),
        hosts=_hosts(holds),
        first_timers=_first_timers(first, last, without) if policy.first_timers_per_day is not None else {},
        now=now,
    )


def _holds_between(first: date, last: date, without: Booking | None) -> list[_Held]:
    begin, end = tokyo(first, time()), tokyo(last + days.ONE_DAY, time())
    holds = Hold.objects.filter(span__startswith__lt=end, span__endswith__gt=begin)
    if without is not None:
        holds = holds.exclude(booking=without)
    return [_held(*row) for row in holds.values_list("counsellor_id", "host_id", "kind", *SECONDS)]


def _held(counsellor: int, host: int | None, kind: str, *moments: float) -> _Held:
    """``moments``: beginning and end of the span, and of the host's, which mostly are the same."""
    span = _between(*moments[:2])
    if host is None:
        return _Held(counsellor, None, kind, span, None)
    return _Held(counsellor, host, kind, span, span if moments[:2] == moments[2:] else _between(*moments[2:]))


def _between(begins: float, ends: float) -> Interval:
    return Interval(datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(ends, UTC))


def _counsellors(first: date, last: date, holds: list[_Held]) -> tuple[slots.Counsellor, ...]:
    busy: dict[int, list[slots.Busy]] = defaultdict(list)
    for held in holds:
        busy[held.counsellor].append(slots.Busy(held.span, session=held.kind != Hold.Kind.ABSENCE, reserved=held.kind in RESERVED))
    duty: dict[int, list[DutyHours]] = defaultdict(list)
    for hours in DutyHours.objects.filter(Q(until=None) | Q(until__gte=first), since__lte=last):
        duty[hours.counsellor_id].append(hours)
    return tuple(
        slots.Counsellor(row.pk, _duty_spans(duty[row.pk], first, last), tuple(busy[row.pk]), row.default_host_id)
        for row in Counsellor.objects.filter(is_active=True).order_by("pk")
    )


def _duty_spans(hours: list[DutyHours], first: date, last: date) -> tuple[Interval, ...]:
    days_asked = [first + days.ONE_DAY * offset for offset in range((last - first).days + 1)]
    return tuple(
        Interval(tokyo(day, row.starts), tokyo(day, row.ends))
        for day in days_asked
        for row in hours
        if row.weekday == day.weekday() and row.since <= day and (row.until is None or day <= row.until)
    )


def _hosts(holds: list[_Held]) -> tuple[slots.Host, ...]:
    busy: dict[int, list[Interval]] = defaultdict(list)
    for held in holds:
        if held.host is not None and held.host_span is not None:
            busy[held.host].append(held.host_span)
    return tuple(
        slots.Host(pk, tuple(busy[pk])) for pk in ZoomHost.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True)
    )


def _first_timers(first: date, last: date, without: Booking | None) -> Mapping[date, int]:
    """Live bookings of people whom staff have not verified yet, per day in Tokyo."""
    counts: dict[date, int] = defaultdict(int)
    moved = [without.pk] if without else []
    rows = Booking.objects.filter(
        kind=Kind.RESERVED,
        state__in=[state.value for state in HOLDING],
        applicant__verified_at=None,
        starts_at__range=(tokyo(first, time()), tokyo(last + days.ONE_DAY, time())),
    ).exclude(pk__in=moved)
    for starts_at in rows.values_list("starts_at", flat=True):
        counts[tokyo_date(starts_at)] += 1
    return dict(counts)


def free_starts(applicant: slots.Applicant, *, now: datetime) -> list[datetime]:
    """The starts of the grid that this applicant could choose now, the earliest first. Six queries."""
    today, policy = tokyo_date(now), policy_at(now)
    last = today + days.ONE_DAY * policy.horizon_days
    seen = situation(today, last, now=now, policy=policy)
    grid = slots.offers([today + days.ONE_DAY * offset for offset in range((last - today).days + 1)], seen, applicant=applicant)
    return [offer.start for _day, row in grid for offer in row if offer.mark in (slots.Mark.FREE, slots.Mark.FEW)]
