"""Telling everybody concerned of a change: one mail per person and notice, however often it is asked for."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from consent import mails
from consent.models import ChangeNotice, NoticeDelivery, TermsVersion
from consent.queries import banners, concerned, version_before
from toyooka_hw.accounts.models import Person

_AT_ONCE = 500  # the rest a minute later


def send_due_notices(*, now: datetime, wall: datetime) -> int:
    """Send the notices that are current to everybody who was not told yet, also to people who agreed to the old text since."""
    return sum(send_notices(notice.pk, now=now, wall=wall) for notice in banners(now=now))


def send_notices(notice_id: int, *, now: datetime, wall: datetime) -> int:
    """Write the mail to each person concerned who has an address and was not told of this notice yet. Returns how many."""
    notice = ChangeNotice.objects.select_related("version__document").get(pk=notice_id)
    told = NoticeDelivery.objects.filter(notice=notice, person=OuterRef("pk"))
    waiting = concerned(notice).exclude(email="").filter(~Exists(told))[:_AT_ONCE]
    before = version_before(notice.version)
    return sum(_tell(notice, person, before, now=now, wall=wall) for person in waiting)


def _tell(notice: ChangeNotice, person: Person, before: TermsVersion | None, *, now: datetime, wall: datetime) -> bool:
    key = f"terms-notice:{notice.pk}:{person.pk}"
    with transaction.atomic():
        _, created = NoticeDelivery.objects.get_or_create(notice=notice, person=person, defaults={"mail_key": key})
        if created:
            mails.terms_changed(notice, person, before=before, key=key, now=now, wall=wall)
    return created
