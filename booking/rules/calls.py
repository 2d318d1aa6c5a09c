"""Whom to phone: the news of a booking that no mail brought, or that a mail alone would bring too late."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from booking.rules.calendar import ONE_DAY, Calendar, tokyo, tokyo_date
from booking.rules.lifecycle import Event

# What people are told of, by mail where they have an address. Whoever cancels, withdraws or accepts knows already.
NEWS = frozenset(
    {
        Event.PROPOSE,
        Event.CONFIRM,
        Event.REINSTATE,
        Event.MOVE,
        Event.DECLINE,
        Event.EXPIRE,
        Event.CANCEL_NO_CONTACT,
        Event.CANCEL_BY_OFFICE,
        Event.CORRECT_TO_CONFIRMED,
    }
)
# What nobody is told of: what people were told before stands.
NO_NEWS = frozenset({Event.REASSIGN, Event.CORRECT_OUTCOME})
# The office takes back what the person counts on, or gives what they no longer do: on short notice a mail alone may be read too late.
TURNS = frozenset({Event.CANCEL_BY_OFFICE, Event.DECLINE, Event.REINSTATE})
MAIL_TAKES = timedelta(minutes=30)


class Delivery(StrEnum):
    """How far the mail with the news has come; NONE where nothing was written."""

    NONE = "none"
    WAITING = "waiting"
    FAILED = "failed"
    DELIVERED = "delivered"


class Why(StrEnum):
    """Why a mail is not enough."""

    NO_ADDRESS = "no_address"
    MAIL_FAILED = "mail_failed"
    MAIL_WAITS = "mail_waits"
    SHORT_NOTICE = "short_notice"


@dataclass(frozen=True, kw_only=True)
class News:
    """The latest news of a booking. ``heard``: the person was there when it was recorded, or staff have spoken with them since."""

    event: Event
    at: datetime
    starts_at: datetime
    delivery: Delivery
    has_address: bool
    heard: bool
    override: bool = False


def why_call(news: News, calendar: Calendar, *, now: datetime) -> Why | None:
    """Why somebody must be told by phone; None where the mail does it, the person knows, or a session that stands has begun."""
    if news.heard or news.event not in NEWS or (news.event not in _ENDS and now >= news.starts_at):
        return None
    if news.delivery is Delivery.FAILED:
        return Why.MAIL_FAILED
    if news.delivery is Delivery.NONE:
        return None if news.event is Event.CORRECT_TO_CONFIRMED and news.has_address else Why.NO_ADDRESS
    if news.delivery is Delivery.WAITING and now >= news.at + MAIL_TAKES and is_near(news.starts_at, calendar, now=now):
        return Why.MAIL_WAITS
    if (news.event in TURNS or news.override) and is_near(news.starts_at, calendar, now=news.at):
        return Why.SHORT_NOTICE
    return None


def is_near(starts_at: datetime, calendar: Calendar, *, now: datetime) -> bool:
    """Whether a session begins by the end of the next open day."""
    return starts_at < tokyo(calendar.next_open_day(tokyo_date(now)) + ONE_DAY, time())


_ENDS = frozenset({Event.DECLINE, Event.EXPIRE, Event.CANCEL_NO_CONTACT, Event.CANCEL_BY_OFFICE})
