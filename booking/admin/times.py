"""Free starts, counsellors and hosts as choices: the same rule that judges the operation offers them."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from booking.models import Booking
from booking.queries import policy_at, situation
from booking.rules.calendar import Day, tokyo_date
from booking.rules.slots import Door, Offer, Situation, SlotRefused, assign, offers, span_of
from toyooka_hw.wording import ja_short_date, ja_time

Choices = list[tuple[str, list[tuple[str, str]]]]


def free_times(*, now: datetime, without: Booking | None = None, override: bool = False) -> Choices:
    """The free starts within the horizon, grouped by day. ``without``: a booking that is being moved gives way.

    ``override``: also those whose limit of confirmation has passed; they can be had with a reason (A2).
    """
    policy = policy_at(now)
    first = tokyo_date(now)
    last = first + timedelta(days=policy.horizon_days)
    seen = situation(first, last, now=now, without=without)
    grid = offers(seen.calendar.open_days(first, last), seen, door=Door.STAFF, override=override)
    groups = [
        (_heading(day, row, now), [_choice(offer, span_of(offer.start, policy).end) for offer in row if not offer.reasons])
        for day, row in grid
    ]
    return [group for group in groups if group[1]]


def free_for(booking: Booking, *, now: datetime) -> tuple[list[int], list[int]]:
    """The ids of the counsellors and hosts who can take this booking at its time, as the rule would assign them. One query."""
    day = tokyo_date(booking.starts_at)
    seen = situation(day, day, now=now, without=booking)
    counsellors = [row.id for row in seen.counsellors if _assignable(booking.starts_at, seen, counsellor=row.id)]
    hosts = [row.id for row in seen.hosts if _assignable(booking.starts_at, seen, host=row.id)]
    return counsellors, hosts


def _assignable(start: datetime, seen: Situation, **wanted: int) -> bool:
    try:
        assign(start, seen, **wanted)
    except SlotRefused:
        return False
    return True


def _heading(day: Day, row: tuple[Offer, ...], now: datetime) -> str:
    late = now >= row[0].moments.confirm_limit
    words = ja_short_date(day.date)
    return _("%(day)s　本日（例外：理由が必要です）") % {"day": words} if late else words


def _choice(offer: Offer, end: datetime) -> tuple[str, str]:
    return offer.start.isoformat(), f"{ja_short_date(offer.start)} {ja_time(offer.start)}～{ja_time(end)}"
