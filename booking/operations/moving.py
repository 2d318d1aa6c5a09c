"""A booking gets another time, or another counsellor: its place is swapped in one transaction, never two and never none."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from booking import mails
from booking.models import Booking, Hold, Participant
from booking.models.bookings import Kind, State
from booking.operations import places
from booking.operations.bookings import open_again, proposed_locked
from booking.operations.clashes import refuse_clashes
from booking.operations.meetings import want_meeting
from booking.operations.one_open import refuse_rival
from booking.operations.places import Place, Wish
from booking.operations.transitions import apply, changed, locked, staff
from booking.queries import moments_of, policy_at, proposed_holds
from booking.rules.lifecycle import Actor, Event, legal_events
from booking.rules.slots import SlotRefused, is_late, span_of
from toyooka_hw.accounts.models import User


class NothingToMove(Exception):
    """The booking is at that time with that counsellor and host already."""


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes a booking's place, and why. ``counsellor`` and ``host``: who is wanted (as now, or whoever is free, where None).

    ``seen``: the last line of the booking's history that was on the screen (any where None).
    """

    by: User
    reason: str
    counsellor: int | None = None
    host: int | None = None
    seen: int | None = None


def move(booking_id: int, start: datetime, change: Change, *, now: datetime, wall: datetime) -> Booking:
    """Give a confirmed booking another time, agreed with the person: meeting, link and calendar follow, the person is told (C6-1-3).

    A reservation's counts as an exception once the new day has begun (C6-1-1b, A2). Raises StateChanged, MovedMeanwhile, ReasonMissing, SlotRefused,
    NothingToMove, OpenBookingExists, TakesPartElsewhere.
    """
    try:
        return places.retrying(lambda: _move(locked(booking_id, seen=change.seen), start, change, now=now, wall=wall), start=start)
    except IntegrityError as error:
        refuse_rival(error, Booking.objects.get(pk=booking_id).applicant_id, now=now)


def reassign(booking_id: int, change: Change, *, now: datetime, wall: datetime) -> Booking:
    """Hand a booking over at its own time, to another counsellor or host; to the person nothing changes, so nobody writes to them.

    Raises StateChanged, MovedMeanwhile, ReasonMissing, SlotRefused where nobody else is free, NothingToMove.
    """
    return places.retrying(lambda: _reassign(locked(booking_id, seen=change.seen), change, now=now, wall=wall), start=now)


def _reassign(booking: Booking, change: Change, *, now: datetime, wall: datetime) -> Booking:
    held = list(Hold.objects.filter(booking=booking).order_by("span"))
    wanted = replace(change, counsellor=change.counsellor or booking.counsellor_id)
    if all(wanted.counsellor == hold.counsellor_id and change.host in (None, hold.host_id) for hold in held):
        raise NothingToMove
    return hand_over(booking, [hold.span.lower for hold in held], wanted, now=now, wall=wall)


def _move(booking: Booking, start: datetime, change: Change, *, now: datetime, wall: datetime) -> Booking:
    if Event.MOVE not in legal_events(booking.rule_kind, booking.rule_state, Actor.STAFF):
        raise changed(booking)
    if start == booking.starts_at:
        raise NothingToMove
    policy = policy_at(now)
    refuse_clashes(booking, span_of(start, policy))
    late = booking.kind == Kind.RESERVED and is_late(start, now=now)
    wish = places.wish_of(booking, policy, override=late, counsellor=change.counsellor or booking.counsellor_id)
    place = _nearest([start], booking, change, wish, now=now)[0]
    places.release(booking)
    places.hold(booking, [place], places.kind_of(booking))
    limits = _limits(start, now=now) if booking.kind == Kind.RESERVED else {}
    apply(booking, Event.MOVE, staff(change.by), now=now, reason=change.reason, override=late, **_as_new(place, now=now), **limits)
    Participant.objects.filter(booking=booking).update(first_joined_at=None, identity_checked_at=None, identity_checked_by=None)
    want_meeting(booking, wall=wall)
    mails.moved(booking, now=now, wall=wall)
    return booking


