"""The people of a seminar: who speaks and may be recorded, who gives it with the office, who is shut out of it, who came."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from booking import seminar_mails as mails
from booking.models import Registration, Seminar, SeminarPartner, SeminarSpeaker
from booking.operations.seminars import seats
from booking.operations.seminars.steps import changed, locked
from booking.rules.seminars import TAKING, Seat, State
from toyooka_hw.accounts.models import Person, Role, User
from toyooka_hw.audit.operations import record

GIVEN = frozenset({State.DRAFT, State.PUBLISHED, State.SUSPENDED})


class SpeakerKnown(Exception):
    """This person is named already."""


class RecordedAlready(Exception):
    """The recording is set: who speaks without having agreed to it would be recorded all the same (S4-5)."""


class OnlySpeakerRecorded(Exception):
    """The recording is set, and stands on the consent of the one person who speaks (S4-5)."""


class NotAContact(Exception):
    """Only a contact whom staff have verified as an establishment's gives an event with the office (C2-1d)."""


class RemovalUnexplained(Exception):
    """Whoever is shut out is shut out for an item of article 6 and for a reason that can be read later (S8-2)."""


def add_speaker(seminar_id: int, *, name: str, affiliation: str = "", by: User, now: datetime) -> SeminarSpeaker:
    """Name somebody who speaks. Raises SeminarChanged once it is over, SpeakerKnown, RecordedAlready."""
    with transaction.atomic():
        seminar = _open(seminar_id)
        if seminar.will_record:
            raise RecordedAlready
        speaker, is_new = SeminarSpeaker.objects.get_or_create(seminar=seminar, name=name.strip(), affiliation=affiliation.strip())
        if not is_new:
            raise SpeakerKnown
        record(_("催し：講師・出演者を加える"), seminar, by=by, now=now)
    return speaker


def remove_speaker(speaker_id: int, *, by: User, now: datetime) -> None:
    """Somebody does not speak after all; pressed twice it is one entry. Raises SeminarChanged, OnlySpeakerRecorded."""
    with transaction.atomic():
        speaker = SeminarSpeaker.objects.filter(pk=speaker_id).first()
        if speaker is None:
            return
        seminar = _open(speaker.seminar_id)
        if seminar.will_record and not seminar.speakers.exclude(pk=speaker_id).exists():
            raise OnlySpeakerRecorded
        if SeminarSpeaker.objects.filter(pk=speaker_id).delete()[0]:
            record(_("催し：講師・出演者を外す"), seminar, by=by, now=now)


def record_recording_consent(speaker_id: int, *, by: User, now: datetime) -> SeminarSpeaker:
    """A speaker has agreed to being recorded and to its further use (S4-5); recorded twice, the first time stays. Raises SeminarChanged."""
    with transaction.atomic():
        speaker = SeminarSpeaker.objects.get(pk=speaker_id)
        seminar = _open(speaker.seminar_id)
        fresh = SeminarSpeaker.objects.filter(pk=speaker_id, recording_agreed_at=None)
        if fresh.update(recording_agreed_at=now, recording_recorded_by=by):
            record(_("催し：録画への同意を記録"), seminar, by=by, now=now)
        speaker.refresh_from_db()
    return speaker


def add_partner(seminar_id: int, contact: Person, *, by: User, now: datetime, wall: datetime) -> SeminarPartner:
    """An employer's contact gives the event with the office, and is told so once it is public; added twice, it is one.

    Raises SeminarChanged, NotAContact.
    """
    with transaction.atomic():
        seminar = _open(seminar_id)
        if contact.role != Role.EMPLOYER_CONTACT or not contact.is_known:
            raise NotAContact
        partner, is_new = SeminarPartner.objects.get_or_create(seminar=seminar, contact=contact)
        if is_new:
            record(_("催し：共催の事業所を加える"), seminar, by=by, now=now, person_pk=contact.pk)
            if seminar.rule_state is State.PUBLISHED and now < seminar.ends_at:
                mails.joined(partner, now=now, wall=wall)
    return partner


def remove_partner(partner_id: int, *, by: User, now: datetime) -> None:
    """They give it no longer; pressed twice it is one entry. Raises SeminarChanged."""
    with transaction.atomic():
        partner = SeminarPartner.objects.filter(pk=partner_id).first()
        if partner is None:
            return
        seminar = _open(partner.seminar_id)
        if SeminarPartner.objects.filter(pk=partner_id).delete()[0]:
            record(_("催し：共催の事業所を外す"), seminar, by=by, now=now, person_pk=partner.contact_id)


def remove(registration_id: int, *, clause: int | None, reason: str, by: User, now: datetime, wall: datetime) -> Registration:
    """Stop somebody's participation in this event, also while it runs: their link is dead from now on, and no mail says so (S8-2).

    ``clause``: the item of article 6. Whether they are kept from anything else is another decision. Raises SeatChanged, RemovalUnexplained.
    """
    with transaction.atomic():
        row = seats.locked_registration(registration_id)
        if clause not in Registration.Clause.values or not reason.strip():
            raise RemovalUnexplained
        if row.rule_seat not in TAKING | {Seat.WAITING}:
            raise seats.SeatChanged(row)
        row.clause, row.removed_by, row.removed_why = clause, by, reason.strip()
        seats.settle(row, Seat.REMOVED, now=now, by=by)
        seats.promote(row.seminar, now=now, wall=wall)
    return row


def write_attendance(seminar_id: int, came: Mapping[int, str], *, by: User, now: datetime) -> int:
    """Write down who came, by registration id; returns how many changed. Possible from the start until it is closed. Raises SeminarChanged."""
    with transaction.atomic():
        seminar = locked(seminar_id)
        if seminar.rule_state not in (State.PUBLISHED, State.ENDED_EARLY) or now < seminar.starts_at:
            raise changed(seminar)
        rows = seminar.registrations.filter(pk__in=came, seat=Seat.SEATED.value)
        written = [row for row in rows if row.attendance != came[row.pk]]
        for row in written:
            Registration.objects.filter(pk=row.pk).update(attendance=came[row.pk])
        if written:
            record(_("催し：出欠を記録（%(count)s名）") % {"count": len(written)}, seminar, by=by, now=now)
    return len(written)


def _open(seminar_id: int) -> Seminar:
    seminar = locked(seminar_id)
    if seminar.rule_state not in GIVEN:
        raise changed(seminar)
    return seminar
