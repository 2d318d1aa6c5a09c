"""Reading: the inputs of the slot rule, the work lists, a person's bookings. The number of queries never depends on the number of rows."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from booking.models import Absence, Booking, Closure, ContactRecord, Counsellor, DutyHours, Heartbeat, Hold, Meeting, PolicyValue, ZoomHost
from booking.models.bookings import Kind, State
from booking.rules import calendar as days
from booking.rules import slots
from booking.rules.calendar import Calendar, Day, tokyo, tokyo_date
from booking.rules.interval import Interval
from booking.rules.lifecycle import HOLDING
from booking.rules.slots import Policy, Situation

LOOK_BACK = timedelta(days=60)  # as far as the calendar may look for the previous open day
LOOK_AHEAD = timedelta(days=60)
WEEK = timedelta(days=7)
JUDGED_FOR = timedelta(hours=24)
TO_BE_TOLD = (State.EXPIRED, State.CANCELLED_NO_CONTACT)  # the portal did it, so nobody has spoken with the person yet
OPEN = Q(state__in=[State.REQUESTED, State.PROPOSED]) | Q(state=State.CONFIRMED, begun_at=None)


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


def situation(first: date, last: date, *, now: datetime, without: Booking | None = None) -> Situation:
    """Everything the slot rule must know to judge the days ``first`` to ``last``. Six queries, seven where first-timers are capped.

    ``without``: a booking whose own holds do not count, because it is being moved.
    """
    policy = policy_at(now)
    holds = _holds_between(first, last, without)
    return Situation(
        policy=policy,
        calendar=calendar_between(first, last),
        counsellors=_counsellors(first, last, holds),
        hosts=_hosts(holds),
        first_timers=_first_timers(first, last, without) if policy.first_timers_per_day is not None else {},
        now=now,
    )


def _holds_between(first: date, last: date, without: Booking | None) -> list[tuple[int, int | None, str, Any, Any]]:
    begin, end = tokyo(first, time()), tokyo(last + days.ONE_DAY, time())
    holds = Hold.objects.filter(span__startswith__lt=end, span__endswith__gt=begin)
    if without is not None:
        holds = holds.exclude(booking=without)
    return list(holds.values_list("counsellor_id", "host_id", "kind", "span", "host_span"))


def _counsellors(first: date, last: date, holds: list[tuple[int, int | None, str, Any, Any]]) -> tuple[slots.Counsellor, ...]:
    busy: dict[int, list[slots.Busy]] = defaultdict(list)
    for counsellor_id, _host, kind, span, _host_span in holds:
        busy[counsellor_id].append(slots.Busy(Interval(span.lower, span.upper), session=kind != Hold.Kind.ABSENCE))
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


def _hosts(holds: list[tuple[int, int | None, str, Any, Any]]) -> tuple[slots.Host, ...]:
    busy: dict[int, list[Interval]] = defaultdict(list)
    for _counsellor, host_id, _kind, _span, host_span in holds:
        if host_id is not None:
            busy[host_id].append(Interval(host_span.lower, host_span.upper))
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


# --- work lists ----------------------------------------------------------------------------------------------------------


def _listed() -> QuerySet[Booking]:
    return Booking.objects.select_related("applicant", "counsellor", "host", "meeting").prefetch_related("contacts", "participants")


def unanswered() -> QuerySet[Booking]:
    """Requests and proposals in the order in which they must be answered."""
    return _listed().filter(state__in=[State.REQUESTED, State.PROPOSED]).prefetch_related("holds").order_by("answer_by", "starts_at", "pk")


def on_day(day: date) -> QuerySet[Booking]:
    """The sessions of a Tokyo day that are, or were, confirmed."""
    begin, end = tokyo(day, time()), tokyo(day + days.ONE_DAY, time())
    lived = [
        State.CONFIRMED,
        State.COMPLETED,
        State.CANCELLED_NO_CONTACT,
        State.STOPPED,
        State.CANCELLED_BY_USER,
        State.CANCELLED_BY_OFFICE,
    ]
    return _listed().filter(starts_at__gte=begin, starts_at__lt=end, state__in=lived).order_by("starts_at", "counsellor_id", "pk")


def coming_after(day: date) -> QuerySet[Booking]:
    """The confirmed sessions of the week after this Tokyo day."""
    begin = tokyo(day + days.ONE_DAY, time())
    return (
        _listed()
        .filter(state=State.CONFIRMED, starts_at__gte=begin, starts_at__lt=begin + WEEK)
        .order_by("starts_at", "counsellor_id", "pk")
    )


def unclosed_before(day: date) -> QuerySet[Booking]:
    """Confirmed sessions of earlier days that still have no outcome."""
    return _listed().filter(state=State.CONFIRMED, ends_at__lt=tokyo(day, time())).order_by("starts_at", "pk")


def untold(*, now: datetime) -> list[Booking]:
    """People without an address whose request expired or was closed without contact, and whom nobody has phoned since; the latest 60 days."""
    silent = _listed().filter(applicant__email="", state__in=TO_BE_TOLD, starts_at__gte=now - LOOK_BACK).prefetch_related("events")
    return [booking for booking in silent.order_by("starts_at", "pk") if is_untold(booking)]


def is_untold(booking: Booking) -> bool:
    """Whether this person is still to be told by phone how the booking ended. Reads contacts and events."""
    if booking.applicant.email or booking.state not in TO_BE_TOLD:
        return False
    ended = max((event.at for event in booking.events.all() if event.to_state == booking.state), default=booking.requested_at)
    return not any(contact.channel == ContactRecord.Channel.PHONE and contact.at >= ended for contact in booking.contacts.all())


def open_booking_of(person_id: int, *, now: datetime) -> Booking | None:
    """The person's open reserved booking: requested, proposed, or confirmed and not yet held (A16)."""
    return Booking.objects.filter(OPEN, applicant=person_id, kind=Kind.RESERVED).exclude(state=State.CONFIRMED, starts_at__lte=now).first()


