"""The readiness board: the sessions of one day with everything they need, and the requests that still wait for an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import combinations
from typing import Any

from django.db.models import Q, QuerySet

from booking.models import Booking, BookingEvent, Hold, Meeting
from booking.models.bookings import Eligibility, State
from booking.queries.calls import deliveries, has_heard
from booking.queries.lists import unanswered
from booking.queries.situation import calendar_between, situation
from booking.rules.calendar import ONE_DAY, Day, tokyo, tokyo_date
from booking.rules.calls import NO_NEWS, Delivery
from booking.rules.interval import Interval
from booking.rules.readiness import PAPERWORK, Lack, SessionReadiness, Zoom, lacks
from booking.rules.slots import Situation
from consent.queries import COUNSELLING, unrecorded
from toyooka_hw.accounts.models import Person
from toyooka_hw.outbox import OutboxState


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session of the board. ``mail_key`` names the mail that confirms it; empty where nothing says so."""

    booking: Booking
    known: SessionReadiness
    lacks: Sequence[Lack]
    mail_key: str

    @property
    def is_short(self) -> bool:
        """Whether more is missing than paperwork."""
        return not PAPERWORK.issuperset(self.lacks)


@dataclass(frozen=True, slots=True)
class Board:
    """One day as it would begin now."""

    day: Day
    sessions: Sequence[SessionRow]
    waiting: Sequence[Booking]

    @property
    def short(self) -> list[SessionRow]:
        """The sessions that could not simply begin."""
        return [row for row in self.sessions if row.is_short]

    @property
    def with_paperwork(self) -> list[SessionRow]:
        """The sessions for which something is still to be done in the ministry's system."""
        return [row for row in self.sessions if not PAPERWORK.isdisjoint(row.lacks)]


def next_open_day(*, now: datetime) -> date:
    """The open day after today: Monday on a Friday, the day after the holidays on their eve. One query."""
    today = tokyo_date(now)
    return calendar_between(today, today).next_open_day(today)


def readiness(day: date, *, now: datetime) -> Board:
    """The board of a Tokyo day. The number of queries does not depend on how many sessions there are."""
    seen = situation(day, day, now=now)
    span = Interval(tokyo(day, time()), tokyo(day + ONE_DAY, time()))
    bookings = list(_sessions(span))
    confirmations = _confirmations(bookings)
    mails = deliveries(confirmations.values())
    people = {_survivor(booking).pk for booking in bookings}
    to_record = set(unrecorded(COUNSELLING).filter(pk__in=people).values_list("pk", flat=True))
    twice = _hosts_twice(bookings)
    rows = []
    for booking in bookings:
        event = confirmations.get(booking.pk)
        known = SessionReadiness(
            **_place(booking, seen),
            **_news(event, mails),
            host_twice=booking.pk in twice,
            zoom=zoom_of(booking),
            eligible=booking.eligibility != Eligibility.UNCHECKED,
            to_switch=booking.eligibility == Eligibility.TO_SWITCH and _survivor(booking).switched_at is None,
            recorded=_survivor(booking).pk not in to_record,
        )
        rows.append(SessionRow(booking, known, lacks(known), event.mail_key if event else ""))
    return Board(seen.calendar.day(day), rows, _waiting(span))


def _sessions(span: Interval) -> QuerySet[Booking]:
    confirmed = Booking.objects.filter(state=State.CONFIRMED, starts_at__gte=span.start, starts_at__lt=span.end)
    around = confirmed.select_related("applicant__merged_into", "counsellor", "host", "meeting").prefetch_related("contacts", "holds")
    return around.order_by("starts_at", "counsellor_id", "pk")


def _news(event: BookingEvent | None, mails: Mapping[int, Delivery]) -> dict[str, Any]:
    """How the person learned of the session."""
    if event is None:
        return {"mail": Delivery.NONE, "heard": False}
    mail = mails.get(event.pk, Delivery.NONE)
    return {"mail": mail, "heard": has_heard(event, mail)}


def _waiting(span: Interval) -> Sequence[Booking]:
    """Requests for this span, and proposals with a time in it, that nobody has answered."""
    asked = Q(state=State.REQUESTED, starts_at__gte=span.start, starts_at__lt=span.end)
    offered = Q(state=State.PROPOSED, holds__span__startswith__gte=span.start, holds__span__startswith__lt=span.end)
    return list(unanswered().filter(asked | offered).distinct())


def zoom_of(booking: Booking) -> Zoom:
    """How far the booking's meeting has come."""
    meeting: Meeting | None = getattr(booking, "meeting", None)
    if meeting is None or (meeting.outbox_state == OutboxState.DONE and not meeting.exists):
        return Zoom.MISSING
    if meeting.outbox_state == OutboxState.DONE and not meeting.is_for(booking):
        return Zoom.WAITING
    return {OutboxState.DONE.value: Zoom.READY, OutboxState.FAILED.value: Zoom.FAILED}.get(meeting.outbox_state, Zoom.WAITING)


def _place(booking: Booking, seen: Situation) -> dict[str, Any]:
    """Whether somebody is there at that time, and the booking's own place is taken."""
    span = Interval(booking.starts_at, booking.ends_at)
    found = [each for each in seen.counsellors if each.id == booking.counsellor_id]
    held = [hold for hold in booking.holds.all() if hold.kind == Hold.Kind.RESERVATION]
    return {
        "day_open": seen.calendar.day(tokyo_date(booking.starts_at)).is_open,
        "held": any((hold.counsellor_id, hold.host_id) == (booking.counsellor_id, booking.host_id) for hold in held),
        "counsellor_active": bool(found),
        "counsellor_absent": any(not busy.session and busy.span.overlaps(span) for each in found for busy in each.busy),
        "on_duty": any(duty.covers(span) for each in found for duty in each.duty),
        "host_active": booking.host_id in {host.id for host in seen.hosts},
    }


def _hosts_twice(bookings: Sequence[Booking]) -> set[int]:
    """The bookings whose Zoom host another one needs at the same time."""
    clashes = (
        {one.pk, other.pk}
        for one, other in combinations(bookings, 2)
        if one.host_id == other.host_id and one.starts_at < other.ends_at and other.starts_at < one.ends_at
    )
    return set().union(*clashes)


def _confirmations(bookings: Sequence[Booking]) -> dict[int, BookingEvent]:
    """The event by which each session stands as it does, by booking id."""
    own = {booking.pk: booking for booking in bookings}
    events = BookingEvent.objects.filter(booking__in=own, to_state=State.CONFIRMED).exclude(event__in=[event.value for event in NO_NEWS])
    found = {}
    for event in events.order_by("pk"):
        event.booking = own[event.booking_id]
        found[event.booking_id] = event
    return found


def _survivor(booking: Booking) -> Person:
    """Two rows of one person count as one."""
    return booking.applicant.merged_into or booking.applicant
