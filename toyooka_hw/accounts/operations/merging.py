"""Two rows of one person become one: the loser leads to the survivor, what hangs on it stays where it is and counts for the survivor."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from toyooka_hw.accounts.models import Person, User
from toyooka_hw.audit.operations import record
from toyooka_hw.wording import mask_mail, mask_number, mask_phone

# What the survivor takes over where it has nothing itself, and how the audit may show it.
BLANKS: dict[str, Callable[[str], str]] = {
    "full_name": lambda _name: "…",
    "name_kana": lambda _kana: "…",
    "job_seeker_number": mask_number,
    "stated_phone": mask_phone,
    "stated_establishment": str,
    "stated_establishment_number": str,
    "department": str,
}


class MergedAlready(Exception):
    """One of the two was merged meanwhile; ``person`` is that row."""

    def __init__(self, person: Person) -> None:
        super().__init__(f"person {person.pk} is merged into {person.merged_into_id}")
        self.person = person


class NotMergeable(Exception):
    """The same row twice, a job seeker and an employer's contact, or contacts of two establishments."""


class MergeReasonMissing(Exception):
    """A merge is not undone: it needs a reason."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What the survivor takes over from the loser: values by field. ``mailbox``: the loser's address becomes the survivor's."""

    values: dict[str, Any]
    mailbox: bool
    verification: bool


def gain(loser: Person, survivor: Person) -> Gain:
    """What a merge would carry over; the preview shows it, the merge does it."""
    values = {name: getattr(loser, name) for name in BLANKS if getattr(loser, name) and not getattr(survivor, name)}
    agrees = loser.job_seeker_number in ("", survivor.job_seeker_number) or "job_seeker_number" in values
    better = loser.email_proven_at is not None and survivor.email_proven_at is None
    return Gain(
        values=values,
        mailbox=bool(loser.email) and (not survivor.email or better),
        verification=loser.is_verified and not survivor.is_verified and agrees,
    )


def label_of(name: str) -> str:
    """What the field of a person is called."""
    return str(Person._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # a field of the row itself


def merge_people(loser_id: int, survivor_id: int, *, by: User, now: datetime, reason: str) -> Person:
    """Merge one row into another, within the caller's transaction; the same merge again is no second one.

    ``booking.operations.merging`` is the door: it also looks at the bookings. Rows merged into the loser before lead to the survivor, so
    there are never chains. Raises MergedAlready, NotMergeable, MergeReasonMissing.
    """
    if not reason.strip():
        raise MergeReasonMissing
    with transaction.atomic():
        rows = locked_pair(loser_id, survivor_id)
        loser, survivor = rows[loser_id], rows[survivor_id]
        if loser.merged_into_id == survivor.pk:
            return survivor
        _check(loser, survivor)
        changes = _carry_over(loser, survivor)
        Person.objects.filter(merged_into=loser).update(merged_into=survivor)
        Person.objects.filter(pk=loser.pk).update(merged_into=survivor)
        kept = {_("統合先"): ("", f"{survivor._meta.verbose_name} {survivor.pk}")} | changes
        record(_("利用者を統合する"), loser, by=by, now=now, reason=reason, changes=kept, person_pk=survivor.pk)
    return survivor


def locked_pair(one_id: int, other_id: int) -> dict[int, Person]:
    """Both rows, locked in the order of their keys."""
    if one_id == other_id:
        raise NotMergeable
    rows = Person.objects.select_for_update().filter(pk__in=[one_id, other_id]).order_by("pk")
    return {row.pk: row for row in rows}


def _check(loser: Person, survivor: Person) -> None:
    for row in (loser, survivor):
        if row.merged_into_id is not None:
            raise MergedAlready(row)
    establishments = {row.establishment_number for row in (loser, survivor)} - {""}
    if loser.role != survivor.role or len(establishments) > 1:
        raise NotMergeable


def _carry_over(loser: Person, survivor: Person) -> dict[str, tuple[str, str]]:
    """Fill the survivor's blanks; what was changed, masked, for the audit."""
    gained = gain(loser, survivor)
    changes = {label_of(name): ("", BLANKS[name](value)) for name, value in gained.values.items()}
    for name, value in gained.values.items():
        setattr(survivor, name, value)
    if gained.verification:
        survivor.registered_phone, survivor.verified_at, survivor.verified_by = loser.registered_phone, loser.verified_at, loser.verified_by
        survivor.phone_changed_at = loser.phone_changed_at  # a number changed today serves no call back today, whoever has it now (C6-2-3c)
        survivor.establishment = loser.establishment
        changes[_("確認済みの電話番号")] = ("", mask_phone(survivor.registered_phone))
    if loser.switched_at and not survivor.switched_at:
        survivor.switched_at, survivor.switched_by = loser.switched_at, loser.switched_by
    if gained.mailbox:
        changes[_("メールアドレス")] = (survivor.email and mask_mail(survivor.email), mask_mail(loser.email))
        survivor.email, survivor.email_proven_at = loser.email, loser.email_proven_at
    if gained.mailbox or loser.email_proven_at is None:
        # a mailbox that nobody has proven must never lead to the survivor
        Person.objects.filter(pk=loser.pk).update(email="", email_proven_at=None)
    survivor.save()
    return changes
