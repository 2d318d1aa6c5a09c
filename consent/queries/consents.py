"""Reading who agreed to what, and took it back."""

from datetime import datetime

from django.db.models import Max, QuerySet

from consent.models import Consent, ConsentWithdrawal, MinistryRecord, TermsVersion
from consent.queries.merged import rows_of
from consent.queries.versions import facts, version_in_force, versions
from consent.rules import blocks_use, counting, in_force


def consent_to(version: TermsVersion, person_id: int, *, ad_hoc: bool = False) -> Consent | None:
    """The person's latest explicit consent that counts for this version and was not withdrawn since.

    A consent to the text before an editorial change counts too, except for use under article 6-2 (``ad_hoc``). Two queries, three
    where the version is editorial.
    """
    ids = frozenset({version.pk})
    if version.editorial and not ad_hoc:
        ids = counting(facts(version), [facts(row) for row in versions(version.document.code)])
    consents = _standing(version.document.code, person_id).filter(version__in=ids, based_on=None)
    return consents.order_by("-agreed_at", "-pk").first()


def consent_on_record(document: str, person_id: int) -> Consent | None:
    """The person's latest consent to any version of the document, however given, that was not withdrawn since. Two queries."""
    return _standing(document, person_id).order_by("-agreed_at", "-pk").first()


def needs_consent(person_id: int, document: str, *, now: datetime, ad_hoc: bool = False) -> bool:
    """Whether the person is asked (again) before applying now; True also where nothing is in force to agree to."""
    version = version_in_force(document, now=now)
    return version is None or consent_to(version, person_id, ad_hoc=ad_hoc) is None


def must_agree_before_use(person_id: int, document: str, *, now: datetime) -> bool:
    """Whether a booking made earlier cannot be joined before the person agrees to the version in force (A11).

    A change of general benefit or a reasonable one never blocks; one that rests on individual consent does. Three queries.
    """
    known = [facts(row) for row in versions(document)]
    version = in_force(known, now=now)
    if version is None:
        return False
    agreed = set(_standing(document, person_id).filter(based_on=None).values_list("version", flat=True))
    return blocks_use(version, known, agreed)


def ministry_record(document: str, person_id: int) -> MinistryRecord | None:
    """Staff's record in the ministry's system, if made since the last withdrawal. Two queries."""
    records = MinistryRecord.objects.filter(rows_of(person_id), document__code=document)
    withdrawn = _withdrawn_at(document, person_id)
    if withdrawn is not None:
        records = records.filter(recorded_at__gt=withdrawn)
    return records.order_by("-recorded_at", "-pk").first()


def ministry_records_of(person_id: int) -> QuerySet[MinistryRecord]:
    """Everything staff recorded in the ministry's system, the newest first. One query."""
    return MinistryRecord.objects.filter(rows_of(person_id)).select_related("document", "recorded_by").order_by("-recorded_at", "-pk")


def consents_of(person_id: int) -> QuerySet[Consent]:
    """Everything the person ever answered, the newest first, to be shown and printed. One query."""
    rows = Consent.objects.filter(rows_of(person_id)).select_related("version__document", "recorded_by", "based_on")
    return rows.order_by("-agreed_at", "-pk")


def withdrawals_of(person_id: int) -> QuerySet[ConsentWithdrawal]:
    """Everything the person ever took back, the newest first. One query."""
    return ConsentWithdrawal.objects.filter(rows_of(person_id)).select_related("document", "recorded_by").order_by("-withdrawn_at", "-pk")


def _standing(document: str, person_id: int) -> QuerySet[Consent]:
    consents = Consent.objects.filter(rows_of(person_id), version__document__code=document, agreed=True)
    withdrawn = _withdrawn_at(document, person_id)
    return consents if withdrawn is None else consents.filter(agreed_at__gt=withdrawn)


def _withdrawn_at(document: str, person_id: int) -> datetime | None:
    rows = ConsentWithdrawal.objects.filter(rows_of(person_id), document__code=document)
    at: datetime | None = rows.aggregate(at=Max("withdrawn_at"))["at"]
    return at
