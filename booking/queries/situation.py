"""The inputs of the slot rule: policy, calendar, who works when, what is occupied."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from booking.models import Booking, Closure, Hold
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

# One statement, so that all of it is seen at one moment; moments as seconds since 1970, because reading hundreds of ranges as Python's
# datetimes took a quarter of the slot page's time. The holds first by their end: what is over, nearly all of them, is never walked through.
_FACTS = """\
SELECT json_build_object(
  'policy', (SELECT json_agg(json_build_array(key, value) ORDER BY holds_from, id) FROM booking_policyvalue WHERE holds_from <= %(now)s),
  'closures', (SELECT json_agg(json_build_array(date, is_open, label) ORDER BY date) FROM booking_closure
    WHERE date BETWEEN %(calendar_from)s AND %(calendar_until)s),
  'counsellors', (SELECT json_agg(json_build_array(id, default_host_id) ORDER BY id) FROM booking_counsellor WHERE is_active),
  'duty', (SELECT json_agg(json_build_array(counsellor_id, weekday, starts, ends, since, until) ORDER BY id) FROM booking_dutyhours
    WHERE since <= %(last)s AND (until IS NULL OR until >= %(first)s)),
  'hosts', (SELECT json_agg(id ORDER BY id) FROM booking_zoomhost WHERE is_active),
  'holds', (SELECT json_agg(json_build_array(counsellor_id, host_id, kind,
      EXTRACT(EPOCH FROM lower(span))::float8, EXTRACT(EPOCH FROM upper(span))::float8,
      EXTRACT(EPOCH FROM lower(host_span))::float8, EXTRACT(EPOCH FROM upper(host_span))::float8) ORDER BY id) FROM booking_hold
    WHERE upper(span) > %(begin)s AND lower(span) < %(end)s AND booking_id IS DISTINCT FROM %(without)s),
  'first_timers', CASE WHEN EXISTS (SELECT FROM booking_policyvalue WHERE key = 'first_timers_per_day' AND holds_from <= %(now)s) THEN (
    SELECT json_agg((starts_at AT TIME ZONE 'Asia/Tokyo')::date) FROM booking_booking
    JOIN accounts_person person ON person.id = applicant_id AND person.verified_at IS NULL
    WHERE kind = %(reserved)s AND state = ANY(%(holding)s) AND starts_at >= %(begin)s AND starts_at < %(end)s
      AND booking_booking.id <> %(without)s) END
)::text
"""
_POLICY = "SELECT key, value FROM booking_policyvalue WHERE holds_from <= %s ORDER BY holds_from, id"


def policy_at(now: datetime) -> Policy:
    """The policy that holds at ``now``. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_POLICY, [now])
        return _policy(cursor.fetchall())


def _policy(rows: Iterable[tuple[str, str]]) -> Policy:
    """Of several rows of one key the last one holds."""
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


def situation(first: date, last: date, *, now: datetime, without: Booking | None = None) -> Situation:
    """Everything the slot rule must know to judge the days ``first`` to ``last``. One query.

    ``without``: a booking whose own holds do not count, because it is being moved.
    """
    return situation_of(facts(first, last, now=now, without=without), first, last, now=now)


def facts(first: date, last: date, *, now: datetime, without: Booking | None = None) -> str:
    """What the situation of these days rests on, as the database writes it: the same text is the same situation. One query."""
    asked: dict[str, Any] = {
        "now": now,
        "first": first,
        "last": last,
        "calendar_from": first - LOOK_BACK,
        "calendar_until": last + LOOK_AHEAD,
        "begin": tokyo(first, time()),
        "end": tokyo(last + days.ONE_DAY, time()),
        "reserved": Kind.RESERVED.value,
        "holding": [state.value for state in HOLDING],
        "without": without.pk if without else 0,  # which no booking has
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, asked)
        found: str = cursor.fetchone()[0]
    return found


def situation_of(facts: str, first: date, last: date, *, now: datetime) -> Situation:
    """The situation that these ``facts`` of the same days describe."""
    seen: dict[str, list[Any]] = {name: rows or [] for name, rows in json.loads(facts).items()}
    closures = (Day(date.fromisoformat(day), is_open, label) for day, is_open, label in seen["closures"])
    return Situation(
        policy=_policy(seen["policy"]),
        calendar=Calendar({day.date: day for day in closures}),
        counsellors=_counsellors(seen, first, last),
        hosts=_hosts(seen),
        first_timers=Counter(map(date.fromisoformat, seen["first_timers"])),
        now=now,
    )


def _counsellors(seen: Mapping[str, list[Any]], first: date, last: date) -> tuple[slots.Counsellor, ...]:
    busy: dict[int, list[slots.Busy]] = defaultdict(list)
    for counsellor, _host, kind, begins, ends, *_host_span in seen["holds"]:
        taken = slots.Busy(_between(begins, ends), session=kind != Hold.Kind.ABSENCE, reserved=kind in RESERVED)
        busy[counsellor].append(taken)
    duty: dict[int, list[Interval]] = defaultdict(list)
    for counsellor, *hours in seen["duty"]:
        duty[counsellor] += _duty_spans(hours, first, last)
    return tuple(slots.Counsellor(pk, tuple(duty[pk]), tuple(busy[pk]), default_host) for pk, default_host in seen["counsellors"])


def _duty_spans(hours: Sequence[Any], first: date, last: date) -> list[Interval]:
    """These weekly hours on each of the days."""
    weekday, starts, ends, since, until = hours
    begin, end = max(first, date.fromisoformat(since)), min(last, date.fromisoformat(until)) if until else last
    opens, closes = time.fromisoformat(starts), time.fromisoformat(ends)
    return [Interval(tokyo(day, opens), tokyo(day, closes)) for day in days.each_week(weekday, begin, end)]


def _hosts(seen: Mapping[str, list[Any]]) -> tuple[slots.Host, ...]:
    busy: dict[int, list[Interval]] = defaultdict(list)
    for _counsellor, host, _kind, _begins, _ends, *host_span in seen["holds"]:
        if host is not None:
            busy[host].append(_between(*host_span))
    return tuple(slots.Host(pk, tuple(busy[pk])) for pk in seen["hosts"])


def _between(begins: float, ends: float) -> Interval:
    return Interval(datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(ends, UTC))


def free_starts(applicant: slots.Applicant, *, now: datetime) -> list[datetime]:
    """The starts of the grid that this applicant could choose now, the earliest first. Two queries."""
    today = tokyo_date(now)
    last = today + days.ONE_DAY * policy_at(now).horizon_days
    seen = situation(today, last, now=now)
    grid = slots.offers([today + days.ONE_DAY * offset for offset in range((last - today).days + 1)], seen, applicant=applicant)
    return [offer.start for _day, row in grid for offer in row if offer.mark in (slots.Mark.FREE, slots.Mark.FEW)]
