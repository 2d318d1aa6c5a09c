"""From the request to the confirmation: request, enter for somebody, propose, accept, refuse, confirm, decline, withdraw, expire."""

import logging
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from booking import mails
from booking.models import Booking, Hold, Participant
from booking.models.bookings import Kind, Source, State
from booking.operations import places
from booking.operations.meetings import want_meeting
from booking.operations.places import Wish
from booking.operations.transitions import PERSON, SYSTEM, Doer, apply, changed, locked, note, staff
from booking.queries import calendar_between, open_booking_of, policy_at, proposed_holds
from booking.rules.calendar import tokyo_date
from booking.rules.lifecycle import Event
from booking.rules.slots import Applicant, Door, Moments, moments
from consent.models import Consent, Method
from consent.operations import Shown, agree, deem_by_application
from consent.queries import COUNSELLING
from toyooka_hw.accounts.models import Person, User

logger = logging.getLogger(__name__)
PROPOSALS = range(1, 4)


class PhoneDiffers(Exception):
    """The application carries a phone number other than the one on record; nothing was changed (C6-2-3c, A9)."""


class OpenBookingExists(Exception):
    """The person already has an open booking (A16)."""

    def __init__(self, booking: Booking | None) -> None:
        super().__init__("one open booking per person")
        self.booking = booking


class ConfirmLimitPassed(Exception):
    """The end of the day before has passed: only as an exception, with a reason (C6-1-1b, A2)."""


class EligibilityMissing(Exception):
    """Staff have not said what the Hello Work system shows about the person (C2-1a)."""


class NotProposed(Exception):
    """That time is not among the ones held for the person."""


@dataclass(frozen=True, slots=True)
class Details:
    """The five items of C6-1-2 (with the optional ones), normalised. ``phone`` is E.164, empty where the stored one stands."""

    full_name: str
    phone: str = ""
    job_seeker_number: str = ""
    no_number_yet: bool = False
    name_kana: str = ""
    topic: str = ""
    companion: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """A person's application as it was confirmed on the last screen."""

    starts_at: datetime
    details: Details
    version_id: int
    consent_label: str
    environment_declared_at: datetime
    draft_key: uuid.UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking that staff enter for somebody who phones or stands at the counter (C6-1-2n)."""

    starts_at: datetime
    details: Details
    source: Source
    consent: Shown
    counsellor: int | None = None
    host: int | None = None
    reason: str = ""
    environment_declared: bool = True


def request(person: Person, application: Application, *, now: datetime, wall: datetime) -> Booking:
    """Take a place and write the request down; the same draft sent again is the same request (C6-1-2, C6-1-3).

    Raises SlotRefused, OpenBookingExists, PhoneDiffers, TermsNotInForce, ConsentMissing. Nothing is half-saved.
    """
    try:
        return places.retrying(lambda: _request(person, application, now=now, wall=wall), start=application.starts_at)
    except IntegrityError as error:
        return _made_meanwhile(person, application.draft_key, error, now=now)


def _request(person: Person, application: Application, *, now: datetime, wall: datetime) -> Booking:
    person = Person.objects.select_for_update().get(pk=person.pk)
    sent_before = Booking.objects.filter(draft_key=application.draft_key).first()
    if sent_before:
        return sent_before
    _end_of_past_sessions(person, now=now)
    _refuse_second(person, now=now)
    _refuse_other_phone(person, application.details)
    consent = deem_by_application(person, version_id=application.version_id, document=COUNSELLING, label=application.consent_label, now=now)
    wish = Wish(Door.PUBLIC, Applicant(verified=person.is_verified))
    booking = _new_booking(
        person,
        application.starts_at,
        application.details,
        wish,
        consent,
        now=now,
        source=Source.WEB,
        draft_key=application.draft_key,
        environment_declared_at=application.environment_declared_at,
    )
    note(booking, Event.REQUEST, PERSON, before="", now=now)
    mails.received(booking, now=now, wall=wall)
    return booking


def _made_meanwhile(person: Person, draft_key: uuid.UUID, error: IntegrityError, *, now: datetime) -> Booking:
    """The unique constraints spoke: either this draft was sent twice at once, or another one was faster."""
    same = Booking.objects.filter(draft_key=draft_key, applicant=person).first()
    if same:
        return same
    rival = open_booking_of(person.pk, now=now)
    if rival:
        raise OpenBookingExists(rival) from error
    raise error


def enter(person: Person, entry: Entry, *, by: User, now: datetime, wall: datetime) -> Booking:
    """Enter a request for a person who phones, stands at the counter or sits in a session; judged by ``confirm_limit`` (A1, A2).

    After it only with ``entry.reason``, which is kept in the history. Raises SlotRefused, OpenBookingExists, PhoneDiffers, TermsNotInForce.
    """
    return places.retrying(lambda: _enter(person, entry, by=by, now=now, wall=wall), start=entry.starts_at)


def _enter(person: Person, entry: Entry, *, by: User, now: datetime, wall: datetime) -> Booking:
    person = Person.objects.select_for_update().get(pk=person.pk)
    _end_of_past_sessions(person, now=now)
    _refuse_second(person, now=now)
    _refuse_other_phone(person, entry.details)
    methods = {Source.PHONE: Method.STAFF_PHONE, Source.COUNTER: Method.STAFF_COUNTER, Source.IN_SESSION: Method.IN_SESSION}
    consent = agree(person, entry.consent, document=COUNSELLING, now=now, method=methods[entry.source], by=by)
    wish = Wish(Door.STAFF, override=bool(entry.reason), counsellor=entry.counsellor, host=entry.host)
    booking = _new_booking(
        person,
        entry.starts_at,
        entry.details,
        wish,
        consent,
        now=now,
        source=entry.source,
        environment_declared_at=now if entry.environment_declared else None,
    )
    late = now >= booking.confirm_limit
    note(booking, Event.REQUEST, staff(by), before="", now=now, reason=entry.reason, override=late)
    mails.received(booking, now=now, wall=wall)
    return booking


@dataclass(frozen=True, slots=True)
class Decision:
    """How staff confirm: what the Hello Work system shows, with whom and on which host (as held where None), and why where it is late."""

    eligibility: str
    by: User
    counsellor: int | None = None
    host: int | None = None
    reason: str = ""


def confirm(booking_id: int, decision: Decision, *, now: datetime, wall: datetime) -> Booking:
    """Confirm a request: the meeting is wanted and the person is told (C6-1-1b, C6-1-3).

    Raises StateChanged, EligibilityMissing, ConfirmLimitPassed (give a reason), SlotRefused (the wanted counsellor or host is taken).
    """
    return places.retrying(lambda: _confirm(locked(booking_id), Event.CONFIRM, decision, now=now, wall=wall), start=now)


def reinstate(booking_id: int, decision: Decision, *, now: datetime, wall: datetime) -> Booking:
    """Confirm an expired request after all: its place is taken again, the reason is kept (A2). Raises as ``confirm``."""
    return places.retrying(lambda: _confirm(locked(booking_id), Event.REINSTATE, decision, now=now, wall=wall), start=now)


def _confirm(booking: Booking, event: Event, decision: Decision, *, now: datetime, wall: datetime) -> Booking:
    expected = State.EXPIRED if event is Event.REINSTATE else State.REQUESTED
    if booking.state != expected:
        raise changed(booking)
    checked = _eligibility(decision.eligibility, decision.by, now)
    late = now >= booking.confirm_limit
    if late and not decision.reason.strip():
        raise ConfirmLimitPassed
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

    Raises StateChanged, EligibilityMissing, SlotRefused, ValueError where the number of times is not 1 to 3.
    """
    wanted = sorted(set(starts))
    if len(wanted) not in PROPOSALS:
        raise ValueError("one to three times")
    return places.retrying(lambda: _propose(locked(booking_id), wanted, eligibility, by, now=now, wall=wall), start=wanted[0])


