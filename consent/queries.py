"""Reading terms and consents."""

from datetime import datetime

from django.db.models import Max

from consent.models import Consent, ConsentWithdrawal, TermsVersion
from consent.rules import Version, in_force

COUNSELLING = "counselling"
SEMINAR = "seminar"


def version_in_force(document: str, *, now: datetime) -> TermsVersion | None:
    """The version of this document that binds at ``now``, or None before the first one. One query."""
    rows = {
        row.pk: row for row in TermsVersion.objects.filter(document__code=document, announced_at__isnull=False).select_related("document")
    }
    found = in_force([Version(row.pk, row.effective_at, row.announced_at, row.editorial) for row in rows.values()], now=now)
    return rows[found.id] if found else None


def consent_to(version: TermsVersion, person_id: int) -> Consent | None:
    """The person's latest explicit consent to this version that was not withdrawn since. Two queries."""
    withdrawn = ConsentWithdrawal.objects.filter(person=person_id, document=version.document_id).aggregate(at=Max("withdrawn_at"))["at"]
    consents = Consent.objects.filter(person=person_id, version=version, based_on=None)
    if withdrawn is not None:
        consents = consents.filter(agreed_at__gt=withdrawn)
    return consents.order_by("-agreed_at", "-pk").first()
