"""Immediate sessions (article 6-2): the counsellors' switch, the request, and its acceptance for the next half hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from booking import mails
from booking.models import Booking, Counsellor, Participant
from booking.models.bookings import Kind, Source, State
from booking.operations import places
from booking.operations.bookings import expire
from booking.operations.clashes import refuse_clash, refuse_clashes
from booking.operations.confirming import confirm_at
from booking.operations.numbers import free_number
from booking.operations.registrations import refuse_other_phone
from booking.operations.transitions import PERSON, changed, locked, note
from booking.queries import Bar, bar_of, open_immediate_of, policy_at, standing_now
from booking.rules.calendar import tokyo_date
from booking.rules.immediate import Closed, expires_at, next_start, stands_by
from booking.rules.interval import Interval
from booking.rules.lifecycle import Event
from booking.rules.slots import span_of
from consent.operations import ConsentMissing, Shown, deem_by_application
from consent.queries import COUNSELLING
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import locked_survivor
from toyooka_hw.audit import operations as audit


class Barred(Exception):
    """What article 6-2 asks of the person is not there, or no longer."""

    def __init__(self, bar: Bar) -> None:
        super().__init__(str(bar))
        self.bar = bar


class NotTakenNow(Exception):
    """Immediate sessions are not taken at this moment."""

    def __init__(self, closed: Closed) -> None:
        super().__init__(str(closed))
        self.closed = closed


class AlreadyWaiting(Exception):
    """The person has a request that waits, or a session that is not over: there is one at a time."""

    def __init__(self, booking: Booking) -> None:
        super().__init__("one immediate session at a time")
        self.booking = booking


class WaitedTooLong(Exception):
    """The request's time to wait is over; the person has been told so, or will be in a moment."""


class NotYourSwitch(Exception):
    """Counsellors switch themselves; only a manager switches for others."""


@dataclass(frozen=True, slots=True)
class ImmediateRequest:
    """What comes with the press. ``shown``: the terms as they stood on the page; ``phone``: a number that came along uninvited, E.164."""

    shown: Shown
    environment_declared_at: datetime
    companion: str = ""
    phone: str = ""


def switch(counsellor_id: int, *, on: bool, by: User, now: datetime) -> Counsellor:
    """Switch a counsellor to 受付中 or 休止; switched again to what it is, nothing changes. On holds until the day's end (C6-2-1c).

    Raises NotYourSwitch; NotTakenNow where the office is closed.
    """
    with transaction.atomic():
        counsellor = Counsellor.objects.select_for_update(of=("self",)).get(pk=counsellor_id)
        if counsellor.user_id != by.pk and not by.has_perm("booking.change_counsellor"):
            raise NotYourSwitch
        closed = standing_now(now=now).closed if on else None
        if closed in (Closed.CLOSED_DAY, Closed.OUTSIDE_HOURS):
            raise NotTakenNow(closed)
        if on is not stands_by(counsellor.standby_since, now=now):
            Counsellor.objects.filter(pk=counsellor_id).update(standby_since=now if on else None)
            counsellor.refresh_from_db(fields=["standby_since"])
            audit.record(_("いますぐの相談を受付中にする") if on else _("いますぐの相談を休止にする"), counsellor, by=by, now=now)
    return counsellor


def request(person: Person, wish: ImmediateRequest, *, now: datetime, wall: datetime) -> Booking:
    """Ask for a session now. Nothing is held for it until a counsellor accepts (C6-2-1).

    Raises PhoneDiffers (C6-2-3c), AlreadyWaiting (with that request), Barred, NotTakenNow, TakesPartElsewhere where another session of
    theirs begins before this one would be over, TermsNotInForce. Nothing is half-saved.
    """
    for overdue in Booking.objects.filter(applicant=person.survivor_id, kind=Kind.AD_HOC, state=State.REQUESTED):
        expire(overdue.pk, now=now, wall=wall)
    try:
        with transaction.atomic():
            return _request(locked_survivor(person.pk), wish, now=now, wall=wall)
    except ConsentMissing as error:
        raise Barred(Bar.TERMS_CHANGED) from error
    except IntegrityError as error:
        rival = open_immediate_of(person.survivor_id, now=now)
        if rival is None:
            raise
        raise AlreadyWaiting(rival) from error


