"""One booking as the staff's boards show it: its meeting, who is there, what speaks against closing it, how much grace is left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.actions import standing
from booking.admin.buttons import Action
from booking.admin.doubts import DOUBT_WORDS
from booking.models import Booking, ContactRecord, Meeting, Seminar
from booking.models.bookings import State
from booking.operations.delivery import is_callable
from booking.operations.evidence import contacts_since, joined_at
from booking.operations.sessions import HeldByPhone, JoinOver, TooEarly, check_join_window
from booking.queries import readers_of
from booking.rules.lifecycle import Doubt, grace_ends
from booking.rules.policy import Policy
from booking.rules.seminars import host_door
from booking.troubles import why_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.outbox import OutboxState

ZOOM_WORDS: dict[str, tuple[str, Any]] = {
    OutboxState.WANTED: ("yellow", gettext_lazy("準備中")),
    OutboxState.CLAIMED: ("yellow", gettext_lazy("準備中")),
    OutboxState.FAILED: ("red", gettext_lazy("作成できませんでした")),
    OutboxState.DONE: ("gray", gettext_lazy("なし")),
}
BY_PHONE = ("blue", gettext_lazy("電話で実施"))
BY_HAND = ("green", gettext_lazy("手入力のリンク"))
NO_DOUBTS: Mapping[int, tuple[Doubt, ...]] = {}


@dataclass(frozen=True, slots=True)
class Clock:
    """The grace of a session that has begun and of whose person nothing has been heard (C6-1-4b)."""

    until: datetime
    left: str


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to be phoned; ``is_callable``: at a number that staff verified, and did not replace today (C6-2-3c)."""

    person: Person
    is_callable: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One booking on a board, at one moment. ``is_at_hand``: it begins in a few minutes or has begun, and is not over. ``grace_is_over``: the
    ten-minute rule applies to it, and its minutes have passed. ``calls``: whom to phone, where it is held by telephone.
    """

    booking: Booking
    buttons: Sequence[tuple[str, Action]]
    zoom: tuple[str, Any]
    joined_at: datetime | None
    is_at_hand: bool
    doubts: Sequence[Any]
    clock: Clock | None
    has_begun: bool
    is_over: bool
    grace_is_over: bool
    calls: Sequence[Call]

    @property
    def may_enter(self) -> bool:
        return self.is_at_hand and not self.booking.is_by_phone

    @property
    def contacts(self) -> Sequence[ContactRecord]:
        """What the person said since the confirmation."""
        return contacts_since(self.booking)


@dataclass(frozen=True, slots=True)
class Gathering:
    """One seminar on a board, at one moment. ``may_enter``: the office's way into its meeting is open."""

    seminar: Seminar
    zoom: tuple[str, Any]
    may_enter: bool
    is_over: bool


def gatherings(found: Iterable[Seminar], policy: Policy, *, now: datetime) -> list[Gathering]:
    """The seminars as boards show them."""
    return [
        Gathering(
            seminar=each,
            zoom=zoom_state(each),
            may_enter=host_door(each.rule_state, each.times, opens_minutes=policy.join_opens_minutes, now=now) is None,
            is_over=now >= each.ends_at,
        )
        for each in found
    ]


def rows(found: Iterable[Booking], policy: Policy, *, now: datetime, doubts: Mapping[int, tuple[Doubt, ...]] = NO_DOUBTS) -> list[Row]:
    """The bookings as rows; ``doubts`` by booking id, for those whose grace is over."""
    return [_row(booking, policy, doubts.get(booking.pk, ()), now=now) for booking in found]


