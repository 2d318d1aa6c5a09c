"""A day is closed, or somebody is away: what becomes of the bookings that lie there is decided one by one, and done in one transaction.

What staff decided was meant for what they saw: the order carries it, and where it differs from what is there, nothing at all is done.
Locks come in the usual order: bookings, starts, counsellors, hosts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from booking.models import Absence, Booking, Closure, Counsellor, Hold, Seminar, ZoomHost
from booking.models.bookings import Outcome, State
from booking.operations import bookings, moving, places, sessions
from booking.operations.calendar.days import whole_day, write_absence, write_day, write_law
from booking.operations.moving import Change
from booking.operations.places import Place
from booking.queries import holds_giving_way, seminars_in_the_way, situation
from booking.queries.situation import RESERVED
from booking.rules.calendar import ONE_DAY, tokyo_date
from booking.rules.interval import Interval
from booking.rules.policy import Policy
from booking.rules.slots import Busy, Situation, SlotRefused, starts_on
from toyooka_hw.accounts.models import User

Written = TypeVar("Written")


class Way(StrEnum):
    """What may become of a booking, the usual case first."""

    KEEP = "keep"
    REASSIGN = "reassign"
    RELEASE = "release"
    CANCEL = "cancel"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which these counsellors are not there; None: the office is closed."""

    span: Interval
    counsellors: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Concerned:
    """A booking in the gap, its times there, and what may become of it."""

    booking: Booking
    holds: tuple[Hold, ...]
    ways: tuple[Way, ...]
    taker: int | None = None

    @property
    def key(self) -> str:
        """The booking as it was seen: another state or another place is another key."""
        return f"{self.booking.pk}.{self.booking.state}.{'-'.join(str(hold.pk) for hold in self.holds)}"


@dataclass(frozen=True, slots=True)
class Order:
    """What staff decided about the bookings they saw. ``told``: the reason that people read in their mail."""

    by: User
    ways: Mapping[int, Way]
    seen: frozenset[str]
    told: str


class Unforeseen(Exception):
    """The bookings in the gap are not, or no longer, the ones that were decided about. Nothing was changed."""


class MayNotClose(Exception):
    """Everybody away is the office closed: that is for those who may close a day."""


class AlreadyAway(Exception):
    """Nothing is left of the span: they are away then already."""


class SeminarsInTheWay(Exception):
    """Seminars lie in the gap. What becomes of so many people is decided on the seminar's own page first. Nothing was changed."""

    def __init__(self, seminars: Sequence[Seminar]) -> None:
        super().__init__("seminars lie in the gap")
        self.seminars = seminars


def check_no_seminar(gap: Gap, *, now: datetime) -> None:
    """Whether no seminar would lie in the gap. One query. Raises SeminarsInTheWay."""
    if found := list(seminars_in_the_way(gap.span, gap.counsellors, now=now)):
        raise SeminarsInTheWay(found)


def concerned(gap: Gap, *, now: datetime) -> list[Concerned]:
    """The bookings in the gap and what may become of each. One query, and six more where somebody else might take over."""
    held: dict[int, list[Hold]] = defaultdict(list)
    for hold in holds_giving_way(gap.span, gap.counsellors, now=now):
        held[hold.booking_id or 0].append(hold)
    takers = _takers(gap, list(held.values()), now=now)
    return [
        Concerned(rows[0].booking, tuple(rows), _ways(rows[0].booking, takers.get(pk), now=now), takers.get(pk))
        for pk, rows in held.items()
        if rows[0].booking
    ]


def close_day(day: date, label: str, order: Order, *, now: datetime, wall: datetime) -> Closure:
    """Close a day (A5, C9-2). Raises Unforeseen, ReasonMissing, SeminarsInTheWay."""
    gap = Gap(whole_day(day))

    def write() -> Closure:
        return write_day(day, is_open=False, label=label, by=order.by, now=now)

    return _give_way(gap, order, Outcome.OFFICE_CLOSED, write, now=now, wall=wall)


