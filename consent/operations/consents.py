"""Recording who agreed to what, who refused, who took it back. Rows are only ever added."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from consent.models import Consent, ConsentWithdrawal, Method, MinistryRecord, TermsDocument, TermsVersion
from consent.queries import consent_on_record, consent_to, ministry_record, unrecorded, version_in_force
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.audit.operations import record


class TermsNotInForce(Exception):
    """The version that was read is not (or no longer) the one in force. Nothing was recorded."""

    def __init__(self, current: TermsVersion | None) -> None:
        super().__init__("the version that was read is not in force")
        self.current = current


class ConsentMissing(Exception):
    """The person has not agreed (to the version in force, or at all)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood on the screen (or was read out) when the person agreed."""

    version_id: int
    label: str
    at: datetime


def agree(
    person: Person,
    shown: Shown,
    *,
    document: str,
    now: datetime,
    method: Method = Method.CHECKBOX,
    by: User | None = None,
    zoom_stated_at: datetime | None = None,
    bureau_confirmed_at: datetime | None = None,
) -> Consent:
    """Record an explicit consent to the version that was read (C0-2).

    ``zoom_stated_at``: when the person agreed to Zoom's terms, by a tick of its own (C4-2). ``bureau_confirmed_at``: when the person
    looked at the labour bureau's page (C6-2-2). Raises TermsNotInForce where another version binds by now (C13-0).
    """
    stated = {"bureau_confirmed_at": bureau_confirmed_at, **_zoom(zoom_stated_at)}
    return _answer(person, shown, document=document, now=now, by=by, method=method, **stated)


def refuse(
    person: Person, shown: Shown, *, document: str, now: datetime, method: Method = Method.CHECKBOX, by: User | None = None
) -> Consent:
    """Record that the person does not agree to the version that was read (C6-2-2). Earlier consents stay what they are.

    Raises TermsNotInForce.
    """
    return _answer(person, shown, document=document, now=now, by=by, method=method, agreed=False)


def deem_by_application(
    person: Person, shown: Shown, *, document: str, now: datetime, zoom_stated_at: datetime | None = None, ad_hoc: bool = False
) -> Consent:
    """Record the consent that an application implies, tied to the explicit one (C0-3), and the statement about Zoom's terms that was made
    on the way (C4-2). ``ad_hoc``: for use under article 6-2, where only an agreement to the very text in force counts (C6-2-2).

    Raises TermsNotInForce where the version carried by the POST no longer binds, ConsentMissing without an explicit consent.
    """
    version = _binding(shown.version_id, document, now)
    explicit = consent_to(version, person.pk, ad_hoc=ad_hoc)
    if explicit is None:
        raise ConsentMissing
    stated = _zoom(zoom_stated_at)
    return _write(person, version, shown, now=now, method=Method.DEEMED_APPLICATION, based_on=explicit, **stated)


def deem_by_use(person: Person, label: str, *, document: str, now: datetime) -> Consent:
    """Record the consent that taking part implies (S1-1), tied to the explicit one; once per version, whoever comes in again.

    ``label``: what stood beside the button. Raises ConsentMissing without an explicit consent, TermsNotInForce where nothing is in force.
    """
    version, explicit = version_in_force(document, now=now), consent_on_record(document, person.pk)
    if version is None:
        raise TermsNotInForce(None)
    if explicit is None:
        raise ConsentMissing
    before = Consent.objects.filter(person=person, version=version, method=Method.DEEMED_USE, agreed_at__gte=explicit.agreed_at).first()
    shown = Shown(version.pk, label, now)
    return before or _write(person, version, shown, now=now, method=Method.DEEMED_USE, based_on=explicit.based_on or explicit)


def withdraw(person: Person, *, document: str, by: User, now: datetime) -> ConsentWithdrawal:
    """Record that the person takes the consent to a document back (C0-2, A11); a later consent counts again. Raises ConsentMissing."""
    if consent_on_record(document, person.pk) is None:
        raise ConsentMissing
    with transaction.atomic():
        withdrawn = ConsentWithdrawal.objects.create(
            person=person, document=TermsDocument.objects.get(code=document), withdrawn_at=now, recorded_by=by
        )
        record(_("同意の撤回を記録"), withdrawn, by=by, now=now, person_pk=person.pk)
    return withdrawn


def record_in_ministry_system(person: Person, *, document: str, by: User, now: datetime) -> MinistryRecord:
    """Record that staff entered the consent in the ministry's system (C6-2-1b, A4); ticked again it is the same record, until the person
    agrees to a newer version. Raises ConsentMissing.
    """
    if consent_on_record(document, person.pk) is None:
        raise ConsentMissing
    recorded = ministry_record(document, person.pk)
    if recorded and not unrecorded(document).filter(pk=person.survivor_id).exists():
        return recorded
    with transaction.atomic():
        recorded = MinistryRecord.objects.create(
            person=person, document=TermsDocument.objects.get(code=document), recorded_at=now, recorded_by=by
        )
        record(_("ハローワークシステムへ記録済"), recorded, by=by, now=now, person_pk=person.pk)
    return recorded


def _zoom(stated_at: datetime | None) -> dict[str, Any]:
    """The statement about Zoom's terms, which is a consent of its own and made only by its own tick."""
    return {"zoom_terms_url": settings.ZOOM_TERMS_URL, "zoom_stated_at": stated_at} if stated_at and settings.ZOOM_TERMS_URL else {}


def _answer(person: Person, shown: Shown, *, document: str, now: datetime, **facts: Any) -> Consent:
    return _write(person, _binding(shown.version_id, document, now), shown, now=now, **facts)


def _write(person: Person, version: TermsVersion, shown: Shown, *, now: datetime, by: User | None = None, **facts: Any) -> Consent:
    with transaction.atomic():
        answer = Consent.objects.create(
            person=person,
            version=version,
            content_sha256=version.content_sha256,
            label=shown.label,
            shown_at=min(shown.at, now),  # the page may have come from a server whose clock is a little ahead
            agreed_at=now,
            recorded_by=by,
            **facts,
        )
        if by:
            what = _("口頭での同意を記録") if answer.agreed else _("同意されなかったことを記録")
            record(what, answer, by=by, now=now, person_pk=person.pk)
    return answer


def _binding(version_id: int, document: str, now: datetime) -> TermsVersion:
    """The version in force, if it is the one that was read. Raises TermsNotInForce."""
    version = version_in_force(document, now=now)
    if version is None or version.pk != version_id:
        raise TermsNotInForce(version)
    return version
