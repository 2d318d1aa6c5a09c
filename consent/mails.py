"""The mail that tells of a change (C13-0, S9-0)."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from consent.models import ChangeNotice, TermsVersion
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.operations import post


def terms_changed(notice: ChangeNotice, person: Person, *, before: TermsVersion | None, key: str, now: datetime, wall: datetime) -> None:
    """Write the mail of this notice to one person: what changes, from when, why, and where to read it, beside the text ``before``."""
    version = notice.version
    code, number = version.document.code, version.number
    post(
        "terms_changed",
        to=person.email,
        key=key,
        now=now,
        wall=wall,
        context={
            "person": person,
            "notice": notice,
            "version": version,
            "text_url": _address("terms_version", code, number),
            "notice_url": _address("terms_notice", code, number),
            "comparison_url": _address("terms_comparison", code, number, before.number) if before else "",
        },
    )


def _address(page: str, *args: str | int) -> str:
    return settings.PORTAL_URL + reverse(page, args=args)