def leave_to_law(day: date, order: Order, *, now: datetime, wall: datetime) -> Closure:
    """Take back that a day is open which the law closes (A5). Raises Unforeseen, ReasonMissing, SeminarsInTheWay."""

    def write() -> Closure:
        return write_law(day, by=order.by, now=now)

    return _give_way(Gap(whole_day(day)), order, Outcome.OFFICE_CLOSED, write, now=now, wall=wall)


def is_everybody(counsellors: Sequence[Counsellor]) -> bool:
    """Whether nobody else counsels: their absence closes the office."""
    return not Counsellor.objects.filter(is_active=True).exclude(pk__in=[each.pk for each in counsellors]).exists()


def check_may_be_away(counsellors: Sequence[Counsellor], user: User) -> None:
    """Anybody enters absences of their own and of colleagues; the last one only who may close the office. Raises MayNotClose."""
    if not user.has_perm("booking.change_closure") and is_everybody(counsellors):
        raise MayNotClose


def be_away(
    counsellors: Sequence[Counsellor], span: Interval, reason: str, order: Order, *, now: datetime, wall: datetime
) -> list[Absence]:
    """Enter an absence of one or several counsellors; around what is kept, and around absences that stand.

    Where it is everybody, the office is closed for that time. Raises Unforeseen, AlreadyAway, ReasonMissing, MayNotClose, SeminarsInTheWay.
    """
    check_may_be_away(counsellors, order.by)
    gap = Gap(span, frozenset(each.pk for each in counsellors))
    outcome = Outcome.OFFICE_CLOSED if is_everybody(counsellors) else Outcome.COUNSELLOR_AWAY

    def write() -> list[Absence]:
        rows = [
            write_absence(each, piece, by=order.by, now=now, reason=reason) for each in counsellors for piece in _free_of_holds(each, span)
        ]
        if not rows:
            raise AlreadyAway
        return rows

    return _give_way(gap, order, outcome, write, now=now, wall=wall)


def _give_way(gap: Gap, order: Order, outcome: Outcome, write: Callable[[], Written], *, now: datetime, wall: datetime) -> Written:
    def work() -> Written:
        rows = _frozen(gap, order, now=now)
        for row in rows:
            _let_go(row, order, outcome, now=now, wall=wall)
        written = write()
        for row in rows:
            if order.ways[row.booking.pk] is Way.REASSIGN:
                _hand_over(row, order, now=now, wall=wall)
        return written

    try:
        return places.retrying(work, start=gap.span.start)
    except SlotRefused as refusal:
        raise Unforeseen from refusal


