"""Reading terms, notices and consents. A merged person's rows count for the survivor."""

from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from consent.comparison import Comparison, Correction, Text, compare, with_corrections
from consent.models import ChangeNotice, Consent, ConsentWithdrawal, MinistryRecord, NoticeDelivery, RowCorrection, TermsVersion
from consent.rules import Ground, Stage, Version, banner_until, blocks_use, counting, in_force, predecessor, stage
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

COUNSELLING = "counselling"
SEMINAR = "seminar"


# --- versions --------------------------------------------------------------------------------------------------------------


def facts(row: TermsVersion) -> Version:
    """The row as the rules see it."""
    notice = getattr(row, "notice", None)
    return Version(
        row.pk,
        row.effective_at,
        row.announced_at,
        row.editorial,
        checked=row.checked_at is not None,
        ground=notice.ground if notice else "",
    )


def version_in_force(document: str, *, now: datetime) -> TermsVersion | None:
    """The version of this document that binds at ``now``, or None before the first one. One query."""
    rows = {row.pk: row for row in _versions(document).filter(announced_at__isnull=False)}
    found = in_force(map(facts, rows.values()), now=now)
    return rows[found.id] if found else None


def staged(document: str, *, now: datetime) -> list[tuple[TermsVersion, Stage]]:
    """Every version of the document with its stage, the newest number first. One query."""
    rows = list(_versions(document).order_by("-number"))
    known = [facts(row) for row in rows]
    return [(row, stage(version, known, now=now)) for row, version in zip(rows, known, strict=True)]


def version_before(version: TermsVersion) -> TermsVersion | None:
    """The announced version that this one takes (or would take) over from: 改正前. One query."""
    rows = {row.pk: row for row in _versions(version.document.code)}
    found = predecessor(facts(rows[version.pk]), map(facts, rows.values()))
    return rows[found.id] if found else None


def compared(new_id: int, old_id: int) -> tuple[TermsVersion, TermsVersion, Comparison] | None:
    """Two versions and their 新旧対照表 with the rows that staff corrected; None unless both exist in one document. One query."""
    corrections = RowCorrection.objects.filter(version=OuterRef("pk"), old_version=old_id).values(
        json=JSONObject(key="row_key", marks="marks", remark="remark")
    )
    rows = TermsVersion.objects.filter(pk__in=[new_id, old_id]).select_related("document").annotate(corrected=ArraySubquery(corrections))
    found = {row.pk: row for row in rows}
    new, old = found.get(new_id), found.get(old_id)
    if new is None or old is None or new.document_id != old.document_id:
        return None
    by_hand = {each["key"]: Correction(**each["marks"], remark=each["remark"]) for each in new.corrected}
    return new, old, with_corrections(compare(text_of(old), text_of(new)), by_hand)


def text_of(version: TermsVersion) -> Text:
    """The version as a comparison reads it."""
    return Text.from_data(version.preamble, version.articles, version.name, version.all_supplements)


def _versions(document: str) -> QuerySet[TermsVersion]:
    return TermsVersion.objects.filter(document__code=document).select_related("document", "notice")


# --- notices ---------------------------------------------------------------------------------------------------------------


def banners(*, now: datetime) -> list[ChangeNotice]:
    """The notices every page tells of: from the announcement until 14 days after the effect, never of a first publication. One query."""
    notices = ChangeNotice.objects.exclude(ground=Ground.INITIAL).filter(version__announced_at__lte=now)
    told = notices.select_related("version__document").order_by("version__effective_at", "pk")
    return [notice for notice in told if notice.version.effective_at and now < banner_until(notice.version.effective_at)]


def concerned(notice: ChangeNotice) -> QuerySet[Person]:
    """Everybody who is told: people with a consent to the document on record, given before the change takes effect and not withdrawn."""
    survivor = Coalesce("person__merged_into", "person")
    withdrawn = ConsentWithdrawal.objects.annotate(survivor=survivor).filter(
        document=notice.version.document_id, survivor=OuterRef("survivor"), withdrawn_at__gte=OuterRef("agreed_at")
    )
    consents = Consent.objects.annotate(survivor=survivor).filter(
        ~Exists(withdrawn), agreed=True, version__document=notice.version.document_id, agreed_at__lt=notice.version.effective_at
    )
    return Person.objects.filter(pk__in=consents.values("survivor")).order_by("pk")


