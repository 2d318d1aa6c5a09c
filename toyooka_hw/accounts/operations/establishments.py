"""Employers' contacts: what they state about themselves, and the establishment to which staff find them to belong (C2-1d)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import TextField, Value
from django.utils.translation import gettext as _

from toyooka_hw.accounts.models import Establishment, Person, Role, User
from toyooka_hw.accounts.names import folded
from toyooka_hw.accounts.operations.people import MailboxKnown, compared, locked_survivor
from toyooka_hw.audit.operations import record


class AlreadyVerified(Exception):
    """Staff have verified this contact: what is on record is changed by nobody but staff (A9)."""


class PhoneOnRecord(Exception):
    """What was sent carries another phone number than the one stated before; nothing was changed (C6-2-3c, A9)."""


class NotTheName(Exception):
    """The number belongs to an establishment of another name: one of the two was mistaken, and nobody may land in another's rows."""

    def __init__(self, establishment: Establishment) -> None:
        super().__init__(f"establishment {establishment.pk} has another name")
        self.establishment = establishment


class EstablishmentFixed(Exception):
    """The contact was verified for another establishment, whose requests they know: for a new one they sign in with another mailbox."""

    def __init__(self, establishment: Establishment) -> None:
        super().__init__(f"the contact belongs to establishment {establishment.pk}")
        self.establishment = establishment


class ContactOver(Exception):
    """There is nothing to end: the contact has stated no establishment, or speaks for none any more."""


class NumberTaken(Exception):
    """Another establishment has this number."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a contact says at the first use, normalised. ``phone`` is E.164, empty where the stored one stands."""

    full_name: str
    establishment_number: str
    establishment_name: str
    department: str = ""
    phone: str = ""


def state_contact(person: Person, stated: Statement) -> Person:
    """Keep what a contact states; until staff have verified it, it may be corrected, except the phone. Raises AlreadyVerified, PhoneOnRecord."""
    with transaction.atomic():
        contact = locked_survivor(person.pk)
        if contact.is_verified or contact.has_left:
            raise AlreadyVerified
        if stated.phone and contact.phone and stated.phone != contact.phone:
            raise PhoneOnRecord
        contact.full_name, contact.department = stated.full_name, stated.department
        contact.stated_establishment, contact.stated_establishment_number = stated.establishment_name, stated.establishment_number
        contact.stated_phone = contact.stated_phone or stated.phone
        contact.save()
    return contact


def verify_contact(person: Person, *, number: str, name: str, registered_phone: str, by: User, now: datetime) -> Person:
    """Record that staff compared the contact with the ministry's system: establishment by number and name, and phone (C2-1d).

    Raises NotTheName, EstablishmentFixed.
    """
    with transaction.atomic():
        contact = locked_survivor(person.pk)
        before = contact.establishment
        if before and before.number != number:
            raise EstablishmentFixed(before)
        contact.establishment = _establishment(number, name, by=by, now=now)
        changes = {_("事業所"): (before.number if before else "", number)}
        compared(_("人事担当者を確認済みにする"), contact, registered_phone=registered_phone, by=by, now=now, changes=changes)
    person.refresh_from_db()
    return contact


def enter_contact(stated: Statement, *, email: str, by: User, now: datetime) -> Person:
    """A contact whom staff write down and have compared in one go, with or without a mailbox; the same one again is the same row.

    Raises MailboxKnown, NotTheName.
    """
    contacts = Person.objects.filter(role=Role.EMPLOYER_CONTACT)
    known = {"full_name": stated.full_name, "registered_phone": stated.phone, "email": email}
    with transaction.atomic():
        Establishment.objects.select_for_update().filter(number=stated.establishment_number).first()
        if same := contacts.filter(establishment__number=stated.establishment_number, merged_into=None, **known).first():
            return same
        if email and contacts.filter(email=email).exists():
            raise MailboxKnown
        names = {"full_name": stated.full_name, "department": stated.department, "email": email}
        contact = Person.objects.create(role=Role.EMPLOYER_CONTACT, created_at=now, **names)
        record(_("人事担当者を登録する"), contact, by=by, now=now, person_pk=contact.pk)
        found = {"number": stated.establishment_number, "name": stated.establishment_name, "registered_phone": stated.phone}
        return verify_contact(contact, **found, by=by, now=now)


def end_contact(person_id: int, *, reason: str, by: User, now: datetime) -> Person:
    """Record that staff could not confirm what a contact stated, who may then state it anew; or that a verified one left (C2-1d).

    The establishment stays on the row of one who left: its requests are still its own. Raises ContactOver.
    """
    with transaction.atomic():
        contact = locked_survivor(person_id)
        if contact.has_left or not contact.establishment_number:
            raise ContactOver
        what = _("人事担当者が担当を外れたことを記録する") if contact.is_verified else _("人事担当者を確認できないと記録する")
        contact.verified_at = contact.verified_by = None
        contact.stated_establishment_number = contact.stated_phone = ""
        contact.save()
        record(what, contact, by=by, now=now, reason=reason, person_pk=contact.pk)
    return contact


def correct_establishment(establishment_id: int, *, number: str, name: str, by: User, now: datetime) -> Establishment:
    """Correct number or name as the ministry's system has them now, for all contacts at once; nothing is recorded where nothing differs.

    Raises NumberTaken.
    """
    with transaction.atomic():
        found = Establishment.objects.select_for_update().get(pk=establishment_id)
        if Establishment.objects.filter(number=number).exclude(pk=found.pk).exists():
            raise NumberTaken
        pairs = {_("事業所番号"): (found.number, number), _("事業所名"): (found.name, name)}
        changes = {words: pair for words, pair in pairs.items() if pair[0] != pair[1]}
        if changes:
            found.number, found.name = number, name
            found.save()
            record(_("事業所の番号・名称を直す"), found, by=by, now=now, changes=changes)
    return found


def _establishment(number: str, name: str, *, by: User, now: datetime) -> Establishment:
    """The establishment of this number, where the name agrees; a new one where nobody has verified a contact of it yet."""
    found, created = Establishment.objects.get_or_create(number=number, defaults={"name": name, "created_at": now})
    if created:
        record(_("事業所を登録する"), found, by=by, now=now)
    elif not _is_called(found, name):
        raise NotTheName(found)
    return found


def _is_called(establishment: Establishment, name: str) -> bool:
    """Whether this is its name; spaces, width and the shapes of kanji do not matter."""
    same = Establishment.objects.annotate(plain=folded("name")).filter(plain=folded(Value(name, output_field=TextField())))
    return same.filter(pk=establishment.pk).exists()
