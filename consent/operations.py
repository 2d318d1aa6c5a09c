"""Recording consent. Rows are only ever added."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from consent.models import Consent, Method, TermsVersion
from consent.queries import consent_to, version_in_force
from toyooka_hw.accounts.models import Person, User


class TermsNotInForce(Exception):
    """The version that was read is not (or no longer) the one in force. Nothing was recorded."""

    def __init__(self, current: TermsVersion | None) -> None:
        super().__init__("the version that was read is not in force")
        self.current = current


class ConsentMissing(Exception):
    """The person has not agreed to the version in force."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood on the screen (or was read out) when the person agreed."""

    version_id: int
    label: str
    at: datetime


def agree(
    person: Person, shown: Shown, *, document: str, now: datetime, method: Method = Method.CHECKBOX, by: User | None = None
) -> Consent:
    """Record an explicit consent to the version that was read. Raises TermsNotInForce where another binds by now (C0-2, C13-0)."""
    version = version_in_force(document, now=now)
    if version is None or version.pk != shown.version_id:
        raise TermsNotInForce(version)
    return Consent.objects.create(
        person=person,
        version=version,
        content_sha256=version.content_sha256,
        method=method,
        label=shown.label,
        zoom_terms_url=settings.ZOOM_TERMS_URL,
        shown_at=shown.at,
        agreed_at=now,
        recorded_by=by,
    )


def deem_by_application(person: Person, *, version_id: int, document: str, label: str, now: datetime) -> Consent:
    """Record the consent that an application implies, tied to the explicit one (C0-3).

    Raises TermsNotInForce where the version carried by the POST no longer binds, ConsentMissing without an explicit consent.
    """
    version = version_in_force(document, now=now)
    if version is None or version.pk != version_id:
        raise TermsNotInForce(version)
    explicit = consent_to(version, person.pk)
    if explicit is None:
        raise ConsentMissing
    return Consent.objects.create(
        person=person,
        version=version,
        content_sha256=version.content_sha256,
        method=Method.DEEMED_APPLICATION,
        label=label,
        zoom_terms_url=explicit.zoom_terms_url,
        shown_at=now,
        agreed_at=now,
        based_on=explicit,
    )


def content_hash(preamble: str, articles: list[dict[str, Any]]) -> str:
    """SHA-256 of the wording, independent of how JSON happens to be written."""
    text = json.dumps([preamble, articles], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
