"""The day's work on one page: what waits for an answer, today's sessions, what was left open, what could not be sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from booking.admin.actions import Action, standing
from booking.admin.rows import DOUBT_WORDS, joined_at, may_enter, runs_well, time_left, zoom_state
from booking.models import Booking, Meeting
from booking.models.bookings import State
from booking.operations.sessions import doubts_of
from booking.queries import coming_after, on_day, policy_at, unanswered, unclosed_before
from booking.rules.calendar import tokyo_date
from booking.rules.lifecycle import Doubt
from booking.rules.slots import Policy
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

MOST_FAILURES = 50


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
            doubts=[DOUBT_WORDS[doubt] for doubt in (doubts or {}).get(booking.pk, ()) if not runs_well(booking, doubt, now=now)],
        )
        for booking in found
    ]
