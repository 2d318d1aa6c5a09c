"""How a booking begins: a person applies, or staff enter it for somebody who phones or stands at the counter."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError

from booking import mails
from booking.models import Booking, Hold, Participant
from booking.models.bookings import Kind, Source, State
from booking.operations import places
from booking.operations.bookings import Decision, confirm_locked
from booking.operations.clashes import TakesPartElsewhere, refuse_clash
from booking.operations.numbers import free_number
from booking.operations.one_open import OpenBookingExists, refuse_rival, refuse_second
from booking.operations.places import Wish
from booking.operations.registrations import PhoneDiffers, differing, refuse_other_phone
from booking.operations.transitions import PERSON, note, staff
from booking.queries import moments_of, policy_at
from booking.rules.calendar import tokyo_date
from booking.rules.lifecycle import Event
from booking.rules.slots import Applicant, Door, Reason, SlotRefused, reply_by, span_of
from consent.models import Consent, Method
from consent.operations import Shown, agree, deem_by_application
from consent.queries import COUNSELLING
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import enter_person, locked_survivor
from toyooka_hw.accounts.queries import restriction_of

__all__ = [
    "Application",
    "Details",
    "Entry",
    "LateEntryNeedsConfirmation",
    "Newcomer",
    "OnlineUseRestricted",
    "OpenBookingExists",
    "PhoneDiffers",
    "enter",
    "remember",
    "request",
]

METHODS = {Source.PHONE: Method.STAFF_PHONE, Source.COUNTER: Method.STAFF_COUNTER, Source.IN_SESSION: Method.IN_SESSION}


class OnlineUseRestricted(Exception):
    """Staff have decided that this person may not use the online channel for now; counter and phone stay open (C6-1-4c)."""


class LateEntryNeedsConfirmation(Exception):
    """The session's day has begun: what is entered for it must be confirmed in the same step, or it would expire at once (C6-1-1b, A2)."""


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
    shown: Shown
    environment_declared_at: datetime
    zoom_stated_at: datetime | None
    draft_key: uuid.UUID


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whom staff enter together with their first booking or registration. ``phone``: where nothing else carries it, E.164."""

    full_name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking that staff enter for somebody who phones or stands at the counter (C6-1-2n).

    ``decision``: confirm it in the same step. ``counsellor``: with whom, where that matters. ``proxy_contact``: who speaks for the person
    (A19). ``key`` belongs to the opened form: sent twice, it is one booking.
    """

    starts_at: datetime
    details: Details
    source: Source
    consent: Shown
    reason: str = ""
    environment_declared: bool = True
    zoom_stated: bool = False
    decision: Decision | None = None
    counsellor: int | None = None
    proxy_contact: str = ""
    key: uuid.UUID | None = None


def request(person: Person, application: Application, *, now: datetime, wall: datetime) -> Booking:
    """Take a place and write the request down; the same draft sent again is the same request (C6-1-2, C6-1-3).

    Raises SlotRefused, OpenBookingExists, OnlineUseRestricted, PhoneDiffers, TermsNotInForce, ConsentMissing. Nothing is half-saved.
    """
    try:
        return places.retrying(lambda: _request(person, application, now=now, wall=wall), start=application.starts_at)
    except IntegrityError as error:
        same = Booking.objects.filter(draft_key=application.draft_key, applicant=person).first()
        return same or refuse_rival(error, person.pk, now=now)


def _request(person: Person, application: Application, *, now: datetime, wall: datetime) -> Booking:
    person = locked_survivor(person.pk)
    sent_before = Booking.objects.filter(draft_key=application.draft_key).first()
    if sent_before:
        return sent_before
    if restriction_of([person.pk], on=tokyo_date(now)):
        raise OnlineUseRestricted
    refuse_second(person.pk, now=now)
    refuse_other_phone(person, application.details.phone)
    _refuse_own_session(person, application.starts_at, now=now)
    consent = deem_by_application(person, application.shown, document=COUNSELLING, now=now, zoom_stated_at=application.zoom_stated_at)
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