def deliveries(notice: ChangeNotice) -> QuerySet[NoticeDelivery]:
    """The mails of the notice, each with ``mail_state`` and ``delivered_at`` (None once the mail itself was deleted). One query."""
    mail = OutgoingMail.objects.filter(key=OuterRef("mail_key"))
    return (
        notice.deliveries.select_related("person")
        .annotate(mail_state=Subquery(mail.values("outbox_state")), delivered_at=Subquery(mail.values("delivered_at")))
        .order_by("pk")
    )


def unreachable(notice: ChangeNotice) -> QuerySet[Person]:
    """Whom staff have to phone: no address, or the mail was given up. ``mail_failed`` tells which; ``phone`` is the number. One query."""
    failed = OutgoingMail.objects.filter(outbox_state=OutboxState.FAILED, key=OuterRef("mail_key"))
    tried = NoticeDelivery.objects.filter(Exists(failed), notice=notice, person=OuterRef("pk"))
    return concerned(notice).annotate(mail_failed=Exists(tried)).filter(Q(mail_failed=True) | Q(email=""))


# --- consents --------------------------------------------------------------------------------------------------------------


def consent_to(version: TermsVersion, person_id: int, *, ad_hoc: bool = False) -> Consent | None:
    """The person's latest explicit consent that counts for this version and was not withdrawn since.

    A consent to the text before an editorial change counts too, except for use under article 6-2 (``ad_hoc``). Two queries, three
    where the version is editorial.
    """
    ids = frozenset({version.pk})
    if version.editorial and not ad_hoc:
        ids = counting(facts(version), [facts(row) for row in _versions(version.document.code)])
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
    known = [facts(row) for row in _versions(document).defer("preamble", "articles")]
    version = in_force(known, now=now)
    if version is None:
        return False
    agreed = set(_standing(document, person_id).filter(based_on=None).values_list("version", flat=True))
    return blocks_use(version, known, agreed)


def ministry_record(document: str, person_id: int) -> MinistryRecord | None:
    """Staff's record in the ministry's system, if made since the last withdrawal. Two queries."""
    records = MinistryRecord.objects.filter(_of(person_id), document__code=document)
    withdrawn = _withdrawn_at(document, person_id)
    if withdrawn is not None:
        records = records.filter(recorded_at__gt=withdrawn)
    return records.order_by("-recorded_at", "-pk").first()


def consents_of(person_id: int) -> QuerySet[Consent]:
    """Everything the person ever answered, the newest first, to be shown and printed. One query."""
    rows = Consent.objects.filter(_of(person_id)).select_related("version__document", "recorded_by", "based_on")
    return rows.order_by("-agreed_at", "-pk")


def withdrawals_of(person_id: int) -> QuerySet[ConsentWithdrawal]:
    """Everything the person ever took back, the newest first. One query."""
    return ConsentWithdrawal.objects.filter(_of(person_id)).select_related("document", "recorded_by").order_by("-withdrawn_at", "-pk")


def _standing(document: str, person_id: int) -> QuerySet[Consent]:
    consents = Consent.objects.filter(_of(person_id), version__document__code=document, agreed=True)
    withdrawn = _withdrawn_at(document, person_id)
    return consents if withdrawn is None else consents.filter(agreed_at__gt=withdrawn)


def _withdrawn_at(document: str, person_id: int) -> datetime | None:
    rows = ConsentWithdrawal.objects.filter(_of(person_id), document__code=document)
    at: datetime | None = rows.aggregate(at=Max("withdrawn_at"))["at"]
    return at


def _of(person_id: int) -> Q:
    """Rows of this person, and of those who were merged into this one."""
    return Q(person=person_id) | Q(person__merged_into=person_id)