def _propose(booking: Booking, starts: list[datetime], eligibility: str, by: User, *, now: datetime, wall: datetime) -> Booking:
    checked = _eligibility(eligibility, by, now)
    if booking.state != State.REQUESTED:
        raise changed(booking)
    found = places.take(starts, Wish(Door.STAFF), now=now, without=booking)
    places.release(booking)
    places.hold(booking, found, Hold.Kind.PROPOSAL)
    first, last = _moments(starts[0], now=now), _moments(starts[-1], now=now)
    event = apply(
        booking,
        Event.PROPOSE,
        staff(by),
        now=now,
        answer_by=min(first.answer_by, last.answer_by),
        confirm_limit=last.confirm_limit,
        **checked,
    )
    mails.proposed(booking, event, starts, now=now, wall=wall)
    return booking


def accept(booking_id: int, start: datetime, *, now: datetime, wall: datetime, by: User | None = None) -> Booking:
    """The person takes one of the proposed times: it is confirmed, the others are free again. ``by``: staff answer for a person who phones.

    Raises StateChanged, NotProposed, ConfirmLimitPassed where that time's day has begun.
    """
    with transaction.atomic():
        booking = locked(booking_id)
        chosen = next((held for held in proposed_holds(booking) if held.span.lower == start), None)
        if booking.state != State.PROPOSED:
            raise changed(booking)
        if chosen is None:
            raise NotProposed
        limits = _moments(start, now=now)
        if now >= limits.confirm_limit:
            raise ConfirmLimitPassed
        proposed_holds(booking).exclude(pk=chosen.pk).delete()
        Hold.objects.filter(pk=chosen.pk).update(kind=Hold.Kind.RESERVATION)
        apply(
            booking,
            Event.ACCEPT,
            _doer(by),
            now=now,
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


def refuse(booking_id: int, *, now: datetime, by: User | None = None) -> Booking:
    """None of the proposed times fits: the request is open again, without a place, and staff look for another. Raises StateChanged."""
    with transaction.atomic():
        booking = locked(booking_id)
        limits = _moments(booking.starts_at, now=now)
        apply(
            booking,
            Event.REFUSE,
            _doer(by),
            now=now,
            answer_by=max(limits.answer_by, now),
            confirm_limit=max(limits.confirm_limit, booking.confirm_limit),
        )
        places.release(booking)
    return booking


def decline(booking_id: int, *, reason: str, by: User, now: datetime, wall: datetime) -> Booking:
    """The office cannot take the request; the person is told of the other ways. Raises StateChanged, ReasonMissing."""
    with transaction.atomic():
        booking = locked(booking_id)
        apply(booking, Event.DECLINE, staff(by), now=now, reason=reason)
        mails.declined(booking, reason, now=now, wall=wall)
    return booking


def withdraw(booking_id: int, *, now: datetime, by: User | None = None) -> Booking:
    """The person takes an unconfirmed request back; that is no キャンセル. Raises StateChanged."""
    with transaction.atomic():
        booking = locked(booking_id)
        apply(booking, Event.WITHDRAW, _doer(by), now=now)
    return booking


def expire_unconfirmed(*, now: datetime, wall: datetime) -> int:
    """Expire every request that was not confirmed by the end of the day before (C6-1-1b); each person is told."""
    overdue = Booking.objects.filter(state__in=[State.REQUESTED, State.PROPOSED], kind=Kind.RESERVED, confirm_limit__lte=now)
    return sum(_expire(booking_id, now=now, wall=wall) for booking_id in overdue.order_by("pk").values_list("pk", flat=True)[:200])


def _expire(booking_id: int, *, now: datetime, wall: datetime) -> bool:
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.state not in (State.REQUESTED, State.PROPOSED) or booking.confirm_limit > now:
            return False
        apply(booking, Event.EXPIRE, SYSTEM, now=now)
        mails.expired(booking, now=now, wall=wall)
    return True


# --- pieces of the above -------------------------------------------------------------------------------------------------


def _new_booking(
    person: Person,
    starts_at: datetime,
    details: Details,
    wish: Wish,
    consent: Consent,
    *,
    now: datetime,
    source: Source,
    draft_key: uuid.UUID | None = None,
    environment_declared_at: datetime | None,
) -> Booking:
    place = places.take([starts_at], wish, now=now)[0]
    limits = _moments(starts_at, now=now)
    booking = Booking.objects.create(
        number=_free_number(),
        kind=Kind.RESERVED,
        state=State.REQUESTED,
        source=source,
        applicant=person,
        starts_at=place.span.start,
        ends_at=place.span.end,
        counsellor_id=place.assignment.counsellor,
        host_id=place.assignment.host,
        requested_at=now,
        answer_by=limits.answer_by,
        confirm_limit=limits.confirm_limit,
        draft_key=draft_key,
        no_number_yet=details.no_number_yet,
        topic=details.topic,
        companion=details.companion,
        environment_declared_at=environment_declared_at,
    )
    places.hold(booking, [place], Hold.Kind.RESERVATION)
    Participant.objects.create(booking=booking, person=person, consent=consent)
    _remember(person, details)
    return booking


def _remember(person: Person, details: Details) -> None:
    """Carry what was stated into the person's row; a phone number already on record stays."""
    person.full_name = details.full_name
    person.name_kana = details.name_kana or person.name_kana
    person.job_seeker_number = details.job_seeker_number or person.job_seeker_number
    person.stated_phone = person.stated_phone or details.phone
    person.save(update_fields=["full_name", "name_kana", "job_seeker_number", "stated_phone"])


def _end_of_past_sessions(person: Person, *, now: datetime) -> None:
    """A confirmed session whose time has come no longer counts as open."""
    past = Booking.objects.filter(applicant=person, state=State.CONFIRMED, begun_at=None, starts_at__lte=now)
    past.update(begun_at=F("starts_at"))


def _refuse_second(person: Person, *, now: datetime) -> None:
    existing = open_booking_of(person.pk, now=now)
    if existing:
        raise OpenBookingExists(existing)


def _refuse_other_phone(person: Person, details: Details) -> None:
    if details.phone and person.phone and details.phone != person.phone:
        logger.warning("booking.other_phone_refused person=%s", person.pk)
        raise PhoneDiffers


def _eligibility(choice: str, by: User, now: datetime) -> dict[str, Any]:
    if not choice or choice == "unchecked":
        raise EligibilityMissing
    return {"eligibility": choice, "eligibility_checked_at": now, "eligibility_checked_by": by}


def _moments(start: datetime, *, now: datetime) -> Moments:
    day = tokyo_date(start)
    return moments(day, calendar_between(day, day), policy_at(now))


def _doer(by: User | None) -> Doer:
    return staff(by) if by else PERSON


def _free_number() -> str:
    """A 受付番号 that can be read out over the phone and tells nothing: eight random digits."""
    while True:
        digits = f"{secrets.randbelow(10**8):08d}"
        number = f"{digits[:4]}-{digits[4:]}"
        if not Booking.objects.filter(number=number).exists():
            return number
