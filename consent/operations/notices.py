"""Telling everybody concerned of a change: one mail per person and notice, however often it is asked for."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Subquery

from consent import mails
from consent.models import ChangeNotice, NoticeDelivery, TermsVersion
from consent.queries import banners, concerned, told, version_before
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.queries import FATE
from toyooka_hw.sweep import each

_AT_ONCE = 500  # the rest a minute later


def send_due_notices(*, now: datetime, wall: datetime) -> int:
    """Send the notices that are current to everybody who was not told yet, also to people who agreed to the old text since (C13-0, S9-0).

    Returns how many notices had somebody to tell; one that fails stops no other.
    """
    due = [notice.pk for notice in banners(now=now)]
    return each(due, lambda notice_id: send_notices(notice_id, now=now, wall=wall), name="terms_notices")


def send_notices(notice_id: int, *, now: datetime, wall: datetime) -> int:
    """Write the mail to each person concerned who has an address and was not told of this notice yet (C13-0, S9-0). Returns how many."""
    notice = ChangeNotice.objects.select_related("version__document").get(pk=notice_id)
    waiting = concerned(notice).exclude(email="").filter(~Exists(told(notice)))[:_AT_ONCE]
    before, people = version_before(notice.version), {person.pk: person for person in waiting}
    return each(people, lambda person_id: _tell(notice, people[person_id], before, now=now, wall=wall), name="terms_mails")


def keep_outcomes() -> int:
    """Keep beside each delivery what became of its mail, which is deleted a year later. Returns how many changed."""
    mail = OutgoingMail.objects.filter(key=OuterRef("mail_key")).annotate(fate=FATE)
    state, delivered_at = Subquery(mail.values("fate")), Subquery(mail.values("delivered_at"))
    changed = NoticeDelivery.objects.annotate(mail_state=state).filter(mail_state__isnull=False).exclude(mail_state=F("outcome"))
    return changed.update(outcome=state, delivered_at=delivered_at)


def _tell(notice: ChangeNotice, person: Person, before: TermsVersion | None, *, now: datetime, wall: datetime) -> bool:
    key = f"terms-notice:{notice.pk}:{person.pk}"
    with transaction.atomic():
        _, created = NoticeDelivery.objects.get_or_create(notice=notice, person=person, defaults={"mail_key": key})
        if created:
            mails.terms_changed(notice, person, before=before, key=key, now=now, wall=wall)
    return created
