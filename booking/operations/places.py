"""Taking and giving back places. The order of locks is the same everywhere: days, starts ascending, counsellors, hosts.

Look, lock the chosen counsellors' rows, look again, insert, let the exclusion constraints speak (architecture §5). The lock per start
also makes the policy's cap exact, which no constraint can know; where first-timers are capped by the day, so does a lock per day.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.models import Booking, Counsellor, Hold, ZoomHost
from booking.queries import situation
from booking.rules import office_hours
from booking.rules.calendar import tokyo_date
from booking.rules.interval import Interval
from booking.rules.lifecycle import Kind
from booking.rules.policy import Policy
from booking.rules.slots import Applicant, Assignment, Busy, Door, Host, Reason, Situation, SlotRefused, assign, check, span_of

ATTEMPTS = 5
DAY_LOCK, KEY_LOCK = 1, 2  # PostgreSQL keeps locks of two numbers apart from those of one
HOLD_KINDS = {Kind.RESERVED: Hold.Kind.RESERVATION, Kind.AD_HOC: Hold.Kind.AD_HOC, Kind.INTERVIEW: Hold.Kind.INTERVIEW}
Result = TypeVar("Result")


class PlaceMoved(Exception):
    """Between looking and locking, somebody else changed the picture; start over."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a place is asked for: through which door, for whom, and what staff insist on.

    ``as_held``: the time is the booking's own already; calendar and deadlines were asked when it was given. ``office_hours``: neither the
    ten starts nor anybody's duty matter, only that the office is open (article 6-2, interviews); ``presence``: for so many minutes the
    counsellor is there, the meeting's host for the whole session.
    """

    door: Door
    applicant: Applicant = field(default_factory=Applicant)
    override: bool = False
    counsellor: int | None = None
    host: int | None = None
    as_held: bool = False
    office_hours: bool = False
    presence: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place found for one start. ``span``: the session; ``presence``: how long it occupies the counsellor."""

    start: datetime
    assignment: Assignment
    span: Interval
    host_span: Interval
    presence: Interval


def wish_of(booking: Booking, policy: Policy, **asked: Any) -> Wish:
    """How staff ask for a place of this booking: each kind by its own rule (C6-1-2-3, C6-2-1c)."""
    presence = policy.interview_presence_minutes if booking.kind == Kind.INTERVIEW else None
    return Wish(Door.STAFF, office_hours=booking.kind != Kind.RESERVED, presence=presence, **asked)


def kind_of(booking: Booking) -> Hold.Kind:
    """As what a booking that is not proposed only holds its place."""
    return HOLD_KINDS[booking.rule_kind]


def retrying(work: Callable[[], Result], *, start: datetime) -> Result:
    """Run ``work`` in a transaction of its own, again where another writer got in between; then the place is simply gone."""
    for _attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return work()
        except PlaceMoved:
            continue
        except OperationalError as error:
            if not _is_waiting_in_vain(error):
                raise
        except IntegrityError as error:
            if not _is_overlap(error):
                raise
    raise SlotRefused((Reason.FULL,), start)


def take(starts: Sequence[datetime], wish: Wish, *, now: datetime, without: Booking | None = None) -> list[Place]:
    """Find and lock a place for every start, inside the caller's transaction. Raises SlotRefused, PlaceMoved."""
    ordered = sorted(starts)
    days = sorted({tokyo_date(start) for start in ordered})
    look = partial(situation, days[0], days[-1], now=now, without=without)
    seen = look()
    first_look = find(ordered, wish, seen)
    if seen.policy.first_timers_per_day is not None:
        lock_days(days)
    lock_starts(ordered)
    lock_rows(first_look)
    if find(ordered, wish, look()) != first_look:
        raise PlaceMoved
    return first_look


def hold(booking: Booking, places: Sequence[Place], kind: Hold.Kind) -> None:
    """Insert the holds; the exclusion constraints are the last judge."""
    Hold.objects.bulk_create(
        Hold(
            counsellor_id=place.assignment.counsellor,
            host_id=place.assignment.host,
            kind=kind,
            span=as_range(place.presence),
            host_span=as_range(place.host_span),
            booking=booking,
        )
        for place in places
    )


def release(booking: Booking) -> None:
    """Give back every place this booking holds."""
    Hold.objects.filter(booking=booking).delete()


def as_range(span: Interval) -> DateTimeTZRange:
    return DateTimeTZRange(span.start, span.end, "[)")


def lock_days(days: Sequence[date]) -> None:
    """One transaction at a time per day: what is counted by the day is exact."""
    with connection.cursor() as cursor:
        for day in days:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [DAY_LOCK, day.toordinal()])


def lock_starts(starts: Sequence[datetime]) -> None:
    """One transaction at a time per start."""
    with connection.cursor() as cursor:
        for start in starts:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(start.timestamp())])


def lock_key(key: UUID) -> None:
    """One transaction at a time per form that was sent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [KEY_LOCK, key.int % 2**31])


def lock_rows(places: Sequence[Place]) -> None:
    """Lock the chosen counsellors' and hosts' rows, lowest id first."""
    lock_takers({place.assignment.counsellor for place in places}, {place.assignment.host for place in places})


def lock_takers(counsellors: Collection[int], hosts: Collection[int]) -> None:
    """Lock the rows of these counsellors, then of these hosts, lowest id first: before any of their holds goes or comes.

    Whoever gives a hold up first and names its counsellor afterwards may wait for somebody who waits for the hold.
    """
    for model, ids in ((Counsellor, counsellors), (ZoomHost, hosts)):
        list(model.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))


def place_of(start: datetime, assignment: Assignment, policy: Policy, *, presence: int | None = None) -> Place:
    """The place of a session that begins at the start; its host is kept a little longer, as policy asks."""
    span = span_of(start, policy)
    host_span = Interval(span.start, span.end + timedelta(minutes=policy.host_buffer_minutes))
    return Place(start, assignment, span, host_span, office_hours.presence_of(span, presence))


def find(starts: Sequence[datetime], wish: Wish, seen: Situation) -> list[Place]:
    """The places that these starts would have in this situation, earliest first. Raises SlotRefused."""
    places = []
    for start in starts:
        asked = office_hours.as_asked(start, seen, presence=wish.presence) if wish.office_hours else seen
        if not wish.as_held:
            _judge(start, wish, seen)
        place = place_of(start, assign(start, asked, counsellor=wish.counsellor, host=wish.host), seen.policy, presence=wish.presence)
        places.append(place)
        seen = with_place(seen, place, reserved=not wish.office_hours)
    return places


def _judge(start: datetime, wish: Wish, seen: Situation) -> None:
    if wish.office_hours:
        office_hours.check(start, seen)
    else:
        check(start, seen, door=wish.door, applicant=wish.applicant, override=wish.override)


def with_place(seen: Situation, place: Place, *, reserved: bool = True) -> Situation:
    """The situation after this place is taken, for the next start of the same request. ``reserved``: it counts towards a start's cap."""
    taken = Busy(place.presence, session=True, reserved=reserved)
    return replace(
        seen,
        counsellors=tuple(
            replace(row, busy=(*row.busy, taken)) if row.id == place.assignment.counsellor else row for row in seen.counsellors
        ),
        hosts=tuple(Host(row.id, (*row.busy, place.host_span)) if row.id == place.assignment.host else row for row in seen.hosts),
    )


def _is_overlap(error: IntegrityError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") == "23P01"


def _is_waiting_in_vain(error: OperationalError) -> bool:
    """A deadlock that PostgreSQL resolved, or a lock that was not to be had in time."""
    return getattr(error.__cause__, "sqlstate", "") in {"40P01", "55P03"}
