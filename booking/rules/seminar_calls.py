"""Whom to phone about a seminar: the last news of it or of somebody's place, where no mail brings it (S8-1)."""

from dataclasses import dataclass
from datetime import datetime

from booking.rules.calendar import Calendar
from booking.rules.calls import MAIL_TAKES, Delivery, Why, is_near


@dataclass(frozen=True, kw_only=True)
class News:
    """What somebody is to know. ``until``: when it is of no use any more (never, where None). ``heard``: they made it so, or were told since."""

    at: datetime
    starts_at: datetime
    until: datetime | None
    delivery: Delivery
    has_address: bool
    heard: bool


def why_call(news: News, calendar: Calendar, *, now: datetime) -> Why | None:
    """Why somebody must be told by phone; None where the mail does it, they know, or it is of no use any more."""
    if news.heard or (news.until is not None and now >= news.until):
        return None
    if not news.has_address:
        return Why.NO_ADDRESS
    if news.delivery is Delivery.WAITING:
        return Why.MAIL_WAITS if now >= news.at + MAIL_TAKES and is_near(news.starts_at, calendar, now=now) else None
    return {Delivery.FAILED: Why.MAIL_FAILED, Delivery.NONE: Why.NO_MAIL}.get(news.delivery)
