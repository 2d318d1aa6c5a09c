"""Whom to phone: the news of a booking that no mail brought, or that a mail alone would bring too late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from booking.rules import lifecycle
from booking.rules.calendar import ONE_DAY, Calendar, tokyo, tokyo_date
from booking.rules.interval import Interval
from booking.rules.lifecycle import Event

CORRECTIONS = lifecycle.CORRECTIONS - {Event.REINSTATE, Event.CORRECT_OUTCOME}
# What people are told of, by mail where they have an address. Whoever cancels or withdraws knows already; so does whoever accepts,
# yet the confirmation that answers them is news of its own. RELEASE: proposals that were made are taken back.
NEWS = frozenset(
    {
        Event.PROPOSE,
        Event.CONFIRM,
        Event.ACCEPT,
        Event.REINSTATE,
        Event.MOVE,
        Event.REPLACE,
        Event.DECLINE,
        Event.EXPIRE,
        Event.CANCEL_NO_CONTACT,
        Event.CANCEL_BY_OFFICE,
        Event.RELEASE,
        Event.BY_PHONE,
        Event.BY_ZOOM,
    }
    | CORRECTIONS
)
# What nobody is told of: what people were told before stands.
NO_NEWS = frozenset({Event.REASSIGN, Event.CORRECT_OUTCOME})
# The office takes back what the person counts on, or gives what they no longer do: on short notice a mail alone may be read too late.
# Whoever was to be called waits for a call that does not come; whoever was to come to Zoom is called anyway.
TURNS = frozenset({Event.CANCEL_BY_OFFICE, Event.DECLINE, Event.REINSTATE, Event.REPLACE, Event.BY_ZOOM})
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
    NO_MAIL = "no_mail"
    MAIL_FAILED = "mail_failed"
    MAIL_WAITS = "mail_waits"
    SHORT_NOTICE = "short_notice"


@dataclass(frozen=True, kw_only=True)
class News:
    """The latest news of a booking. ``heard``: the person was there when it was recorded, or staff have spoken with them since.

    ``starts_at``: the session, or the first of the times that are offered. ``until``: when it is of no use any more (never, where None).
    ``told_before``: staff had told by phone what is now corrected. ``at_the_page``: the person waits there, and reads it first (C6-2-1c).
    ``with_others``: several people take part, so that what one of them says is news to the rest (A18).
    """

    event: Event
    at: datetime
    starts_at: datetime
    until: datetime | None
    delivery: Delivery
    has_address: bool
    heard: bool
    override: bool = False
    told_before: bool = False
    at_the_page: bool = False
    with_others: bool = False


def of_use_until(event: Event, session: Interval, confirm_limit: datetime, offered: Sequence[datetime]) -> datetime | None:
    """Until when this news helps the person: to the last of the times that are offered, to the session; None: how it ended is always told."""
    if event is Event.PROPOSE:
        return max(offered, default=confirm_limit)
    if event is Event.RELEASE:
        return confirm_limit
    if event in {Event.CORRECT_TO_CONFIRMED, Event.BY_ZOOM}:  # made while the session runs, too
        return session.end
    return None if event in _ENDS else session.start


def why_call(news: News, calendar: Calendar, *, now: datetime) -> Why | None:
    """Why somebody must be told by phone; None where the mail does it, the person knows, or it is of no use any more."""
    if news.heard or not _is_news(news) or (news.until is not None and now >= news.until):
        return None
    if news.delivery is Delivery.FAILED:
        return Why.MAIL_FAILED
    if news.delivery is Delivery.NONE:
        return _why_unwritten(news)
    return None if news.at_the_page else _why_too_late(news, calendar, now=now)


def _is_news(news: News) -> bool:
    return news.event in NEWS or (news.with_others and news.event is Event.CANCEL_BY_USER)


def _why_too_late(news: News, calendar: Calendar, *, now: datetime) -> Why | None:
    """Why a mail that was written, and did not fail, may be read too late."""
    if news.delivery is Delivery.WAITING and now >= news.at + MAIL_TAKES and is_near(news.starts_at, calendar, now=now):
        return Why.MAIL_WAITS
    if (news.event in TURNS or news.override) and is_near(news.starts_at, calendar, now=news.at):
        return Why.SHORT_NOTICE
    return None


def is_near(starts_at: datetime, calendar: Calendar, *, now: datetime) -> bool:
    """Whether a session begins by the end of the next open day."""
    return starts_at < tokyo(calendar.next_open_day(tokyo_date(now)) + ONE_DAY, time())


def _why_unwritten(news: News) -> Why | None:
    if news.event in CORRECTIONS and not news.told_before:  # of what is corrected nobody had told them
        return None
    return Why.NO_MAIL if news.has_address else Why.NO_ADDRESS


_ENDS = frozenset({Event.DECLINE, Event.EXPIRE, Event.CANCEL_NO_CONTACT, Event.CANCEL_BY_OFFICE}) | CORRECTIONS - {
    Event.CORRECT_TO_CONFIRMED
}
