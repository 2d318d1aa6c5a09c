"""The day's work on one page: what waits for an answer, today's sessions, what was left open, what could not be sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.actions import Action, standing
from booking.models import Booking, Meeting
from booking.models.bookings import State
from booking.operations.sessions import JoinOver, TooEarly, check_join_window, doubts_of
from booking.queries import coming_after, on_day, policy_at, unanswered, unclosed_before
from booking.rules.calendar import tokyo_date
from booking.rules.lifecycle import Doubt
from booking.rules.slots import Policy
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

MOST_FAILURES = 50
DOUBT_WORDS = {
    Doubt.MEETING_NOT_READY: gettext_lazy("開始までにZoomの準備ができていませんでした"),
    Doubt.CONFIRMATION_NOT_DELIVERED: gettext_lazy("開始までに確定のメールを送れていませんでした"),
    Doubt.COUNSELLOR_ABSENT: gettext_lazy("担当者の入室の記録がありません"),
    Doubt.CLOCK_GAP: gettext_lazy("システムが止まっていた時間があります"),
    Doubt.JOINED: gettext_lazy("利用者が入室しています"),
    Doubt.CONTACTED: gettext_lazy("利用者から連絡がありました"),
    Doubt.OFFICE_DELAY: gettext_lazy("ハローワーク側の遅れ、または訂正の記録があります"),
}
ZOOM_WORDS: dict[str, tuple[str, Any]] = {
    OutboxState.WANTED: ("yellow", gettext_lazy("準備中")),
    OutboxState.CLAIMED: ("yellow", gettext_lazy("準備中")),
    OutboxState.FAILED: ("red", gettext_lazy("作成できませんでした")),
    OutboxState.DONE: ("gray", gettext_lazy("なし")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One booking as the work list shows it."""

    booking: Booking
    buttons: Sequence[tuple[str, Action]]
    left: str
    is_late: bool
    zoom: tuple[str, Any]
    joined_at: datetime | None
    may_enter: bool
    doubts: Sequence[Any]


@dataclass(frozen=True, slots=True)
class WorkList:
    """Everything on the page. The number of queries does not depend on the number of rows."""

    now: datetime
    grace_minutes: int
    unanswered: Sequence[Row]
    today: Sequence[Row]
    coming: Sequence[Row]
    unclosed: Sequence[Row]
    mails: Sequence[OutgoingMail]
    meetings: Sequence[Meeting]


def work_list(*, now: datetime) -> WorkList:
    """The work as it stands at this moment."""
    day = tokyo_date(now)
    policy = policy_at(now)
    today = list(on_day(day).prefetch_related("events"))
    grace = timedelta(minutes=policy.no_contact_grace_minutes)
    doubts = doubts_of([row for row in today if row.state == State.CONFIRMED and now >= row.starts_at + grace], now=now)
    failed_meetings = Meeting.objects.filter(outbox_state=OutboxState.FAILED).select_related("booking__applicant")
    return WorkList(
        now=now,
        grace_minutes=policy.no_contact_grace_minutes,
        unanswered=_rows(unanswered(), policy, now=now),
        today=_rows(today, policy, now=now, doubts=doubts),
        coming=_rows(coming_after(day), policy, now=now),
        unclosed=_rows(unclosed_before(day), policy, now=now),
        mails=list(OutgoingMail.objects.filter(outbox_state=OutboxState.FAILED).order_by("-pk")[:MOST_FAILURES]),
        meetings=list(failed_meetings.order_by("-pk")[:MOST_FAILURES]),
    )


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


def zoom_state(booking: Booking) -> tuple[str, Any]:
    """Colour and word for the booking's meeting."""
    meeting: Meeting | None = getattr(booking, "meeting", None)
    if meeting is None:
        return ZOOM_WORDS[OutboxState.DONE]
    if meeting.exists and meeting.outbox_state == OutboxState.DONE:
        return "green", _("準備済み")
    return ZOOM_WORDS[meeting.outbox_state]


def joined_at(booking: Booking) -> datetime | None:
    """When somebody first pressed on join."""
    return min((row.first_joined_at for row in booking.participants.all() if row.first_joined_at), default=None)


def may_enter(booking: Booking, policy: Policy, *, now: datetime) -> bool:
    """Whether the counsellor's way into the meeting is open: at the same times as the person's."""
    try:
        check_join_window(booking, policy, now=now)
    except (TooEarly, JoinOver):
        return False
    return True


def _runs_well(booking: Booking, doubt: Doubt, *, now: datetime) -> bool:
    """Somebody in the meeting is no doubt while the session runs; after its end the outcome is missing."""
    return doubt is Doubt.JOINED and now < booking.ends_at


def _rows(found: Iterable[Booking], policy: Policy, *, now: datetime, doubts: dict[int, tuple[Doubt, ...]] | None = None) -> list[Row]:
    return [
        Row(
            booking=booking,
            buttons=[(name, action) for name, action in standing(booking, now=now).items() if action.listed],
            left=time_left(booking.answer_by, now=now),
            is_late=now >= booking.answer_by,
            zoom=zoom_state(booking),
            joined_at=joined_at(booking),
            may_enter=may_enter(booking, policy, now=now),
            doubts=[DOUBT_WORDS[doubt] for doubt in (doubts or {}).get(booking.pk, ()) if not _runs_well(booking, doubt, now=now)],
        )
        for booking in found
    ]
