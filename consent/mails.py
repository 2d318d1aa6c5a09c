"""The mail that tells of a change (C13-0, S9-0)."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from consent.models import ChangeNotice
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.operations import post


def terms_changed(notice: ChangeNotice, person: Person, *, key: str, now: datetime, wall: datetime) -> None:
    """Write the mail of this notice to one person: what changes, from when, why, and where to read it."""
    version = notice.version
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
            "text_url": settings.PORTAL_URL + reverse("terms_version", args=[version.document.code, version.number]),
        },
    )
