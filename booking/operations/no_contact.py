"""A session without a sign of life: the ten-minute rule, its doubts, closing by hand, and the notice about it (C6-1-4b, A7)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from booking import mails
from booking.models import Booking
from booking.models.bookings import Kind, State
from booking.operations.evidence import HEARTBEATS_KEPT_FOR, gather, heartbeat, shows_life
from booking.operations.meetings import want_meeting
from booking.operations.meetings.notices import may_still_tell
from booking.operations.sessions import cancel_with_notice, wait_for
from booking.operations.transitions import SYSTEM, apply, locked, staff
from booking.queries import due_for_no_contact, policy_at
from booking.rules.lifecycle import Doubt, Event, Verdict, judge_no_contact
from booking.rules.policy import Policy
from toyooka_hw.accounts.models import User
from toyooka_hw.audit import operations as audit
from toyooka_hw.sweep import each


class SignOfLife(Exception):
    """The person got in touch or joined: that is no cancellation without contact (C6-1-4b)."""


class NeverOfThisKind(Exception):
    """The ten-minute rule is for reservations: nobody is counted as 連絡なし of an immediate session or an interview."""


class OfficeWasLate(Exception):
    """The office recorded its own delay: that the session did not take place is no cancellation of the person (A7)."""


def cancel_no_contact(booking_id: int, *, by: User, now: datetime, wall: datetime, outcome: str = "") -> Booking:
    """Staff close a session without a sign of life by hand, after looking (C6-1-4b).

    Raises StateChanged, OutcomeUnfit, NotYet within the grace, SignOfLife where the person joined or got in touch after the confirmation,
    OfficeWasLate, NeverOfThisKind.
    """
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.kind != Kind.RESERVED:
            raise NeverOfThisKind
        wait_for(booking, booking.starts_at + timedelta(minutes=policy_at(now).no_contact_grace_minutes), now=now)
        if booking.state == State.CONFIRMED:
            _look_for_reasons(booking)
        _close_without_contact(booking, now=now, wall=wall, by=by, outcome=outcome)
    return booking


def apply_no_contact_rule(*, now: datetime, wall: datetime) -> int:
    """Close every session of which nobody has heard for the length of the grace, the office having done its part (C6-1-4b, A7)."""
    heartbeat("beat", now=now, wall=wall)  # the rule reads how long the portal went unwatched: this look counts
    policy = policy_at(now)
    due = due_for_no_contact(now=now, grace=timedelta(minutes=policy.no_contact_grace_minutes))
    rows = due.values_list("pk", flat=True)[:200]
    return each(rows, lambda booking_id: _judge(booking_id, policy, now=now, wall=wall), name="no_contact_rule")


def _judge(booking_id: int, policy: Policy, *, now: datetime, wall: datetime) -> bool:
    with transaction.atomic():
        booking = locked(booking_id)
        if may_still_tell(booking):  # the notice waits for this very row, or for its worker: the next look knows more
            return False
        verdict, _doubts = judge_no_contact(gather([booking], policy)[booking.pk], policy, now=now)
        if verdict is Verdict.CLOSE:
            _close_without_contact(booking, now=now, wall=wall)
        elif verdict is Verdict.CANCELLED_BY_USER:
            cancel_with_notice(booking, SYSTEM, now=now, wall=wall)
    return verdict in (Verdict.CLOSE, Verdict.CANCELLED_BY_USER)


def doubts(booking: Booking, *, now: datetime) -> tuple[Doubt, ...]:
    """Why a session whose grace is over was not closed by itself: 要確認."""
    return doubts_of([booking], now=now)[booking.pk]


def doubts_of(bookings: Sequence[Booking], *, now: datetime) -> dict[int, tuple[Doubt, ...]]:
    """The same for many sessions, by booking id; the number of queries does not depend on how many there are.

    Whether the portal stood still is known for as long as heartbeats are kept, and not claimed of earlier sessions.
    """
    if not bookings:
        return {}
    policy = policy_at(now)
    known = gather(bookings, policy)
    found = {booking.pk: judge_no_contact(known[booking.pk], policy, now=now)[1] for booking in bookings}
    unknown = now - HEARTBEATS_KEPT_FOR + timedelta(seconds=policy.heartbeat_gap_seconds)
    old = {booking.pk for booking in bookings if booking.starts_at < unknown}
    return {pk: tuple(doubt for doubt in each if doubt is not Doubt.CLOCK_GAP or pk not in old) for pk, each in found.items()}


def send_no_contact_notices(*, now: datetime, wall: datetime) -> int:
    """Tell people of a cancellation without contact, some minutes after it, unless it was corrected meanwhile."""
    due = Booking.objects.filter(state=State.CANCELLED_NO_CONTACT, notice_due_at__lte=now).order_by("notice_due_at", "pk")
    rows = due.values_list("pk", flat=True)[:200]
    return each(rows, lambda booking_id: send_no_contact_notice(booking_id, now=now, wall=wall), name="no_contact_notices")


def send_no_contact_notice(booking_id: int, *, now: datetime, wall: datetime, by: User | None = None) -> bool:
    """Send the notice of one cancellation without contact now (the sweep, or staff pressed). False where it is not, or no longer, due."""
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.state != State.CANCELLED_NO_CONTACT or booking.notice_due_at is None:
            return False
        mails.cancelled_no_contact(booking, now=now, wall=wall)
        Booking.objects.filter(pk=booking.pk).update(notice_due_at=None)
        if by:
            audit.record(_("キャンセルのお知らせをすぐに送る"), booking, by=by, now=now, person_pk=booking.applicant_id)
    return True


def _look_for_reasons(booking: Booking) -> None:
    """Why not coming does not speak against the person."""
    if shows_life(booking):
        raise SignOfLife
    if booking.office_delay:
        raise OfficeWasLate


def _close_without_contact(booking: Booking, *, now: datetime, wall: datetime, by: User | None = None, outcome: str = "") -> None:
    due = now + timedelta(minutes=policy_at(now).no_contact_notice_minutes)
    doer = staff(by) if by else SYSTEM
    apply(booking, Event.CANCEL_NO_CONTACT, doer, now=now, outcome=outcome, begun_at=booking.starts_at, notice_due_at=due)
    want_meeting(booking, wall=wall)