def _frozen(gap: Gap, order: Order, *, now: datetime) -> list[Concerned]:
    """What was seen, locked; from here to the end of the transaction nobody is given a place. Raises Unforeseen, SeminarsInTheWay."""
    rows = _as_seen(concerned(gap, now=now), order)
    list(Booking.objects.select_for_update(of=("self",)).filter(pk__in=[row.booking.pk for row in rows]).order_by("pk").values_list("pk"))
    first, last = tokyo_date(gap.span.start), tokyo_date(gap.span.end)
    days = [first + ONE_DAY * offset for offset in range((last - first).days + 1)]
    held = {hold.span.lower for row in rows for hold in row.holds}  # what is handed over may begin at any minute
    places.lock_starts(sorted(held.union(*(starts_on(day, Policy()) for day in days))))
    for model in (Counsellor, ZoomHost):
        list(model.objects.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    check_no_seminar(gap, now=now)
    return _as_seen(concerned(gap, now=now), order)


def _as_seen(rows: list[Concerned], order: Order) -> list[Concerned]:
    if {row.key for row in rows} != order.seen or any(order.ways.get(row.booking.pk) not in row.ways for row in rows):
        raise Unforeseen
    return rows


def _let_go(row: Concerned, order: Order, outcome: Outcome, *, now: datetime, wall: datetime) -> None:
    booking, way = row.booking, order.ways[row.booking.pk]
    lost = Hold.objects.filter(pk__in=[hold.pk for hold in row.holds])
    if way is Way.CANCEL:
        sessions.cancel_by_office(booking.pk, reason=order.told, by=order.by, outcome=outcome, now=now, wall=wall)
    elif way is Way.DECLINE:
        bookings.decline(booking.pk, reason=order.told, by=order.by, now=now, wall=wall)
    elif way is Way.RELEASE:
        moving.give_up(booking, lost, reason=order.told, by=order.by, now=now, wall=wall)
    elif way is Way.REASSIGN:
        lost.delete()


def _hand_over(row: Concerned, order: Order, *, now: datetime, wall: datetime) -> None:
    starts = [hold.span.lower for hold in row.holds]
    moving.hand_over(row.booking, starts, Change(order.by, order.told), now=now, wall=wall)


def _free_of_holds(counsellor: Counsellor, span: Interval) -> tuple[Interval, ...]:
    """The absence around whatever stays: a session under way, a past one, an absence that stands."""
    stays = Hold.objects.filter(counsellor=counsellor, span__startswith__lt=span.end, span__endswith__gt=span.start)
    return span.without(Interval(hold.span.lower, hold.span.upper) for hold in stays)


def _ways(booking: Booking, taker: int | None, *, now: datetime) -> tuple[Way, ...]:
    if booking.state == State.CONFIRMED:
        usual = Way.KEEP if booking.starts_at <= now else Way.REASSIGN if taker else None
        return (usual, Way.CANCEL) if usual else (Way.CANCEL,)
    return ((Way.REASSIGN,) if taker else ()) + (Way.RELEASE, Way.DECLINE)


def _takers(gap: Gap, held: Sequence[Sequence[Hold]], *, now: datetime) -> dict[int, int]:
    """Who could take over which booking at its own times, decided in their order as it would be done."""
    if gap.counsellors is None or not held:
        return {}
    days = sorted(tokyo_date(hold.span.lower) for rows in held for hold in rows)
    seen = _without(situation(days[0], days[-1], now=now), gap, [hold for rows in held for hold in rows])
    found: dict[int, int] = {}
    for rows in held:
        taken = _taken_over(rows, seen)
        if taken:
            seen, counsellor = taken
            found[rows[0].booking_id or 0] = counsellor
    return found


def _taken_over(rows: Sequence[Hold], seen: Situation) -> tuple[Situation, int] | None:
    counsellor = 0
    for hold in rows:
        place = _elsewhere(hold, seen)
        if place is None:
            return None
        counsellor = place.assignment.counsellor
        seen = places.with_place(seen, place, reserved=hold.kind in RESERVED)
    return seen, counsellor


def _elsewhere(hold: Hold, seen: Situation) -> Place | None:
    """The same time with whoever is free, on the same host where that is possible."""
    assert hold.booking is not None  # the constraint hold_belongs_to_one_thing
    for host in dict.fromkeys((hold.host_id, None)):
        with suppress(SlotRefused):  # taken: the next host, and None where nobody is free
            return places.find([hold.span.lower], places.wish_of(hold.booking, seen.policy, host=host, as_held=True), seen)[0]
    return None


def _without(seen: Situation, gap: Gap, held: Iterable[Hold]) -> Situation:
    """The office as it will be: the gap's counsellors away, the times of the concerned bookings free again."""
    held = list(held)
    spans = {(hold.counsellor_id, hold.span.lower) for hold in held}
    hosted = {(hold.host_id, hold.host_span.lower) for hold in held if hold.host_span}
    away = Busy(gap.span, session=False)
    return replace(
        seen,
        counsellors=tuple(
            replace(row, busy=(*(busy for busy in row.busy if (row.id, busy.span.start) not in spans), away))
            if row.id in (gap.counsellors or ())
            else row
            for row in seen.counsellors
        ),
        hosts=tuple(replace(host, busy=tuple(span for span in host.busy if (host.id, span.start) not in hosted)) for host in seen.hosts),
    )