def _request(person: Person, wish: ImmediateRequest, *, now: datetime, wall: datetime) -> Booking:
    refuse_other_phone(person, wish.phone)
    if waiting := open_immediate_of(person.pk, now=now):
        raise AlreadyWaiting(waiting)
    if bar := bar_of(person, now=now):
        raise Barred(bar)
    places.lock_days([tokyo_date(now)])  # of two who press at once, the second sees that the first waits
    if closed := standing_now(now=now).closed:
        raise NotTakenNow(closed)
    policy = policy_at(now)
    limit = expires_at(now, policy)
    refuse_clash(person, Interval(now, span_of(limit, policy).end))
    consent = deem_by_application(person, wish.shown, document=COUNSELLING, ad_hoc=True, now=now)
    booking = Booking.objects.create(
        number=free_number(),
        kind=Kind.AD_HOC,
        state=State.REQUESTED,
        source=Source.WEB,
        applicant=person,
        starts_at=now,
        ends_at=now + timedelta(minutes=policy.slot_minutes),
        requested_at=now,
        answer_by=limit,
        confirm_limit=limit,
        companion=wish.companion,
        environment_declared_at=wish.environment_declared_at,
    )
    Participant.objects.create(booking=booking, person=person, consent=consent, role=Participant.PartRole.of(person))
    note(booking, Event.REQUEST, PERSON, before="", now=now)
    mails.received(booking, now=now, wall=wall)
    return booking


def declare_companion(booking_id: int, companion: str, *, now: datetime) -> Booking:
    """The person says anew who else takes part, as long as the session has not begun (C12-3b). Raises StateChanged."""
    with transaction.atomic():
        booking = locked(booking_id)
        ahead = booking.state == State.REQUESTED or (booking.state == State.CONFIRMED and now < booking.starts_at)
        if booking.kind != Kind.AD_HOC or not ahead:
            raise changed(booking)
        booking.companion = companion
        booking.save(update_fields=["companion"])
    return booking


def accept(booking_id: int, *, counsellor: int, by: User, now: datetime, wall: datetime, host: int | None = None) -> Booking:
    """Take a waiting request for the counsellor's next half hour; the meeting is wanted, the person is told to expect the code (C6-2-1c).

    Raises StateChanged (a colleague was faster), WaitedTooLong, Barred where the terms changed since (C6-2-2), TakesPartElsewhere, SlotRefused
    where the counsellor's time or every Zoom host is taken.
    """
    start = next_start(now)
    return places.retrying(lambda: _accept(locked(booking_id), start, counsellor, host, by, now=now, wall=wall), start=start)


def _accept(booking: Booking, start: datetime, counsellor: int, host: int | None, by: User, *, now: datetime, wall: datetime) -> Booking:
    if booking.state != State.REQUESTED or booking.kind != Kind.AD_HOC:
        raise changed(booking)
    if now >= booking.answer_by:
        raise WaitedTooLong
    check_gate(booking, now=now)
    policy = policy_at(now)
    refuse_clashes(booking, span_of(start, policy))
    wish = places.wish_of(booking, policy, counsellor=counsellor, host=host)
    return confirm_at(booking, start, wish, by=by, now=now, wall=wall)


def check_gate(booking: Booking, *, now: datetime) -> None:
    """What article 6-2 asks must hold at every moment up to the start, not only at the request (C6-2-2). Raises Barred."""
    applicant = booking.applicant
    if bar := bar_of(applicant.merged_into or applicant, now=now):
        raise Barred(bar)
