"""From the request to the confirmation: confirm, propose, accept, refuse, decline, withdraw, expire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from booking import mails
from booking.models import Booking, Hold
from booking.models.bookings import Kind, State
from booking.operations import places
from booking.operations.clashes import refuse_clashes
from booking.operations.meetings import want_meeting
from booking.operations.one_open import refuse_rival, refuse_second
from booking.operations.places import Wish
from booking.operations.registrations import looked_up
from booking.operations.transitions import PERSON, SYSTEM, Doer, apply, changed, locked, staff
from booking.queries import moments_of, proposed_holds
from booking.rules.interval import Interval
from booking.rules.lifecycle import Event
from booking.rules.slots import Door, Reason, SlotRefused, is_late, reply_by
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import locked_survivor
from toyooka_hw.sweep import each

PROPOSALS = range(1, 4)


class ConfirmLimitPassed(Exception):
    """The end of the day before has passed: only as an exception, with a reason (C6-1-1b, A2)."""


class ProposesTheWish(Exception):
    """The time the person asked for is no other time: confirm it instead."""


class SameTimeTwice(Exception):
    """One of the proposed times was given twice: the person would choose between two that are one."""


class NotProposed(Exception):
    """That time is not among the ones held for the person."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How staff confirm: what the Hello Work system shows, with whom and on which host (as held where None), and why where it is late."""

    eligibility: str
    by: User
    counsellor: int | None = None
    host: int | None = None
    reason: str = ""


def confirm(booking_id: int, decision: Decision, *, now: datetime, wall: datetime) -> Booking:
    """Confirm the request for a reservation: the meeting is wanted and the person is told (C6-1-1b, C6-1-3). Other kinds have doors of their own.

    Raises StateChanged, EligibilityMissing, ConfirmLimitPassed (give a reason), SlotRefused (its time has come, or
    the wanted counsellor or host is taken), TakesPartElsewhere.
    """
    start = _start_of(booking_id)
    return places.retrying(lambda: confirm_locked(locked(booking_id), decision, now=now, wall=wall), start=start)


def confirm_locked(booking: Booking, decision: Decision, *, now: datetime, wall: datetime) -> Booking:
    """The same for a booking that the caller's transaction has locked or made."""
    if booking.state != State.REQUESTED or booking.kind != Kind.RESERVED:
        raise changed(booking)
    return _confirm(booking, Event.CONFIRM, decision, now=now, wall=wall)


def reinstate(booking_id: int, decision: Decision, *, now: datetime, wall: datetime) -> Booking:
    """Confirm an expired request after all: its place is taken again, the reason is kept (A2). Raises as ``confirm``, and OpenBookingExists."""
    start = _start_of(booking_id)
    try:
        return places.retrying(lambda: _reinstate(locked(booking_id), decision, now=now, wall=wall), start=start)
    except IntegrityError as error:
        refuse_rival(error, Booking.objects.select_related("applicant").get(pk=booking_id).applicant.survivor_id, now=now)


def _start_of(booking_id: int) -> datetime:
    """When the session begins: what a refusal names."""
    return Booking.objects.values_list("starts_at", flat=True).get(pk=booking_id)


def _reinstate(booking: Booking, decision: Decision, *, now: datetime, wall: datetime) -> Booking:
    if booking.state != State.EXPIRED or booking.kind != Kind.RESERVED:
        raise changed(booking)
    refuse_second(locked_survivor(booking.applicant_id).pk, now=now)
    return _confirm(booking, Event.REINSTATE, decision, now=now, wall=wall)


def _confirm(booking: Booking, event: Event, decision: Decision, *, now: datetime, wall: datetime) -> Booking:
    checked = looked_up(decision.eligibility, decision.by, now)
    late = is_late(booking.starts_at, now=now)
    if now >= booking.starts_at:
        raise SlotRefused((Reason.PAST,), booking.starts_at)
    if late and not decision.reason.strip():
        raise ConfirmLimitPassed
    refuse_clashes(booking, Interval(booking.starts_at, booking.ends_at))
    counsellor, host = _place_for(booking, decision, override=late, now=now)
    apply(
        booking,
        event,
        staff(decision.by),
        now=now,
        reason=decision.reason,
        override=late,
        confirmed_at=now,
        counsellor_id=counsellor,
        host_id=host,
        **checked,
    )
    want_meeting(booking, wall=wall)
    mails.confirmed(booking, now=now, wall=wall)
    return booking


