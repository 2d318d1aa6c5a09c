"""What employers' contacts ask of the office (C0-1, C2-1d, A10, A18): one request, with a session for everybody who is to be met.

Nothing is held for it until staff arrange its sessions, one by one (``interviews``).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from booking import mails
from booking.models import Booking, BookingEvent, EmployerRequest, Participant
from booking.models.bookings import Kind, Source, State
from booking.operations import places
from booking.operations.applications import METHODS, Application, OnlineUseRestricted
from booking.operations.applications import request as request_reserved
from booking.operations.numbers import free_number
from booking.operations.sessions import FREE_TEXT_KEPT_FOR
from booking.operations.transitions import PERSON, Doer, apply, changed, note, staff
from booking.queries import policy_at, waiting_requests_of, wished_situation
from booking.rules import employers as rules
from booking.rules.calendar import tokyo_date
from booking.rules.interval import Interval
from booking.rules.lifecycle import Event
from booking.rules.slots import span_of
from consent.models import Consent
from consent.operations import Shown, agree, deem_by_application
from consent.queries import COUNSELLING
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import locked_survivor
from toyooka_hw.accounts.queries import restriction_of


class InterviewsNotTaken(Exception):
    """The office takes no requests for interviews now; consultations it does (A10)."""


class TooManyRequests(Exception):
    """So many requests of this contact wait for an answer that the office cannot look after one more."""


class SelfBookingClosed(Exception):
    """Starts of the reserved kind are for job seekers, unless the office opens them to contacts whom staff have verified (A10)."""


class ContactUnknown(Exception):
    """The contact has not said yet for which establishment they ask."""


class FormOfAnother(Exception):
    """The form was opened by somebody else who used this browser."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as the form hands it over. ``candidates``: one to three starts; ``key`` belongs to the opened form: sent twice, it is one request."""

    purpose: str
    candidates: tuple[datetime, ...]
    shown: Shown
    environment_declared_at: datetime | None
    key: uuid.UUID
    job_offer_number: str = ""
    people: int = 1
    arrangement: str = ""
    companion: str = ""
    source: str = Source.WEB

    @property
    def starts(self) -> list[datetime]:
        """The wishes, each once, the earliest first."""
        return sorted(set(self.candidates))

    @property
    def sessions(self) -> int:
        """How many sessions are asked for: one for everybody to be met; a consultation is one."""
        return 1 if self.purpose == EmployerRequest.Purpose.CONSULTATION else self.people


def ask(contact: Person, wish: Ask, *, now: datetime, wall: datetime, by: User | None = None) -> EmployerRequest:
    """Write a request down with its sessions, none of which has a place yet. Nothing is half-saved.

    ``by``: staff do it for one who phones or stands there (``wish.source``), who agreed to the terms that were told to them.

    Raises ContactUnknown, OnlineUseRestricted, InterviewsNotTaken, TooManyRequests, SlotRefused (naming the wish), TermsNotInForce,
    ConsentMissing, FormOfAnother, ValueError where the number of wishes is not 1 to 3.
    """
    if not 1 <= len(wish.starts) <= rules.CANDIDATES:
        raise ValueError("one to three wishes")
    with transaction.atomic():
        places.lock_key(wish.key)
        person = locked_survivor(contact.pk)
        sent_before = EmployerRequest.objects.select_related("contact").filter(key=wish.key).first()
        if sent_before is None:
            return _ask(person, wish, by, now=now, wall=wall)
        if person.pk != sent_before.contact.survivor_id:
            raise FormOfAnother
        return sent_before


def _ask(person: Person, wish: Ask, by: User | None, *, now: datetime, wall: datetime) -> EmployerRequest:
    _refuse(person, now=now)
    situation = wished_situation(now=now)
    if wish.purpose != EmployerRequest.Purpose.CONSULTATION and not situation.policy.interviews_taken:
        raise InterviewsNotTaken
    for start in wish.starts:
        rules.check(start, situation)
    consent = _consent(person, wish, by, now=now)
    request = EmployerRequest.objects.create(
        number=free_number(),
        contact=person,
        purpose=wish.purpose,
        job_offer_number=wish.job_offer_number,
        people=wish.sessions,
        candidates=wish.starts,
        arrangement=wish.arrangement,
        companion=wish.companion,
        requested_at=now,
        key=wish.key,
    )
    span, limit = span_of(request.candidates[0], situation.policy), request.candidates[-1]
    limits = {"answer_by": rules.answer_by(limit, situation), "confirm_limit": limit}
    declared = {"source": wish.source, "environment_declared_at": wish.environment_declared_at}
    for _each in range(wish.sessions):
        write_session(request, span, consent, staff(by) if by else PERSON, now=now, **declared, **limits)
    mails.employer_received(request, now=now, wall=wall)
    return request


