"""Restricting somebody's use of the online channel, and ending that: always a person's decision, never the portal's (C6-1-4c, C12-1)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from toyooka_hw.accounts.models import Person, UsageRestriction, User
from toyooka_hw.accounts.operations.people import locked_survivor
from toyooka_hw.audit.operations import record
from toyooka_hw.mail.operations import post
from toyooka_hw.wording import TOKYO, ja_date

# Stand in the letter's draft for what is filled in when the decision is recorded.
STARTS, ENDS, REVIEW = "【開始日】", "【終了日】", "【見直す日】"


class RestrictionReasonMissing(Exception):
    """Neither a restriction nor its end without a reason."""


class WrongPeriod(Exception):
    """A restriction begins today or later, ends no earlier than it begins, and is reviewed within its time."""


class RestrictedAlready(Exception):
    """Another restriction holds in these days; end it first."""

    def __init__(self, restriction: UsageRestriction) -> None:
        super().__init__(f"restriction {restriction.pk} holds")
        self.restriction = restriction


class LiftedAlready(Exception):
    """Somebody has ended it before."""

    def __init__(self, restriction: UsageRestriction) -> None:
        super().__init__(f"restriction {restriction.pk} was lifted")
        self.restriction = restriction


@dataclass(frozen=True, slots=True)
class Sanction:
    """What somebody decided: why, on which Tokyo days (both included), when it is looked at again, and what the person is told."""

    reason: str
    starts_on: date
    ends_on: date
    review_on: date
    letter: str


def restrict(person_id: int, sanction: Sanction, *, by: User, now: datetime, wall: datetime) -> UsageRestriction:
    """Record the decision and mail the letter; without an address it is printed. Bookings already made stay as they are.

    Raises RestrictionReasonMissing, WrongPeriod, RestrictedAlready.
    """
    _check(sanction, today=now.astimezone(TOKYO).date())
    with transaction.atomic():
        person = locked_survivor(person_id)
        rival = _standing(person, sanction)
        if rival:
            raise RestrictedAlready(rival)
        restriction = UsageRestriction.objects.create(
            person=person,
            reason=sanction.reason.strip(),
            starts_on=sanction.starts_on,
            ends_on=sanction.ends_on,
            review_on=sanction.review_on,
            letter=filled_in(sanction),
            decided_at=now,
            decided_by=by,
        )
        period = {_("期間"): ("", str(restriction)), _("見直す日"): ("", ja_date(restriction.review_on))}
        record(_("利用を制限する"), restriction, by=by, now=now, reason=sanction.reason, changes=period, person_pk=person.pk)
        if person.email:
            post("restricted", to=person.email, key=mail_key(restriction), now=now, wall=wall, context={"restriction": restriction})
    return restriction


def lift(restriction_id: int, *, by: User, now: datetime, reason: str) -> UsageRestriction:
    """End a restriction before its time. Raises LiftedAlready (who was first stands), RestrictionReasonMissing."""
    if not reason.strip():
        raise RestrictionReasonMissing
    with transaction.atomic():
        restriction = UsageRestriction.objects.select_for_update().get(pk=restriction_id)
        if restriction.lifted_at is not None:
            raise LiftedAlready(restriction)
        restriction.lifted_at, restriction.lifted_by, restriction.lift_reason = now, by, reason.strip()
        restriction.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        record(_("利用の制限を解除する"), restriction, by=by, now=now, reason=reason, person_pk=restriction.person_id)
    return restriction


def mail_key(restriction: UsageRestriction) -> str:
    """The name of the mail with the letter."""
    return f"restriction:{restriction.pk}"


def filled_in(sanction: Sanction) -> str:
    """The letter with its days."""
    days = {STARTS: sanction.starts_on, ENDS: sanction.ends_on, REVIEW: sanction.review_on}
    text = sanction.letter
    for mark, day in days.items():
        text = text.replace(mark, ja_date(day))
    return text.strip()


def _check(sanction: Sanction, *, today: date) -> None:
    if not sanction.reason.strip():
        raise RestrictionReasonMissing
    if not today <= sanction.starts_on <= sanction.review_on <= sanction.ends_on:
        raise WrongPeriod


def _standing(person: Person, sanction: Sanction) -> UsageRestriction | None:
    overlapping = UsageRestriction.objects.filter(lifted_at=None, starts_on__lte=sanction.ends_on, ends_on__gte=sanction.starts_on)
    theirs = overlapping.filter(person=person) | overlapping.filter(person__merged_into=person)
    return theirs.select_related("decided_by").first()