def _place_for(booking: Booking, decision: Decision, *, override: bool, now: datetime) -> tuple[int, int]:
    """Keep the held place, or take another where staff reassign or nothing is held any more."""
    held = Hold.objects.filter(booking=booking, kind=Hold.Kind.RESERVATION).first()
    if held and held.host_id and decision.counsellor in (None, held.counsellor_id) and decision.host in (None, held.host_id):
        return held.counsellor_id, held.host_id
    wish = Wish(Door.STAFF, override=override, counsellor=decision.counsellor, host=decision.host)
    found = places.take([booking.starts_at], wish, now=now, without=booking)
    places.release(booking)
    places.hold(booking, found, Hold.Kind.RESERVATION)
    return found[0].assignment.counsellor, found[0].assignment.host


def propose(booking_id: int, starts: Sequence[datetime], *, eligibility: str, by: User, now: datetime, wall: datetime) -> Booking:
    """Offer one to three other times instead of the wanted one; each is held until the person answers (C6-1-3, A13).

    Raises StateChanged, EligibilityMissing, SlotRefused, ProposesTheWish, SameTimeTwice, ValueError where the number of times is not 1 to 3.
    """
    wanted = sorted(starts)
    if len(wanted) not in PROPOSALS:
        raise ValueError("one to three times")
    if len(set(wanted)) < len(wanted):
        raise SameTimeTwice
    return places.retrying(lambda: _propose(locked(booking_id), wanted, eligibility, by, now=now, wall=wall), start=wanted[0])


def _propose(booking: Booking, starts: list[datetime], eligibility: str, by: User, *, now: datetime, wall: datetime) -> Booking:
    checked = looked_up(eligibility, by, now)
    if booking.state != State.REQUESTED:
        raise changed(booking)
    if booking.starts_at in starts and booking.holds.exists():
        raise ProposesTheWish
    found = places.take(starts, Wish(Door.STAFF), now=now, without=booking)
    places.release(booking)
    places.hold(booking, found, Hold.Kind.PROPOSAL)
    proposed_locked(booking, starts, by=by, now=now, wall=wall, **checked)
    return booking


def proposed_locked(booking: Booking, starts: list[datetime], *, by: User, now: datetime, wall: datetime, **changes: Any) -> None:
    """The person is asked about times that the caller's transaction holds for them already, earliest first."""
    first, last = moments_of(starts[0], now=now), moments_of(starts[-1], now=now)
    reply = reply_by(first.answer_by, first.confirm_limit, now=now)
    event = apply(booking, Event.PROPOSE, staff(by), now=now, answer_by=reply, confirm_limit=last.confirm_limit, **changes)
    mails.proposed(booking, event, starts, now=now, wall=wall)


