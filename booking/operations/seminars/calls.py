"""The office phones those whom no mail about a seminar reaches, and so writes down that they know (S8-1)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import SeminarCall
from booking.operations.calls import ONE_ATTEMPT, AlreadyTold
from booking.operations.seminars.steps import locked
from booking.queries import people_to_phone
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.operations import record


class NothingToTell(Exception):
    """What was on the screen is not the last news any more, or nobody has to be phoned about it."""


def record_call(seminar_id: int, person_id: int, about: str, *, reached: bool, by: User, now: datetime) -> SeminarCall:
    """Write down that somebody was told by phone of this news, or called in vain. The same press twice is one record.

    Raises AlreadyTold where a colleague was faster, NothingToTell.
    """
    with transaction.atomic():
        seminar = locked(seminar_id)
        if before := _before(seminar_id, person_id, about, reached=reached, by=by, now=now):
            return before
        if not any(each.person.pk == person_id and each.line.about == about for each in people_to_phone(now=now, only=seminar_id)):
            raise NothingToTell
        call = SeminarCall.objects.create(seminar=seminar, person_id=person_id, about=about, reached=reached, at=now, by=by)
        words = _("催し：電話でお知らせする") if reached else _("催し：電話をかける（つながらず）")
        record(words, seminar, by=by, now=now, person_pk=person_id)
    return call


def _before(seminar_id: int, person_id: int, about: str, *, reached: bool, by: User, now: datetime) -> SeminarCall | None:
    """The record that this press would repeat: of the same news, or a try of a moment ago by the same staff."""
    calls = SeminarCall.objects.filter(seminar=seminar_id, person=person_id, about=about).select_related("by")
    if told := calls.filter(reached=True).first():
        if told.by != by:
            raise AlreadyTold(told.by, told.at)
        return told
    return None if reached else calls.filter(by=by, at__gt=now - ONE_ATTEMPT).first()
