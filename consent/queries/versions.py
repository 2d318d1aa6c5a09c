"""Reading the versions of the terms, and two of them side by side."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from consent.comparison import Comparison, Correction, NoSuchRow, Text, WordingChanged, compare, with_corrections
from consent.models import RowCorrection, TermsVersion
from consent.rules import Stage, Version, predecessor, stage

COUNSELLING = "counselling"
SEMINAR = "seminar"
TEXTS = ("preamble", "articles", "supplements", "later_supplements")

logger = logging.getLogger(__name__)

Compared = tuple[TermsVersion, TermsVersion, Comparison]


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
        digest=row.is_digest,
    )


def versions(document: str) -> QuerySet[TermsVersion]:
    """Every version of the document, without the texts."""
    return TermsVersion.objects.filter(document__code=document).select_related("document", "notice").defer(*TEXTS)


def version_in_force(document: str, *, now: datetime) -> TermsVersion | None:
    """The version of this document that binds at ``now``, or None before the first one. One query, which says what rules.in_force says."""
    return _begun(document, now).select_related("document", "notice").order_by("-effective_at", "-pk").first()


def is_in_force(document: str, *, now: datetime) -> bool:
    """Whether any version of this document binds at ``now``. One query, which reads no text."""
    return _begun(document, now).exists()


def _begun(document: str, now: datetime) -> QuerySet[TermsVersion]:
    return TermsVersion.objects.filter(document__code=document, announced_at__isnull=False, effective_at__lte=now)


def staged(document: str, *, now: datetime) -> list[tuple[TermsVersion, Stage]]:
    """Every version of the document with its stage, the newest number first, without the texts. One query."""
    rows = list(versions(document).order_by("-number"))
    known = [facts(row) for row in rows]
    return [(row, stage(version, known, now=now)) for row, version in zip(rows, known, strict=True)]


def version_before(version: TermsVersion) -> TermsVersion | None:
    """The announced version that this one takes (or would take) over from: 改正前, without its text. One query."""
    rows = {row.pk: row for row in versions(version.document.code)}
    found = predecessor(facts(rows[version.pk]), map(facts, rows.values()))
    return rows[found.id] if found else None


def compared(new_id: int, old_id: int) -> Compared | None:
    """Two versions and their 新旧対照表 with the rows that staff corrected; None unless both exist in one document. One query."""
    return _compared(TermsVersion.objects.filter(pk__in=(new_id, old_id)), "pk", new_id, old_id)


def compared_in_public(document: str, new: int, old: int, *, now: datetime) -> Compared | None:
    """The same for two announced versions of a document, by their numbers. One query (C13-0, S9-0)."""
    announced = TermsVersion.objects.filter(document__code=document, number__in=(new, old), announced_at__lte=now)
    return _compared(announced, "number", new, old)


def is_corrected(new_id: int, old_id: int, row_key: str) -> bool:
    """Whether the row of this 新旧対照表 is shown otherwise than automatically. One query."""
    newest = RowCorrection.objects.filter(version=new_id, old_version=old_id, row_key=row_key).order_by("pk").last()
    return newest is not None and (newest.remark is not None or any(newest.marks.values()))


def text_of(version: TermsVersion) -> Text:
    """The version as a comparison reads it."""
    return Text.from_data(version.preamble, version.articles, version.name, version.all_supplements)


def _compared(rows: QuerySet[TermsVersion], by: str, new: int, old: int) -> Compared | None:
    corrections = RowCorrection.objects.filter(version=OuterRef("pk"), **{f"old_version__{by}": old}).order_by("pk")
    by_hand = ArraySubquery(corrections.values(json=JSONObject(key="row_key", marks="marks", remark="remark")))
    found = {getattr(row, by): row for row in rows.select_related("document").annotate(by_hand=by_hand)}
    if new not in found or old not in found or found[new].document_id != found[old].document_id:
        return None
    table = compare(text_of(found[old]), text_of(found[new]))
    return found[new], found[old], _corrected(table, found[new].by_hand)


def _corrected(table: Comparison, by_hand: Iterable[dict[str, Any]]) -> Comparison:
    """The table with the newest correction of each row; a row that is understood otherwise by now falls back to the automatic one."""
    newest = {each["key"]: Correction(**each["marks"], remark=each["remark"]) for each in by_hand}
    for key, correction in newest.items():
        try:
            table = with_corrections(table, {key: correction})
        except (NoSuchRow, WordingChanged):
            logger.warning("terms.correction_outdated row=%s", key)
    return table
