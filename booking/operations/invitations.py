"""Who takes part in an interview: verified, not restricted, under a consent of their own, and nowhere else at that time (A18)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from booking.models import Booking, Participant
from booking.models.bookings import Source
from booking.operations.applications import METHODS
from booking.operations.clashes import refuse_clash
from booking.queries import is_invited
from booking.rules.calendar import tokyo_date
from booking.rules.interval import Interval
from consent.models import Consent
from consent.operations import Shown, agree
from consent.queries import COUNSELLING, consent_on_record, consent_to, must_agree_before_use, version_in_force
from toyooka_hw.accounts.models import Person, Role, User
from toyooka_hw.accounts.operations import locked_survivor
from toyooka_hw.accounts.queries import restriction_of


class Lack(StrEnum):
    """What keeps somebody from taking part."""

    UNVERIFIED = "unverified"
    RESTRICTED = "restricted"
    CONSENT = "consent"


class NotReady(Exception):
    """Somebody who is to take part cannot yet: see ``lack`` (C2-1, C6-1-4c, A18)."""

    def __init__(self, person: Person, lack: Lack) -> None:
        super().__init__(f"person {person.pk}: {lack}")
        self.person = person
        self.lack = lack


class SeekerWanted(Exception):
    """An interview is held with one job seeker, a consultation with none."""


class InvitedTwice(Exception):
    """The job seeker has a session of this request already; staff may insist, with a reason."""


@dataclass(frozen=True, slots=True)
class Told:
    """The terms as staff told them to the job seeker just now, who agreed (C0-3). ``source``: by phone or at the counter."""

    shown: Shown
    source: Source


@dataclass(frozen=True, slots=True)
class Seeker:
    """The job seeker of a session. ``told``: None where their consent is on record. ``again``: in a second session of the same request."""

    person_id: int
    told: Told | None = None
    again: bool = False


def invite(booking: Booking, seeker: Seeker, span: Interval, *, insists: bool, by: User, now: datetime) -> Participant:
    """The job seeker becomes a participant of the session, under a consent of their own."""
    person = locked_survivor(seeker.person_id)
    if person.role != Role.JOB_SEEKER:
        raise SeekerWanted
    refuse_unready(person, now=now)
    if is_invited(person.pk, booking.employer_request_id) and not insists:
        raise InvitedTwice
    refuse_clash(person, span, but=booking)
    consent = _consent(person, seeker, by=by, now=now)
    return Participant.objects.create(booking=booking, person=person, role=Participant.PartRole.JOB_SEEKER, consent=consent)


def refuse_unready(person: Person, *, now: datetime) -> None:
    """Staff must have verified everybody in an interview, a contact as one of their establishment, and nobody may be restricted."""
    if not person.is_known:
        raise NotReady(person, Lack.UNVERIFIED)
    if restriction_of([person.pk], on=tokyo_date(now)):
        raise NotReady(person, Lack.RESTRICTED)


def _consent(person: Person, seeker: Seeker, *, by: User, now: datetime) -> Consent:
    """The job seeker's own consent to the version in force: told to them now, or on record."""
    if seeker.told:
        return agree(person, seeker.told.shown, document=COUNSELLING, now=now, method=METHODS[seeker.told.source], by=by)
    version = version_in_force(COUNSELLING, now=now)
    consent = consent_to(version, person.pk) if version else None
    if consent is None:
        raise NotReady(person, Lack.CONSENT)
    return consent


def consent_kept(contact: Person, *, now: datetime) -> Consent:
    """The consent that came with the contact's request; not withdrawn since, nor overtaken by terms that each must agree to (A11)."""
    consent = consent_on_record(COUNSELLING, contact.pk)
    if consent is None or must_agree_before_use(contact.pk, COUNSELLING, now=now):
        raise NotReady(contact, Lack.CONSENT)
    return consent
