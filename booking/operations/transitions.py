"""Applying the table of the booking's life: one conditional UPDATE, one BookingEvent, in the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from booking.models import Booking, BookingEvent, Participant
from booking.models.bookings import Outcome
from booking.operations import places
from booking.rules import outcomes
from booking.rules.lifecycle import NEEDS_REASON, Actor, Event, NotAllowed, holds_place, next_state
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.audit import operations as audit


class StateChanged(Exception):
    """Somebody else was faster: the booking is no longer in the state this step starts from."""

    def __init__(self, booking: Booking, by: str) -> None:
        super().__init__(f"booking {booking.pk} is {booking.state}")
        self.booking = booking
        self.by = by


class MovedMeanwhile(StateChanged):
    """Somebody else changed the booking since it was looked at: what was pressed was meant for what it was then."""


class ReasonMissing(Exception):
    """This step needs a reason."""


class ParticipantGone(Exception):
    """Somebody else takes part instead by now: what was pressed was about a person who is not in the session."""


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does it: a member of staff (``user``), the person, or the portal itself."""

    actor: Actor
    user: User | None = None


PERSON = Doer(Actor.PERSON)
SYSTEM = Doer(Actor.SYSTEM)


def staff(user: User) -> Doer:
    return Doer(Actor.STAFF, user)


def locked(booking_id: int, *, seen: int | None = None) -> Booking:
    """The booking, its row locked until the transaction ends.

    Counsellor and host are not read along: where somebody changes them while this waits, PostgreSQL joins the row's new ids with those of before, and finds nobody.
    ``seen``: the last line of its history that was on the screen (any where None). Raises MovedMeanwhile where another one followed.
    """
    booking = Booking.objects.select_for_update(of=("self",)).select_related("applicant").get(pk=booking_id)
    if seen is not None and seen != last_line(booking_id):
        raise MovedMeanwhile(booking, changed(booking).by)
    return booking


def locked_participant(participant_id: int) -> Participant:
    """Somebody in a booking whose row is locked first, so that nobody replaces them meanwhile. Raises ParticipantGone where somebody did."""
    known = Participant.objects.filter(pk=participant_id)
    for booking_id in known.values_list("booking_id", flat=True):
        locked(booking_id)
    participant = known.select_related("person__merged_into", "booking").first()
    if participant is None:
        raise ParticipantGone
    return participant


def last_line(booking_id: int) -> int | None:
    """The last line of a booking's history: what a page carries to say what it showed."""
    return BookingEvent.objects.filter(booking=booking_id).order_by("-pk").values_list("pk", flat=True).first()


def apply(
    booking: Booking,
    event: Event,
    doer: Doer,
    *,
    now: datetime,
    reason: str = "",
    override: bool = False,
    outcome: str = "",
    left: Person | None = None,
    **changes: Any,
) -> BookingEvent:
    """Move the booking along the table, with whatever fields change with it, and write down who, what, when and why.

    ``outcome``: the second level of a session's end; the usual one where nobody chose. ``left``: who no longer comes. Raises StateChanged (naming who was faster) where the
    table has no such step from the present state, ReasonMissing, OutcomeUnfit.
    """
    if event in NEEDS_REASON and not reason.strip():
        raise ReasonMissing
    try:
        target = next_state(booking.rule_kind, booking.rule_state, event, doer.actor)
    except NotAllowed as refusal:
        raise changed(booking) from refusal
    before, outcome_before = booking.state, booking.outcome
    changes["outcome"] = outcomes.settled(booking.rule_kind, target, outcomes.Outcome(outcome) if outcome else None) or ""
    if not Booking.objects.filter(pk=booking.pk, state=before).update(state=target.value, **changes):
        booking.refresh_from_db()
        raise changed(booking)
    booking.refresh_from_db()
    if not holds_place(booking.rule_kind, target):
        places.release(booking)
    return note(booking, event, doer, before=before, outcome_before=outcome_before, now=now, reason=reason, override=override, left=left)


def note(
    booking: Booking,
    event: Event,
    doer: Doer,
    *,
    before: str,
    now: datetime,
    outcome_before: str = "",
    reason: str = "",
    override: bool = False,
    left: Person | None = None,
) -> BookingEvent:
    """Add one line to the booking's history; what staff did stands in the audit too."""
    line = BookingEvent.objects.create(
        booking=booking,
        event=event.value,
        from_state=before,
        to_state=booking.state,
        at=now,
        actor=doer.actor.value,
        by=doer.user,
        reason=reason.strip(),
        override=override,
        left=left,
    )
    if doer.user:
        changes = _outcome_change(outcome_before, booking.outcome)
        audit.record(
            line.get_event_display(), booking, by=doer.user, now=now, reason=reason, changes=changes, person_pk=booking.applicant_id
        )
    return line


def _outcome_change(before: str, after: str) -> dict[str, tuple[str, str]]:
    """The outcome's change for the audit; that a session was stopped for conduct is for managers only (C12-1)."""
    if before == after or Outcome.CONDUCT in (before, after):
        return {}
    words = [str(Outcome(each).label) if each else "" for each in (before, after)]
    return {str(Booking._meta.get_field("outcome").verbose_name): (words[0], words[1])}


def changed(booking: Booking) -> StateChanged:
    """The error that names who brought the booking to its present state."""
    last = BookingEvent.objects.filter(booking=booking).select_related("by").order_by("-pk").first()
    return StateChanged(booking, str(last.by) if last and last.by else "")
