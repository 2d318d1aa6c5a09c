"""What lies in the way of closing a day, and whom to remind."""

from datetime import date, datetime, time

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from booking.models import Booking, DayClosing
from booking.models.bookings import State
from booking.queries.lists import on_day
from booking.queries.situation import LOOK_BACK
from booking.rules.calendar import TOKYO, tokyo, tokyo_date
from booking.rules.outcomes import OUTCOMES


def sessions_without_end(day: date) -> QuerySet[Booking]:
    """The sessions of a Tokyo day of which nobody has said how they ended."""
    return on_day(day).filter(state=State.CONFIRMED)


def unclosed_days(before: date) -> list[tuple[date, int]]:
    """The days of the last 60 on which there were sessions and that nobody has closed, each with how many have no end. One query."""
    lived = [State.CONFIRMED, *(state.value for state in OUTCOMES)]
    begin, end = tokyo(before, time()) - LOOK_BACK, tokyo(before, time())
    sessions = Booking.objects.filter(starts_at__gte=begin, starts_at__lt=end, state__in=lived)
    days = sessions.annotate(day=TruncDate("starts_at", tzinfo=TOKYO)).filter(~Exists(DayClosing.objects.filter(day=OuterRef("day"))))
    return list(days.values_list("day").annotate(missing=Count("pk", filter=Q(state=State.CONFIRMED))).order_by("day"))


def to_remind_of(*, now: datetime) -> QuerySet[Booking]:
    """Sessions of earlier days, of the last 60 at most, without an end, of whose counsellor nobody has asked it yet."""
    today = tokyo(tokyo_date(now), time())
    missing = Booking.objects.filter(state=State.CONFIRMED, outcome_asked_at=None, starts_at__gte=today - LOOK_BACK, ends_at__lt=today)
    return missing.order_by("counsellor", "starts_at", "pk")