def proposed_holds(booking: Booking) -> QuerySet[Hold]:
    """The one to three times that are held for the person's answer, earliest first."""
    return Hold.objects.filter(booking=booking, kind=Hold.Kind.PROPOSAL).order_by("span")


def due_for_no_contact(*, now: datetime, grace: timedelta) -> QuerySet[Booking]:
    """Confirmed reserved sessions of the last day whose grace is over: candidates of the ten-minute rule.

    Older ones that nobody has closed are people's; they must never stand in the way of today's.
    """
    begun = Booking.objects.filter(starts_at__gt=now - JUDGED_FOR, starts_at__lte=now - grace)
    return begun.filter(kind=Kind.RESERVED, state=State.CONFIRMED).order_by("starts_at", "pk")


def heartbeats_around(starts_at: datetime, until: datetime) -> dict[str, tuple[Heartbeat, ...]]:
    """The heartbeats within the span, with the last one before and the first one after it, per name."""
    found: dict[str, tuple[Heartbeat, ...]] = {}
    for name in ("beat", "web"):
        rows = Heartbeat.objects.filter(name=name)
        before = list(rows.filter(at__lt=starts_at).order_by("-at", "-pk")[:1])
        within = list(rows.filter(at__range=(starts_at, until)).order_by("at", "pk"))
        after = list(rows.filter(at__gt=until).order_by("at", "pk")[:1])
        found[name] = (*before, *within, *after)
    return found


def meetings_that_differ(*, now: datetime) -> QuerySet[Meeting]:
    """Settled meetings whose existence is not what the booking's state asks for (the sweep's third look)."""
    should = Q(booking__state=State.CONFIRMED, booking__ends_at__gt=now)
    exists = Q(meeting_id__isnull=False, removed_at=None)
    return Meeting.objects.filter((should & ~exists) | (~should & exists)).order_by("pk")


def with_history(queryset: QuerySet[Booking]) -> QuerySet[Booking]:
    """Bookings with everything the staff's detail page shows."""
    return queryset.select_related("applicant", "counsellor", "host", "meeting", "eligibility_checked_by", "delayed_by").prefetch_related(
        "contacts__recorded_by", Prefetch("events__by"), "participants__consent__version__document", "participants__person", "holds"
    )


def live_holds_within(span: Interval, *, counsellor: Counsellor | None = None) -> QuerySet[Hold]:
    """Sessions that a closure or an absence over this span would hit."""
    holds = (
        Hold.objects.filter(span__startswith__lt=span.end, span__endswith__gt=span.start)
        .exclude(kind=Hold.Kind.ABSENCE)
        .select_related("booking")
    )
    return holds.filter(counsellor=counsellor) if counsellor else holds


def absences_from(day: date) -> QuerySet[Absence]:
    return Absence.objects.filter(ends_at__gte=tokyo(day, time())).select_related("counsellor").order_by("starts_at")
