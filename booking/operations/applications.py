"""How a booking begins: a person applies, or staff enter it for somebody who phones or stands at the counter."""

import logging
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError
from django.db.models import F

from booking import mails
from booking.models import Booking, Hold, Participant
from booking.models.bookings import Kind, Source, State
from booking.operations import places
from booking.operations.places import Wish
from booking.operations.transitions import PERSON, note, staff
from booking.queries import moments_of, open_booking_of
from booking.rules.lifecycle import Event
from booking.rules.slots import Applicant, Door
from consent.models import Consent, Method
from consent.operations import Shown, agree, deem_by_application
from consent.queries import COUNSELLING
from toyooka_hw.accounts.models import Person, User

logger = logging.getLogger(__name__)


class PhoneDiffers(Exception):
    """The application carries a phone number other than the one on record; nothing was changed (C6-2-3c, A9)."""


class OpenBookingExists(Exception):
    """The person already has an open booking (A16)."""

    def __init__(self, booking: Booking | None) -> None:
        super().__init__("one open booking per person")
        self.booking = booking


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


def _made_meanwhile(person: Person, draft_key: uuid.UUID | None, error: IntegrityError, *, now: datetime) -> Booking:
    """The unique constraints spoke: either this draft was sent twice at once, or another one was faster."""
    same = Booking.objects.filter(draft_key=draft_key, draft_key__isnull=False, applicant=person).first()
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
    try:
        return places.retrying(lambda: _enter(person, entry, by=by, now=now, wall=wall), start=entry.starts_at)
    except IntegrityError as error:
        return _made_meanwhile(person, None, error, now=now)


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
    limits = moments_of(starts_at, now=now)
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


def _free_number() -> str:
    """A 受付番号 that can be read out over the phone and tells nothing: eight random digits."""
    while True:
        digits = f"{secrets.randbelow(10**8):08d}"
        number = f"{digits[:4]}-{digits[4:]}"
        if not Booking.objects.filter(number=number).exists():
            return number
