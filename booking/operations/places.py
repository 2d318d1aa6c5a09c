"""Taking and giving back places. The order of locks is the same everywhere: starts ascending, counsellors, hosts.

Look, lock the chosen counsellors' rows, look again, insert, let the exclusion constraints speak (architecture §5). The lock per start
also makes the policy's cap exact, which no constraint can know.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.models import Booking, Counsellor, Hold, ZoomHost
from booking.queries import situation
from booking.rules.calendar import tokyo_date
from booking.rules.interval import Interval
from booking.rules.slots import Applicant, Assignment, Busy, Door, Host, Reason, Situation, SlotRefused, assign, check, span_of

ATTEMPTS = 5
Result = TypeVar("Result")


class PlaceMoved(Exception):
    """Between looking and locking, somebody else changed the picture; start over."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a place is asked for: through which door, for whom, and what staff insist on."""

    door: Door
    applicant: Applicant = field(default_factory=Applicant)
    override: bool = False
    counsellor: int | None = None
    host: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place found for one start."""

    start: datetime
    assignment: Assignment
    span: Interval
    host_span: Interval


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
    first_look = _find(ordered, wish, now=now, without=without)
    lock_starts(ordered)
    lock_rows(first_look)
    if _find(ordered, wish, now=now, without=without) != first_look:
        raise PlaceMoved
    return first_look


def hold(booking: Booking, places: Sequence[Place], kind: Hold.Kind) -> None:
    """Insert the holds; the exclusion constraints are the last judge."""
    Hold.objects.bulk_create(
        Hold(
            counsellor_id=place.assignment.counsellor,
            host_id=place.assignment.host,
            kind=kind,
            span=as_range(place.span),
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


def lock_starts(starts: Sequence[datetime]) -> None:
    """One transaction at a time per start."""
    with connection.cursor() as cursor:
        for start in starts:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(start.timestamp())])


def lock_rows(places: Sequence[Place]) -> None:
    """Lock the chosen counsellors' and hosts' rows, lowest id first."""
    for model, ids in (
        (Counsellor, {place.assignment.counsellor for place in places}),
        (ZoomHost, {place.assignment.host for place in places}),
    ):
        list(model.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))


def _find(starts: Sequence[datetime], wish: Wish, *, now: datetime, without: Booking | None) -> list[Place]:
    seen = situation(tokyo_date(starts[0]), tokyo_date(starts[-1]), now=now, without=without)
    places = []
    for start in starts:
        check(start, seen, door=wish.door, applicant=wish.applicant, override=wish.override)
        found = assign(start, seen, counsellor=wish.counsellor, host=wish.host)
        span = span_of(start, seen.policy)
        place = Place(start, found, span, Interval(span.start, span.end + timedelta(minutes=seen.policy.host_buffer_minutes)))
        places.append(place)
        seen = _with(seen, place)
    return places


def _with(seen: Situation, place: Place) -> Situation:
    """The situation after this place is taken, for the next start of the same request."""
    return replace(
        seen,
        counsellors=tuple(
            replace(row, busy=(*row.busy, Busy(place.span, session=True))) if row.id == place.assignment.counsellor else row
            for row in seen.counsellors
        ),
        hosts=tuple(Host(row.id, (*row.busy, place.host_span)) if row.id == place.assignment.host else row for row in seen.hosts),
    )


def _is_overlap(error: IntegrityError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") == "23P01"


def _is_waiting_in_vain(error: OperationalError) -> bool:
    """A deadlock that PostgreSQL resolved, or a lock that was not to be had in time."""
    return getattr(error.__cause__, "sqlstate", "") in {"40P01", "55P03"}