def _row(booking: Booking, policy: Policy, doubts: Iterable[Doubt], *, now: datetime) -> Row:
    until = grace_ends(booking.rule_kind, booking.rule_state, booking.starts_at, policy, by_phone=booking.is_by_phone)
    return Row(
        booking=booking,
        buttons=[(name, action) for name, action in standing(booking, now=now).items() if action.listed],
        zoom=zoom_state(booking),
        joined_at=joined_at(booking),
        is_at_hand=is_at_hand(booking, policy, now=now),
        doubts=[DOUBT_WORDS[doubt] for doubt in doubts if not runs_well(booking, doubt, now=now)],
        clock=clock_of(booking, policy, now=now),
        has_begun=now >= booking.starts_at,
        is_over=now >= booking.ends_at,
        grace_is_over=until is not None and now >= until,
        calls=calls_of(booking, now=now),
    )


def clock_of(booking: Booking, policy: Policy, *, now: datetime) -> Clock | None:
    """The ten-minute clock, from the start until the grace is over; none where somebody came or called, or where the rule does not apply."""
    until = grace_ends(booking.rule_kind, booking.rule_state, booking.starts_at, policy, by_phone=booking.is_by_phone)
    if until is None or not booking.starts_at <= now < until:
        return None
    return None if joined_at(booking) or contacts_since(booking) else Clock(until, minutes_and_seconds(until - now))


def minutes_and_seconds(left: timedelta) -> str:
    """``4:12``; whole seconds, never more than there are."""
    minutes, seconds = divmod(int(left.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"


def time_left(limit: datetime, *, now: datetime) -> str:
    """How long until the limit, in words; or that it has passed."""
    if now >= limit:
        return _("期限を過ぎています")
    minutes = int((limit - now).total_seconds() // 60)
    if minutes >= 48 * 60:
        return _("期限まであと%(days)d日") % {"days": minutes // (24 * 60)}
    if minutes >= 60:
        return _("期限まであと%(hours)d時間") % {"hours": minutes // 60}
    return _("期限まであと%(minutes)d分") % {"minutes": minutes}


def zoom_state(occasion: Booking | Seminar) -> tuple[str, Any]:
    """Colour and word for the meeting of a booking or a seminar, or for what takes its place; and what keeps it where something does."""
    if isinstance(occasion, Booking) and occasion.is_by_phone:
        return BY_PHONE
    meeting: Meeting | None = getattr(occasion, "meeting", None)
    if meeting is None:
        return ZOOM_WORDS[OutboxState.DONE]
    if meeting.manual_at and meeting.leads_into(occasion):
        return BY_HAND
    if meeting.exists and meeting.outbox_state == OutboxState.DONE:
        return ("green", _("準備済み")) if meeting.is_for(occasion) else ZOOM_WORDS[OutboxState.WANTED]
    tone, words = ZOOM_WORDS[meeting.outbox_state]
    return tone, (_("%(words)s：%(why)s") % {"words": words, "why": why_of(meeting)} if meeting.trouble else words)


def may_enter(booking: Booking, policy: Policy, *, now: datetime) -> bool:
    """Whether the counsellor's way into the meeting is open: at the same times as the person's; none leads to the telephone."""
    return not booking.is_by_phone and is_at_hand(booking, policy, now=now)


def is_at_hand(booking: Booking, policy: Policy, *, now: datetime) -> bool:
    """Whether the session begins in a few minutes or has begun, and is not over, wherever it is held."""
    try:
        check_join_window(booking, policy, now=now)
    except HeldByPhone:
        return True
    except (TooEarly, JoinOver):
        return False
    return True


def calls_of(booking: Booking, *, now: datetime) -> list[Call]:
    """Whom the office phones for a session that is held by telephone: everybody in it; nobody for any other."""
    if not booking.is_by_phone or booking.state != State.CONFIRMED:
        return []
    people = [person.merged_into or person for person in readers_of(booking)]
    return [Call(person, is_callable(person, now=now)) for person in people]


def runs_well(booking: Booking, doubt: Doubt, *, now: datetime) -> bool:
    """Somebody in the meeting is no doubt while the session runs; after its end the outcome is missing."""
    return doubt is Doubt.JOINED and now < booking.ends_at
