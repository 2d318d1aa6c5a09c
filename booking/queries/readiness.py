"""The readiness board: the sessions of one day with everything they need, and the requests that still wait for an answer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import combinations
from typing import Any

from django.db.models import Max, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from booking.models import Booking, BookingEvent, EmployerRequest, Hold, Meeting, Participant, Seminar
from booking.models.bookings import Eligibility, Kind, State
from booking.queries.calls import deliveries, has_heard
from booking.queries.interviews import waiting_requests
from booking.queries.lists import unanswered
from booking.queries.people import readers_of
from booking.queries.seminars import seminars_between
from booking.queries.situation import calendar_between, situation
from booking.rules.calendar import ONE_DAY, Day, tokyo, tokyo_date
from booking.rules.calls import NO_NEWS, Delivery
from booking.rules.interval import Interval
from booking.rules.policy import Policy
from booking.rules.readiness import PAPERWORK, Lack, SessionReadiness, Zoom, lacks
from booking.rules.slots import Situation
from consent.models import ConsentWithdrawal
from consent.queries import COUNSELLING, unrecorded
from toyooka_hw.accounts.models import Person
from toyooka_hw.outbox import OutboxState

WORST_FIRST = (Delivery.FAILED, Delivery.NONE, Delivery.WAITING, Delivery.DELIVERED)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session of the board. ``mail_key`` names the mail that confirms it, of several the one that failed; empty where nothing says so."""

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
    policy: Policy
    sessions: Sequence[SessionRow]
    waiting: Sequence[Booking]
    asked: Sequence[EmployerRequest]  # employers' requests that wait, whatever days they wish for
    seminars: Sequence[Seminar]

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
    mails = deliveries(list(confirmations.values()))
    to_record = set(unrecorded(COUNSELLING).filter(pk__in={_survivor(row.applicant).pk for row in bookings}).values_list("pk", flat=True))
    withdrawn = _withdrawn({_survivor(each).pk for row in bookings if row.kind == Kind.INTERVIEW for each in readers_of(row)})
    twice = _hosts_twice(bookings)
    rows = []
    for booking in bookings:
        event = confirmations.get(booking.pk)
        mail, heard, key = _told(event, mails)
        known = SessionReadiness(
            **_place(booking, seen),
            **(_people(booking, withdrawn) if booking.kind == Kind.INTERVIEW else _papers(booking, to_record)),
            mail=mail,
            heard=heard,
            host_twice=booking.pk in twice,
            zoom=zoom_of(booking),
            callable=all(_survivor(each).is_verified and _survivor(each).registered_phone for each in readers_of(booking)),
        )
        rows.append(SessionRow(booking, known, lacks(known), key))
    return Board(seen.calendar.day(day), seen.policy, rows, _waiting(span), list(waiting_requests()), list(seminars_between(day, day)))


def _sessions(span: Interval) -> QuerySet[Booking]:
    """Reservations and interviews; an immediate session is never prepared for (C6-2-1c)."""
    confirmed = Booking.objects.filter(state=State.CONFIRMED, starts_at__gte=span.start, starts_at__lt=span.end).exclude(kind=Kind.AD_HOC)
    people = Prefetch("participants", Participant.objects.select_related("person__merged_into", "consent"))
    around = confirmed.select_related("applicant__merged_into", "counsellor", "host", "meeting", "employer_request")
    return around.prefetch_related("contacts", "holds", people).order_by("starts_at", "counsellor_id", "pk")


def _told(event: BookingEvent | None, mails: Mapping[tuple[int, int], Delivery]) -> tuple[Delivery, bool, str]:
    """How far the news of the session has come to whom it has come least, whether everybody has heard it, and the name of that mail."""
    if event is None:
        return Delivery.NONE, False, ""
    found = [(mails.get((event.pk, person.pk), Delivery.NONE), person) for person in readers_of(event.booking)]
    unheard = [(mail, person) for mail, person in found if not has_heard(event, person, mail)]
    worst, whose = min(unheard or found, key=lambda each: WORST_FIRST.index(each[0]))
    return worst, not unheard, event.booking.key_for(whose.pk, event.mail_key)


