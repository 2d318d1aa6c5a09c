"""Reading people: found by name, number or phone; duplicates; restrictions; staff. Rows merged into another lead to it."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import chain
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Replace
from django.utils.translation import gettext_lazy as _

from toyooka_hw.accounts.models import Person, UsageRestriction, User
from toyooka_hw.accounts.names import folded
from toyooka_hw.accounts.staff_session import SignInBefore
from toyooka_hw.audit.models import AuditEntry

SHORTEST_TAIL = 4
STAFF_BACKEND = "django.contrib.auth.backends.ModelBackend"
# how the audit names them
SIGNED_IN, SIGNED_IN_BY_CODE, SIGN_IN_FAILED = _("ログインする"), _("回復コードでログインする"), _("ログインの失敗")
_NO_DIGITS = re.compile(r"[-‐‑‒–—―─−ー()+.\s]")


# --- found by what staff type ----------------------------------------------------------------------------------------------


def people_matching(people: QuerySet[Person], text: str) -> QuerySet[Person]:
    """People whose name or reading contains the words, whose number or phone ends in the digits, or whose address it is. One query.

    Spaces, width, kana and the shapes of kanji do not matter (``names.FORMS``). Who was found by a merged row is its survivor.
    """
    wanted = _says(text.strip().replace("\0", ""))
    rows = _legible(Person.objects.all()).filter(wanted).annotate(survivor=Coalesce("merged_into_id", "pk"))
    return people.filter(merged_into=None, pk__in=rows.values("survivor"))


def _says(text: str) -> Q:
    words = folded(Value(text, output_field=TextField()))
    found = Q(plain_name__contains=words) | Q(plain_kana__contains=words)
    digits = _NO_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    if digits.isascii() and digits.isdecimal() and len(digits) >= SHORTEST_TAIL:
        tail = digits.removeprefix("0")
        found |= Q(plain_number__endswith=digits) | Q(stated_phone__endswith=tail) | Q(registered_phone__endswith=tail)
    if "@" in text:
        found |= Q(email=unicodedata.normalize("NFKC", text).lower())
    return found


def _legible(people: QuerySet[Person]) -> QuerySet[Any, Any]:
    """With name, reading and number as they are compared."""
    number = Replace("job_seeker_number", Value("-"), Value(""))
    return people.annotate(plain_name=folded("full_name"), plain_kana=folded("name_kana"), plain_number=number)


# --- duplicates ------------------------------------------------------------------------------------------------------------


class Likeness(Enum):
    """Why two rows may be one person. Only a hint: people decide."""

    NUMBER = _("求職番号が同じ")
    READING = _("氏名とふりがなが同じ")
    PHONE = _("氏名と電話番号が同じ")
    MAIL = _("氏名とメールアドレスが同じ")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another row that may be the same person, and why."""

    person: Person
    why: tuple[Likeness, ...]


def duplicates_of(persons: Iterable[Person]) -> dict[int, list[Duplicate]]:
    """For each of these people the rows that may be the same person; people without any are absent. One query for all of them."""
    ids = [person.pk for person in persons]
    rows = _legible(Person.objects.filter(merged_into=None))
    asked = rows.filter(pk__in=ids)
    named = Q(plain_name__in=asked.exclude(full_name="").values("plain_name"))
    numbered = Q(job_seeker_number__in=asked.exclude(job_seeker_number="").values("job_seeker_number"))
    found = list(rows.filter(Q(pk__in=ids) | named | numbered).order_by("pk"))
    hints = {row.pk: _duplicates(row, found) for row in found if row.pk in set(ids)}
    return {pk: hint for pk, hint in hints.items() if hint}


def _duplicates(person: Person, rows: Iterable[Person]) -> list[Duplicate]:
    others = ((row, _likenesses(person, row)) for row in rows if row.pk != person.pk and row.role == person.role)
    return [Duplicate(row, why) for row, why in others if why]


def _likenesses(one: Any, other: Any) -> tuple[Likeness, ...]:
    """``one`` and ``other`` carry ``plain_name`` and ``plain_kana``."""
    same_name = bool(one.plain_name) and one.plain_name == other.plain_name
    phones = {one.stated_phone, one.registered_phone} & {other.stated_phone, other.registered_phone} - {""}
    facts = {
        Likeness.NUMBER: bool(one.job_seeker_number) and one.job_seeker_number == other.job_seeker_number,
        Likeness.READING: same_name and bool(one.plain_kana) and one.plain_kana == other.plain_kana,
        Likeness.PHONE: same_name and bool(phones),
        Likeness.MAIL: same_name and bool(one.email) and one.email == other.email,
    }
    return tuple(likeness for likeness, holds in facts.items() if holds)


# --- restrictions ----------------------------------------------------------------------------------------------------------


def restriction_of(person_ids: Collection[int], *, on: date) -> dict[int, UsageRestriction]:
    """The restriction in force on this Tokyo day for each of these people, by the id asked for; merged rows count. One query (C6-1-4c)."""
    ids = set(person_ids)
    theirs = Q(person__in=ids) | Q(person__merged_into__in=ids)
    standing = UsageRestriction.objects.filter(theirs, lifted_at=None, starts_on__lte=on, ends_on__gte=on).select_related("person")
    pairs = chain.from_iterable(((row.person_id, row), (row.person.merged_into_id, row)) for row in standing.order_by("ends_on", "pk"))
    return {pk: row for pk, row in pairs if pk in ids}


def restrictions_to_review(restrictions: QuerySet[UsageRestriction], *, on: date) -> QuerySet[UsageRestriction]:
    """Those in force on this Tokyo day whose day of review has come, the longest waiting first."""
    due = restrictions.filter(lifted_at=None, starts_on__lte=on, ends_on__gte=on, review_on__lte=on)
    return due.order_by("review_on", "pk")


# --- staff -----------------------------------------------------------------------------------------------------------------


def staff_who_may(permission: str) -> QuerySet[User]:
    """Whom a mail reaches of those whose role has this permission. One query."""
    found: QuerySet[User] = User.objects.with_perm(permission, backend=STAFF_BACKEND, include_superusers=False)
    return found.filter(is_active=True).exclude(email="").order_by("pk")


def last_sign_in(user: User) -> SignInBefore:
    """The newest sign-in that the audit knows, and the failures after it. Asked before another one is noted. Two queries."""
    told = AuditEntry.objects.filter(kind=AuditEntry.Kind.SIGN_IN, subject_type=User._meta.label_lower, subject_pk=str(user.pk))
    last = told.filter(what__in=[str(SIGNED_IN), str(SIGNED_IN_BY_CODE)]).order_by("-pk").first()
    failed = told.filter(what=str(SIGN_IN_FAILED), pk__gt=last.pk if last else 0).aggregate(times=Count("pk"), newest=Max("at"))
    return SignInBefore(last.at if last else None, failed["times"], failed["newest"])
