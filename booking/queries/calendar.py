"""What lies in the way of a closure, an absence or other hours, and what staff did about it."""

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Q, QuerySet

from booking.models import Absence, Booking, BookingEvent, Closure, Counsellor, DutyHours, Hold, NoticeText, PolicyValue, Seminar
from booking.rules.interval import Interval
from booking.rules.lifecycle import Event

GAVE_WAY = (Event.CANCEL_BY_OFFICE.value, Event.DECLINE.value, Event.RELEASE.value, Event.REASSIGN.value)


def holds_giving_way(span: Interval, counsellors: Collection[int] | None, *, now: datetime) -> QuerySet[Hold]:
    """Sessions of these counsellors (of everybody where None) in the span that are not over yet, with whom they are for, earliest first."""
    holds = _held(span, counsellors, now=now).filter(booking__isnull=False)
    return holds.select_related("booking__applicant", "booking__counsellor", "counsellor").order_by("span", "pk")


def seminars_in_the_way(span: Interval, counsellors: Collection[int] | None, *, now: datetime) -> QuerySet[Seminar]:
    """The seminars of these counsellors (of everybody where None) that lie in the span and are not over yet. One query."""
    return Seminar.objects.filter(hold__in=_held(span, counsellors, now=now)).order_by("starts_at", "pk")


def _held(span: Interval, counsellors: Collection[int] | None, *, now: datetime) -> QuerySet[Hold]:
    if now >= span.end:
        return Hold.objects.none()
    holds = Hold.objects.filter(span__startswith__lt=span.end, span__endswith__gt=max(span.start, now))
    return holds if counsellors is None else holds.filter(counsellor__in=counsellors)


def given_way_at(at: datetime, by_id: int | None) -> list[Booking]:
    """The bookings that this member of staff dealt with at this very moment, in one step; each with that step as ``way``."""
    steps = BookingEvent.objects.filter(at=at, by=by_id, event__in=GAVE_WAY).select_related("booking__applicant", "booking__counsellor")
    found: list[Booking] = []
    for step in steps.order_by("booking__starts_at", "pk"):
        step.booking.way = step.event  # type: ignore[attr-defined]  # for the page that lists them
        found.append(step.booking)
    return found


def roster(day: date) -> list[tuple[Counsellor, list[DutyHours], list[Absence]]]:
    """Who counsels, with the hours that hold on this day or later and the absences that are not over. Three queries."""
    hours = DutyHours.objects.filter(Q(until=None) | Q(until__gte=day)).order_by("since", "weekday", "starts")
    away = Absence.objects.filter(ends_at__date__gte=day).order_by("starts_at")
    staff = list(Counsellor.objects.filter(is_active=True).select_related("default_host").order_by("pk"))
    return [
        (each, [row for row in hours if row.counsellor_id == each.pk], [row for row in away if row.counsellor_id == each.pk])
        for each in staff
    ]


def is_anybody_on_duty(day: date) -> bool:
    """Whether a counsellor has hours on this day; without any, nothing can be booked however open it is. One query."""
    hours = DutyHours.objects.filter(Q(until=None) | Q(until__gte=day), since__lte=day, weekday=day.weekday())
    return hours.filter(counsellor__is_active=True).exists()


def closures_of(year: int) -> dict[date, Closure]:
    """The office's own calendar of a year, by day. One query."""
    return {row.date: row for row in Closure.objects.filter(date__year=year)}


def policy_history() -> QuerySet[PolicyValue]:
    """Every value of every key, the latest first. One query."""
    return PolicyValue.objects.select_related("set_by").order_by("-holds_from", "-pk")


def text_history() -> QuerySet[NoticeText]:
    """Every text of every key, the latest first. One query."""
    return NoticeText.objects.select_related("set_by").order_by("-holds_from", "-pk")


def text_at(key: str, now: datetime) -> str:
    """The office's own text that holds at this moment; empty where there is none. One query."""
    rows = NoticeText.objects.filter(key=key, holds_from__lte=now).order_by("-holds_from", "-pk")
    return rows.values_list("text", flat=True).first() or ""
