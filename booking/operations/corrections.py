"""Correcting how a session ended: the way back from a wrong press, with a reason (0023)."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from booking import mails
from booking.models import Booking
from booking.models.bookings import Kind, State
from booking.operations import places
from booking.operations.clashes import refuse_clashes
from booking.operations.identity import require_identities
from booking.operations.meetings import want_meeting
from booking.operations.one_open import OpenBookingExists, refuse_second
from booking.operations.sessions import NotYet
from booking.operations.transitions import apply, locked, staff
from booking.queries import calendar_between, open_immediate_of, policy_at
from booking.rules.calendar import tokyo_date
from booking.rules.interval import Interval
from booking.rules.lifecycle import FINAL, Event
from booking.rules.outcomes import Outcome, OutcomeUnfit
from booking.rules.slots import Assignment, Reason, SlotRefused
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import locked_survivor

CORRECTIONS = {
    State.CONFIRMED: Event.CORRECT_TO_CONFIRMED,
    State.COMPLETED: Event.CORRECT_TO_COMPLETED,
    State.CANCELLED_BY_USER: Event.CORRECT_TO_CANCELLED_BY_USER,
    State.CANCELLED_BY_OFFICE: Event.CORRECT_TO_CANCELLED_BY_OFFICE,
}


class SessionOver(Exception):
    """The session's time is over: it cannot stand as confirmed again."""


class PlaceTaken(Exception):
    """The time is occupied by something else by now."""


def correct(
    booking_id: int, to: str, *, reason: str, by: User, now: datetime, wall: datetime, outcome: str = "", seen: int | None = None
) -> Booking:
    """Correct how a session ended; whoever was told of the end is told of the correction. Possible after the day was closed too.

    Back to confirmed it comes only while it can still be held: its place is taken again, on an open day, before its end.
    Raises StateChanged, MovedMeanwhile, ReasonMissing, OutcomeUnfit, NotYet (held before its start), SessionOver, SlotRefused (a closed
    day), OpenBookingExists, TakesPartElsewhere, PlaceTaken (its time is in use), IdentityUnchecked.
    """
    target = State(to)
    try:
        with transaction.atomic():
            booking = locked(booking_id, seen=seen)
            was_told = _was_told(booking)
            if target == State.CONFIRMED and booking.rule_state in FINAL:
                _refuse_second(booking, now=now)
                refuse_clashes(booking, Interval(booking.starts_at, booking.ends_at))
            if target == State.COMPLETED and booking.rule_state in FINAL:
                require_identities(booking)
            apply(booking, CORRECTIONS[target], staff(by), now=now, reason=reason, outcome=outcome, **_anew(booking, target, now=now))
            if target == State.COMPLETED and now < booking.starts_at:
                raise NotYet(booking.starts_at)
            if target == State.CONFIRMED:
                _hold_again(booking, now=now)
            if was_told:
                mails.corrected(booking, now=now, wall=wall)
            want_meeting(booking, wall=wall)
    except IntegrityError as error:
        raise PlaceTaken from error
    return booking


def correct_outcome(booking_id: int, outcome: str, *, reason: str, by: User, now: datetime, seen: int | None = None) -> Booking:
    """Correct the second level only; what stands already is left alone. Conduct is recorded with its story, never by a correction (C12-1).

    Raises StateChanged, MovedMeanwhile, ReasonMissing, OutcomeUnfit.
    """
    with transaction.atomic():
        booking = locked(booking_id, seen=seen)
        if outcome == Outcome.CONDUCT:
            raise OutcomeUnfit(booking.rule_state, Outcome.CONDUCT)
        if booking.outcome != outcome:
            apply(booking, Event.CORRECT_OUTCOME, staff(by), now=now, reason=reason, outcome=outcome)
    return booking


def _refuse_second(booking: Booking, *, now: datetime) -> None:
    """One reservation that is still to come, one immediate session that is not over; interviews are as many as employers ask for."""
    person_id = locked_survivor(booking.applicant_id).pk
    if booking.kind == Kind.RESERVED and now < booking.starts_at:
        refuse_second(person_id, now=now)
    if booking.kind == Kind.AD_HOC and (other := open_immediate_of(person_id, now=now)):
        raise OpenBookingExists(other)


def _anew(booking: Booking, target: State, *, now: datetime) -> dict[str, Any]:
    """What a correction leaves of the former end: no notice that waits, no reminder, an open booking only where it is still to come.

    A call that cancelled the session by mistake is no contact about it: what was said before is about a session that was no more.
    """
    anew = {"notice_due_at": None, "outcome_asked_at": None, "begun_at": booking.starts_at if now >= booking.starts_at else None}
    mistaken = target == State.CONFIRMED and booking.state == State.CANCELLED_BY_USER
    return {**anew, "confirmed_at": now} if mistaken else anew


def _was_told(booking: Booking) -> bool:
    """Whether the person was told how the session ended: of a cancellation, but of one without contact only once its notice has gone."""
    if booking.state == State.CANCELLED_NO_CONTACT:
        return booking.notice_due_at is None
    return booking.state in (State.CANCELLED_BY_USER, State.CANCELLED_BY_OFFICE)


def _hold_again(booking: Booking, *, now: datetime) -> None:
    """Take the place of a corrected booking once more, as far as its session can still be held.

    Start, counsellor and host are locked before the calendar is asked: whoever closes the day meanwhile is waited for (0018).
    """
    assert booking.counsellor_id is not None  # the constraint confirmed_is_complete
    assert booking.host_id is not None
    day = tokyo_date(booking.starts_at)
    if now >= booking.ends_at:
        raise SessionOver
    policy, who = policy_at(now), Assignment(booking.counsellor_id, booking.host_id)
    place = places.place_of(booking.starts_at, who, policy, presence=places.wish_of(booking, policy).presence)
    places.lock_starts([booking.starts_at])
    places.lock_rows([place])
    if not calendar_between(day, day).day(day).is_open:
        raise SlotRefused((Reason.CLOSED_DAY,), booking.starts_at)
    places.hold(booking, [place], places.kind_of(booking))