def hand_over(booking: Booking, starts: Sequence[datetime], change: Change, *, now: datetime, wall: datetime) -> Booking:
    """The same for a booking that the caller's transaction has locked: these times of its own go to whoever is wanted, or to anybody free."""
    kind = Hold.Kind.PROPOSAL if booking.state == State.PROPOSED else places.kind_of(booking)
    wish = places.wish_of(booking, policy_at(now), counsellor=change.counsellor, as_held=True)
    found = _nearest(starts, booking, change, wish, now=now)
    Hold.objects.filter(booking=booking, span__startswith__in=starts).delete()
    places.hold(booking, found, kind)
    apply(booking, Event.REASSIGN, staff(change.by), now=now, reason=change.reason, **_hands(booking, found[0]))
    if booking.state == State.CONFIRMED:
        want_meeting(booking, wall=wall)
    return booking


def release(booking_id: int, *, reason: str, by: User, now: datetime, wall: datetime, seen: int | None = None) -> Booking:
    """Give up the time that is held for a request or for proposals: the request stands without a place until staff propose another one.

    Raises StateChanged, MovedMeanwhile, ReasonMissing.
    """
    with transaction.atomic():
        booking = locked(booking_id, seen=seen)
        give_up(booking, Hold.objects.filter(booking=booking), reason=reason, by=by, now=now, wall=wall)
    return booking


def give_up(booking: Booking, lost: QuerySet[Hold], *, reason: str, by: User, now: datetime, wall: datetime) -> None:
    """The same for some of its times, in the caller's transaction; those of a proposal that remain are proposed again, by one mail.

    Where none remains of those that were proposed, the person is told that they no longer stand.
    """
    asked = booking.state == State.PROPOSED
    limits: dict[str, Any] = open_again(booking, now=now) if asked else {}
    apply(booking, Event.RELEASE, staff(by), now=now, reason=reason, **limits)
    lost.delete()
    left = [hold.span.lower for hold in proposed_holds(booking)]
    if left:
        proposed_locked(booking, left, by=by, now=now, wall=wall)
    elif asked:
        mails.released(booking, now=now, wall=wall)


def _nearest(starts: Sequence[datetime], booking: Booking, change: Change, wish: Wish, *, now: datetime) -> list[Place]:
    """Places for these starts, changing as little as possible: the same host keeps its meeting, the same counsellor their person."""
    pairs = product((wish.counsellor, change.counsellor), (change.host or booking.host_id, change.host))
    *nearer, last = [replace(wish, counsellor=counsellor, host=host) for counsellor, host in dict.fromkeys(pairs)]
    for attempt in nearer:
        with suppress(SlotRefused):  # taken: the next one, and the last may refuse aloud
            return places.take(starts, attempt, now=now, without=booking)
    return places.take(starts, last, now=now, without=booking)


def _hands(booking: Booking, place: Place) -> dict[str, Any]:
    """Who has the booking now; that the former counsellor had come in says nothing of the new one."""
    same = place.assignment.counsellor == booking.counsellor_id
    seen = booking.counsellor_seen_at if same else None
    return {"counsellor_id": place.assignment.counsellor, "host_id": place.assignment.host, "counsellor_seen_at": seen}


def _limits(start: datetime, *, now: datetime) -> dict[str, Any]:
    """The limits of a reservation's new day (A1); the other kinds have none."""
    limits = moments_of(start, now=now)
    return {"answer_by": limits.answer_by, "confirm_limit": limits.confirm_limit}


def _as_new(place: Place, *, now: datetime) -> dict[str, Any]:
    """What belongs to a session's time begins anew with it: presence, delay, the telephone instead, the reminder of its end."""
    return {
        "starts_at": place.span.start,
        "ends_at": place.span.end,
        "counsellor_id": place.assignment.counsellor,
        "host_id": place.assignment.host,
        "confirmed_at": now,
        "begun_at": None,
        "counsellor_seen_at": None,
        "delayed_at": None,
        "delayed_by": None,
        "outcome_asked_at": None,
        "phone_at": None,
        "phone_by": None,
    }
