"""Whose mailbox it is, and what staff record about a person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from toyooka_hw.accounts.models import Person, Role, User
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.audit.operations import record
from toyooka_hw.wording import mask_phone

OWNER_TRIES = 5
# What stands masked on every page of the office until somebody opens it, and how the audit calls that.
LOOKS = {"phone": _("電話番号を表示する"), "number": _("求職番号を表示する"), "email": _("メールアドレスを表示する")}


class WrongDigits(Exception):
    """The last four digits do not match the phone number on record."""


class DigitsExhausted(Exception):
    """Five wrong tries: from now on only the office's phone helps."""


class MailboxKnown(Exception):
    """This address belongs to a person already on record."""


def person_of_mailbox(email: str, *, now: datetime, role: str = Role.JOB_SEEKER) -> Person:
    """The person of this role whose mailbox was just proven; a new one where the mailbox is new. See ``Person.awaits_owner`` before trusting it.

    Of somebody merged it is the survivor, except while the mailbox still awaits its owner: then what staff typed beside it is asked first.
    """
    person, _created = Person.objects.get_or_create(role=role, email=email, defaults={"created_at": now, "email_proven_at": now})
    return person if person.awaits_owner else survivor_of(person)


def survivor_of(person: Person) -> Person:
    """Who counts for this person after all merges; a circle, which nobody should have made, leaves the person as it is."""
    found, passed = person, {person.pk}
    while found.merged_into is not None:
        found = found.merged_into
        if found.pk in passed:
            return person
        passed.add(found.pk)
    return found


def locked_survivor(person_id: int) -> Person:
    """The person's row, locked until the transaction ends: of a merged one, the survivor's."""
    person = Person.objects.select_for_update().get(pk=person_id)
    return Person.objects.select_for_update().get(pk=person.merged_into_id) if person.merged_into_id else person


def prove_owner(person: Person, digits: str, *, now: datetime) -> None:
    """The last four digits of the phone on record show that a mailbox typed by staff is its person's own; five tries, asked once.

    Raises WrongDigits, DigitsExhausted.
    """
    if not Person.objects.filter(pk=person.pk, owner_tries__lt=OWNER_TRIES).update(owner_tries=F("owner_tries") + 1):
        raise DigitsExhausted
    if not person.phone or person.phone[-4:] != digits:
        raise WrongDigits
    Person.objects.filter(pk=person.pk).update(email_proven_at=now, owner_tries=0)
    person.refresh_from_db()


def enter_person(*, full_name: str, email: str, by: User, now: datetime, phone: str = "") -> Person:
    """A person whom staff enter; whoever has no mailbox gets a row of their own. ``phone``: as it was told, E.164.

    Raises MailboxKnown where the address belongs to somebody.
    """
    if email and Person.objects.filter(role=Role.JOB_SEEKER, email=email).exists():
        raise MailboxKnown
    with transaction.atomic():
        person = Person.objects.create(role=Role.JOB_SEEKER, full_name=full_name, email=email, stated_phone=phone, created_at=now)
        record(_("利用者を登録する"), person, by=by, now=now, person_pk=person.pk)
    return person


def verify_person(person: Person, *, registered_phone: str, by: User, now: datetime) -> Person:
    """Record that staff compared name, number and phone with the ministry's system (C2-1a); of somebody merged, for the survivor."""
    with transaction.atomic():
        verified = locked_survivor(person.pk)
        compared(_("本人情報を確認済みにする"), verified, registered_phone=registered_phone, by=by, now=now)
    person.refresh_from_db()
    return verified


def compared(
    what: Any, person: Person, *, registered_phone: str, by: User, now: datetime, changes: Mapping[str, tuple[str, str]] | None = None
) -> None:
    """Save the locked row as compared with the ministry's system, with the audit's line (``what``; ``changes``: what else changed with it).

    A phone number that replaces another one serves no call back on that day (C6-2-3c).
    """
    before = person.registered_phone
    if before and before != registered_phone:
        person.phone_changed_at = now
    person.registered_phone, person.verified_at, person.verified_by = registered_phone, now, by
    person.save()
    phones = (mask_phone(before) if before else "", mask_phone(registered_phone))
    seen = {str(Person._meta.get_field("registered_phone").verbose_name): phones, **(changes or {})}
    record(what, person, by=by, now=now, changes=seen, person_pk=person.pk)


def mark_switched(person_id: int, *, by: User, now: datetime) -> Person:
    """Record that staff made an online registrant a ハローワーク利用登録者 (C2-1b); pressed again, who was first stands."""
    with transaction.atomic():
        person = locked_survivor(person_id)
        if person.switched_at is None:
            person.switched_at, person.switched_by = now, by
            person.save(update_fields=["switched_at", "switched_by"])
            record(_("利用登録者への切替を記録する"), person, by=by, now=now, person_pk=person.pk)
    return person


def look_at(person: Person, what: str, *, by: User, now: datetime) -> None:
    """Staff open something masked of a person (one of ``LOOKS``): who looked stands in the audit before anything is shown (C8-1)."""
    record(LOOKS[what], person, by=by, now=now, person_pk=person.pk, kind=AuditEntry.Kind.LOOK)