def _consent(person: Person, wish: Ask, by: User | None, *, now: datetime) -> Consent:
    """What the request rests on: implied by the contact's own press (C0-3), or told to staff."""
    if by is None:
        return deem_by_application(person, wish.shown, document=COUNSELLING, now=now)
    return agree(person, wish.shown, document=COUNSELLING, now=now, method=METHODS[Source(wish.source)], by=by)


def _refuse(person: Person, *, now: datetime) -> None:
    if not person.establishment_number or person.has_left:
        raise ContactUnknown
    if restriction_of([person.pk], on=tokyo_date(now)):
        raise OnlineUseRestricted
    if waiting_requests_of(person.pk).count() >= rules.OPEN_REQUESTS:
        raise TooManyRequests


def write_session(request: EmployerRequest, span: Interval, consent: Consent, doer: Doer, *, now: datetime, **facts: Any) -> Booking:
    """One session of the request with its contact; the time stands for the wishes until staff arrange it."""
    booking = Booking.objects.create(
        number=free_number(),
        kind=Kind.INTERVIEW,
        state=State.REQUESTED,
        applicant=request.contact,
        starts_at=span.start,
        ends_at=span.end,
        requested_at=now,
        companion=request.companion,
        employer_request=request,
        **facts,
    )
    Participant.objects.create(booking=booking, person=request.contact, consent=consent, role=Participant.PartRole.EMPLOYER)
    note(booking, Event.REQUEST, doer, before="", now=now)
    return booking


def book(contact: Person, application: Application, *, now: datetime, wall: datetime) -> Booking:
    """A verified contact takes a free start for a consultation, where the office has opened these to employers (A10).

    Raises SelfBookingClosed, and whatever ``applications.request`` does.
    """
    if not (contact.is_known and policy_at(now).employers_book):
        raise SelfBookingClosed
    return request_reserved(contact, application, now=now, wall=wall)


def withdraw_request(request_id: int, *, now: datetime, wall: datetime, by: User | None = None) -> EmployerRequest:
    """The contact takes back whatever of the request is not arranged yet; that is no キャンセル. ``by``: staff do it for one who phones.

    Raises StateChanged where nothing waits any more.
    """
    with transaction.atomic():
        request, last = _end(request_id, Event.WITHDRAW, staff(by) if by else PERSON, now=now)
        mails.employer_withdrawn(request, last, now=now, wall=wall)
    return request


def decline_request(request_id: int, *, reason: str, by: User, now: datetime, wall: datetime) -> EmployerRequest:
    """The office cannot take whatever of the request is not arranged yet; the contact is told why. Raises StateChanged, ReasonMissing."""
    with transaction.atomic():
        request, last = _end(request_id, Event.DECLINE, staff(by), now=now, reason=reason)
        mails.employer_declined(request, last, reason, now=now, wall=wall)
    return request


def _end(request_id: int, event: Event, doer: Doer, *, now: datetime, reason: str = "") -> tuple[EmployerRequest, BookingEvent]:
    """All sessions that wait go this way, within the caller's transaction; the request, and the last line of their histories."""
    request = EmployerRequest.objects.select_related("contact").get(pk=request_id)
    sessions = list(request.sessions.select_for_update(of=("self",)).select_related("applicant").order_by("pk"))
    waiting = [booking for booking in sessions if booking.state == State.REQUESTED]
    if not waiting:
        raise changed(sessions[-1])
    lines = [apply(booking, event, doer, now=now, reason=reason) for booking in waiting]
    return request, lines[-1]


def forget(*, now: datetime) -> int:
    """Delete the free text of requests 30 days after their last session, or their last wish."""
    over = now - FREE_TEXT_KEPT_FOR
    alive = Booking.objects.filter(Q(ends_at__gte=over) | Q(confirm_limit__gte=over), employer_request=OuterRef("pk"))
    texts = {"arrangement": "", "companion": ""}
    return EmployerRequest.objects.filter(~Exists(alive)).exclude(**texts).update(**texts)