def accept(booking_id: int, start: datetime, *, now: datetime, wall: datetime, by: User | None = None, reason: str = "") -> Booking:
    """The person takes one of the proposed times: it is confirmed, the others are free again. ``by``: staff answer for a person who phones.

    Raises StateChanged, NotProposed, SlotRefused where that time has passed, TakesPartElsewhere, ConfirmLimitPassed where its day has begun: then only staff
    accept, with a ``reason`` (A2).
    """
    with transaction.atomic():
        booking = locked(booking_id)
        chosen = next((held for held in proposed_holds(booking) if held.span.lower == start), None)
        if booking.state != State.PROPOSED:
            raise changed(booking)
        if chosen is None:
            raise NotProposed
        late = is_late(start, now=now)
        if late and not (by and reason.strip()):
            raise ConfirmLimitPassed
        if now >= start:
            raise SlotRefused((Reason.PAST,), start)
        refuse_clashes(booking, Interval(chosen.span.lower, chosen.span.upper))
        limits = moments_of(start, now=now)
        places.lock_takers([chosen.counsellor_id], [chosen.host_id] if chosen.host_id else [])
        proposed_holds(booking).exclude(pk=chosen.pk).delete()
        Hold.objects.filter(pk=chosen.pk).update(kind=Hold.Kind.RESERVATION)
        apply(
            booking,
            Event.ACCEPT,
            _doer(by),
            now=now,
            reason=reason,
            override=late,
            starts_at=chosen.span.lower,
            ends_at=chosen.span.upper,
            confirmed_at=now,
            counsellor_id=chosen.counsellor_id,
            host_id=chosen.host_id,
            answer_by=limits.answer_by,
            confirm_limit=limits.confirm_limit,
        )
        want_meeting(booking, wall=wall)
        mails.confirmed(booking, now=now, wall=wall)
    return booking


def refuse(booking_id: int, *, now: datetime, by: User | None = None, seen: int | None = None) -> Booking:
    """None of the proposed times fits: the request is open again, without a place, and staff look for another.

    Raises StateChanged, MovedMeanwhile. It lives until the day it was for begins; where that day has come already, as long as the last proposal would have.
    """
    with transaction.atomic():
        booking = locked(booking_id, seen=seen)
        apply(booking, Event.REFUSE, _doer(by), now=now, **open_again(booking, now=now))
        places.release(booking)
    return booking


def open_again(booking: Booking, *, now: datetime) -> dict[str, Any]:
    """The limits of a request without a place: those of the day it was for, or of its last proposal where that day has come already."""
    limits = moments_of(booking.starts_at, now=now)
    limit = limits.confirm_limit if now < limits.confirm_limit else booking.confirm_limit
    return {"answer_by": reply_by(limits.answer_by, limit, now=now), "confirm_limit": limit}


def decline(booking_id: int, *, reason: str, by: User, now: datetime, wall: datetime, seen: int | None = None) -> Booking:
    """The office cannot take the request; the person is told of the other ways. Raises StateChanged, MovedMeanwhile, ReasonMissing."""
    with transaction.atomic():
        booking = locked(booking_id, seen=seen)
        apply(booking, Event.DECLINE, staff(by), now=now, reason=reason)
        mails.declined(booking, reason, now=now, wall=wall)
    return booking


def withdraw(booking_id: int, *, now: datetime, wall: datetime, by: User | None = None, seen: int | None = None) -> Booking:
    """The person takes an unconfirmed request back; that is no キャンセル. They are told that it is done.

    Raises StateChanged, MovedMeanwhile.
    """
    with transaction.atomic():
        booking = locked(booking_id, seen=seen)
        apply(booking, Event.WITHDRAW, _doer(by), now=now)
        mails.withdrawn(booking, now=now, wall=wall)
    return booking


def expire_unconfirmed(*, now: datetime, wall: datetime) -> int:
    """Expire every request that nobody confirmed within its limit: a reservation's by the end of the day before (C6-1-1b), an immediate
    one's within some minutes, an employer's while one of its wishes lay ahead; each person is told."""
    overdue = Booking.objects.filter(state__in=[State.REQUESTED, State.PROPOSED], confirm_limit__lte=now)
    rows = overdue.order_by("confirm_limit", "pk").values_list("pk", flat=True)[:200]
    return each(rows, lambda booking_id: expire(booking_id, now=now, wall=wall), name="expire_unconfirmed")


def expire(booking_id: int, *, now: datetime, wall: datetime) -> bool:
    """The same for one request. False where it is not, or no longer, overdue."""
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.state not in (State.REQUESTED, State.PROPOSED) or booking.confirm_limit > now:
            return False
        apply(booking, Event.EXPIRE, SYSTEM, now=now)
        mails.expired(booking, now=now, wall=wall)
    return True


def _doer(by: User | None) -> Doer:
    return staff(by) if by else PERSON