def enter(person: Person | Newcomer, entry: Entry, *, by: User, now: datetime, wall: datetime) -> Booking:
    """Enter a request for a person who phones, stands at the counter or sits in a session; judged by the limit of confirmation (A1, A2).

    After it only with ``entry.reason``, which is kept in the history, and with ``entry.decision``. The same ``entry.key`` again is the same
    booking. Raises SlotRefused, OpenBookingExists, PhoneDiffers, TermsNotInForce, LateEntryNeedsConfirmation, EligibilityMissing, MailboxKnown,
    TakesPartElsewhere.
    """
    try:
        return places.retrying(lambda: _enter(person, entry, by=by, now=now, wall=wall), start=entry.starts_at)
    except IntegrityError as error:
        if isinstance(person, Newcomer):
            raise
        refuse_rival(error, person.pk, now=now)


def _enter(known: Person | Newcomer, entry: Entry, *, by: User, now: datetime, wall: datetime) -> Booking:
    sent_before = _sent_before(entry.key)
    if sent_before:
        return sent_before
    if isinstance(known, Newcomer):
        known = enter_person(full_name=known.full_name, email=known.email, phone=known.phone, by=by, now=now)
    person = locked_survivor(known.pk)
    refuse_second(person.pk, now=now)
    refuse_other_phone(person, entry.details.phone)
    refuse_clash(person, span_of(entry.starts_at, policy_at(now)))
    zoom_stated_at = now if entry.zoom_stated else None
    consent = agree(
        person, entry.consent, document=COUNSELLING, now=now, method=METHODS[entry.source], by=by, zoom_stated_at=zoom_stated_at
    )
    booking = _new_booking(
        person,
        entry.starts_at,
        entry.details,
        _wish(entry),
        consent,
        now=now,
        source=entry.source,
        draft_key=entry.key,
        environment_declared_at=now if entry.environment_declared else None,
        proxy_contact=entry.proxy_contact,
    )
    late = now >= booking.confirm_limit
    note(booking, Event.REQUEST, staff(by), before="", now=now, reason=entry.reason, override=late)
    if entry.decision:
        return confirm_locked(booking, replace(entry.decision, reason=entry.decision.reason or entry.reason), now=now, wall=wall)
    if late:
        raise LateEntryNeedsConfirmation
    mails.received(booking, now=now, wall=wall)
    return booking


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
    proxy_contact: str = "",
) -> Booking:
    place = places.take([starts_at], wish, now=now)[0]
    limits = moments_of(starts_at, now=now)
    booking = Booking.objects.create(
        number=free_number(),
        kind=Kind.RESERVED,
        state=State.REQUESTED,
        source=source,
        applicant=person,
        starts_at=place.span.start,
        ends_at=place.span.end,
        counsellor_id=place.assignment.counsellor,
        host_id=place.assignment.host,
        requested_at=now,
        answer_by=reply_by(limits.answer_by, limits.confirm_limit, now=now),
        confirm_limit=limits.confirm_limit,
        draft_key=draft_key,
        no_number_yet=details.no_number_yet,
        topic=details.topic,
        companion=details.companion,
        environment_declared_at=environment_declared_at,
        proxy_contact=proxy_contact,
        **differing(person, name=details.full_name, number=details.job_seeker_number),
    )
    places.hold(booking, [place], Hold.Kind.RESERVATION)
    Participant.objects.create(booking=booking, person=person, consent=consent, role=Participant.PartRole.of(person))
    remember(person, details)
    return booking


def _refuse_own_session(person: Person, start: datetime, *, now: datetime) -> None:
    """A start at which the person has an interview is none for them; the page says so and offers the others (A18)."""
    try:
        refuse_clash(person, span_of(start, policy_at(now)))
    except TakesPartElsewhere as error:
        raise SlotRefused((Reason.ELSEWHERE,), start) from error


def remember(person: Person, details: Details) -> None:
    """Carry what was stated into the person's row; a phone number already on record stays, and so does all that staff have verified."""
    if person.is_verified:
        return
    person.full_name = details.full_name
    person.name_kana = details.name_kana or person.name_kana
    person.job_seeker_number = details.job_seeker_number or person.job_seeker_number
    person.stated_phone = person.stated_phone or details.phone
    person.save(update_fields=["full_name", "name_kana", "job_seeker_number", "stated_phone"])


def _sent_before(key: uuid.UUID | None) -> Booking | None:
    """What an earlier press of the same form made; a press at the same moment is waited for."""
    if key is None:
        return None
    places.lock_key(key)
    return Booking.objects.filter(draft_key=key).first()


def _wish(entry: Entry) -> Wish:
    decided, host = (entry.decision.counsellor, entry.decision.host) if entry.decision else (None, None)
    return Wish(Door.STAFF, override=bool(entry.reason.strip()), counsellor=entry.counsellor or decided, host=host)