def _papers(booking: Booking, to_record: Collection[int]) -> dict[str, bool]:
    """What a reservation asks of the ministry's system (C2-1a, C2-1b, C6-2-1b)."""
    person = _survivor(booking.applicant)
    to_switch = booking.eligibility == Eligibility.TO_SWITCH and person.switched_at is None
    return {"eligible": booking.eligibility != Eligibility.UNCHECKED, "to_switch": to_switch, "recorded": person.pk not in to_record}


def _people(booking: Booking, withdrawn: Mapping[int, datetime]) -> dict[str, bool]:
    """What an interview asks of everybody in it: that staff know them, and that their consent stands (A18)."""
    parts = [(_survivor(part.person), part.consent.agreed_at) for part in booking.participants.all()]
    return {
        "eligible": True,
        "to_switch": False,
        "recorded": True,
        "verified": all(person.is_verified for person, _at in parts),
        "agreed": all(person.pk not in withdrawn or withdrawn[person.pk] < at for person, at in parts),
    }


def _waiting(span: Interval) -> Sequence[Booking]:
    """Requests for this span, and proposals with a time in it, that nobody has answered."""
    asked = Q(state=State.REQUESTED, starts_at__gte=span.start, starts_at__lt=span.end)
    offered = Q(state=State.PROPOSED, holds__span__startswith__gte=span.start, holds__span__startswith__lt=span.end)
    return list(unanswered().filter(asked | offered).distinct())


def zoom_of(occasion: Booking | Seminar) -> Zoom:
    """How far the meeting of a booking or a seminar has come, where it needs one."""
    if isinstance(occasion, Booking) and occasion.is_by_phone:
        return Zoom.BY_PHONE
    meeting: Meeting | None = getattr(occasion, "meeting", None)
    if meeting is None or (meeting.outbox_state == OutboxState.DONE and not meeting.exists):
        return Zoom.MISSING
    if meeting.outbox_state == OutboxState.DONE and not meeting.is_for(occasion):
        return Zoom.WAITING
    if meeting.manual_at:
        return Zoom.BY_HAND
    return {OutboxState.DONE.value: Zoom.READY, OutboxState.FAILED.value: Zoom.FAILED}.get(meeting.outbox_state, Zoom.WAITING)


def _place(booking: Booking, seen: Situation) -> dict[str, Any]:
    """Whether somebody is there at that time, and the booking's own place is taken."""
    found = [each for each in seen.counsellors if each.id == booking.counsellor_id]
    held = [hold for hold in booking.holds.all() if hold.kind != Hold.Kind.PROPOSAL]
    there = [
        Interval(hold.span.lower, hold.span.upper) for hold in held if hold.kind == Hold.Kind.INTERVIEW
    ]  # its first minutes, by policy
    span = there[0] if there else Interval(booking.starts_at, booking.ends_at)
    return {
        "day_open": seen.calendar.day(tokyo_date(booking.starts_at)).is_open,
        "held": any((hold.counsellor_id, hold.host_id) == (booking.counsellor_id, booking.host_id) for hold in held),
        "counsellor_active": bool(found),
        "counsellor_absent": any(not busy.session and busy.span.overlaps(span) for each in found for busy in each.busy),
        "on_duty": booking.kind == Kind.INTERVIEW or any(duty.covers(span) for each in found for duty in each.duty),
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


def _withdrawn(people: Collection[int]) -> dict[int, datetime]:
    """When each of these people last took their consent back, those of rows merged into the person included. One query, none for nobody."""
    rows = ConsentWithdrawal.objects.filter(document__code=COUNSELLING)
    theirs = rows.annotate(whose=Coalesce("person__merged_into", "person")).filter(whose__in=people).order_by("whose")
    return dict(theirs.values("whose").annotate(at=Max("withdrawn_at")).values_list("whose", "at"))


def _survivor(person: Person) -> Person:
    """Two rows of one person count as one."""
    return person.merged_into or person
