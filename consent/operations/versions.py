"""What becomes of a draft until a second person has checked it. Every change names who made it; an announced version has none."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _

from consent.comparison import Correction, compare, with_corrections
from consent.importer import sha256
from consent.models import ArticlePoint, RowCorrection, TermsVersion
from consent.queries import text_of
from consent.rules import article_key, filled, words
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.operations import record


class AlreadyAnnounced(Exception):
    """The version is announced and frozen."""


class SecondPersonNeeded(Exception):
    """Whoever made or filled in the draft, or decided that it is editorial, cannot be the one who checks it."""


class ReadAnotherText(Exception):
    """The draft was changed after its page was opened: what would be decided upon is not what was read."""


class ReasonMissing(Exception):
    """A decision that has to give its reason gives none."""


class StillNeeded(Exception):
    """Something points at the version: a consent, or a comparison of another draft that was corrected by hand."""


class NoSuchArticle(Exception):
    """The version has no article of this key; carries the key."""


def fill_placeholders(version_id: int, values: Mapping[str, str], *, by: User, now: datetime) -> TermsVersion:
    """Put the office's words into the blanks of a draft, named as ``rules.placeholders`` names them; an empty value removes the blank.

    The draft has to be checked (again), and its corrected rows fall back to the automatic comparison. Raises AlreadyAnnounced.
    """
    with transaction.atomic():
        version = _draft_row(version_id)
        version.preamble, version.articles = filled(version.preamble, version.articles, values)
        for name in ("supplements", "later_supplements"):
            setattr(version, name, filled("", getattr(version, name), values)[1])
        version.content_sha256 = content_hash(version.preamble, version.parts)
        version.edited_by, version.edited_at = by, now
        version.checked_by = version.checked_at = None
        version.save()
        RowCorrection.objects.filter(Q(version=version) | Q(old_version=version)).delete()
        record(_("空欄の記入"), version, by=by, now=now, changes={blank: ("", words) for blank, words in values.items()})
    return version


def check(version_id: int, *, by: User, now: datetime, reading: str | None = None) -> TermsVersion:
    """A second person has compared the draft with the office's text; checked by two, it is the first one's check that counts.

    ``reading``: what was read (``TermsVersion.reading``). Raises AlreadyAnnounced, ReadAnotherText, SecondPersonNeeded.
    """
    with transaction.atomic():
        version = _draft_row(version_id)
        refuse_unread(version, reading)
        if by.pk in (version.created_by_id, version.edited_by_id, version.editorial_by_id):
            raise SecondPersonNeeded
        if version.checked_at is None:
            version.checked_by, version.checked_at = by, now
            version.save(update_fields=["checked_by", "checked_at"])
            record(_("確認済みにする"), version, by=by, now=now)
    return version


def refuse_unread(version: TermsVersion, reading: str | None) -> None:
    """Nobody decides upon a text they have not read; None where none was shown. Raises ReadAnotherText."""
    if reading is not None and reading != version.reading:
        raise ReadAnotherText


def mark_editorial(version_id: int, *, reason: str, by: User, now: datetime) -> TermsVersion:
    """Decide that a draft changes nothing people would have to agree to again; it has to be checked (again).

    Raises AlreadyAnnounced, ReasonMissing.
    """
    return _decide(version_id, _("形式的な改正とする"), reason, by, now, editorial=True, editorial_by=by, editorial_at=now)


def unmark_editorial(version_id: int, *, reason: str, by: User, now: datetime) -> TermsVersion:
    """Take that decision back: people are asked again after all; the draft has to be checked (again). The audit keeps both decisions.

    Raises AlreadyAnnounced, ReasonMissing.
    """
    return _decide(version_id, _("形式的な改正としない"), reason, by, now, editorial=False, editorial_by=None, editorial_at=None)


def _decide(version_id: int, what: str, reason: str, by: User, now: datetime, **decision: Any) -> TermsVersion:
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        version = _draft_row(version_id)
        changes = {**decision, "editorial_reason": reason if decision["editorial"] else "", "checked_by": None, "checked_at": None}
        for name, value in changes.items():
            setattr(version, name, value)
        version.save(update_fields=list(changes))
        record(what, version, by=by, now=now, reason=reason)
    return version


def correct_row(version_id: int, old_id: int, row_key: str, correction: Correction, *, by: User, now: datetime) -> RowCorrection:
    """Move the marks of a row of the 新旧対照表, or word its remark, before the announcement; ``Correction()`` leads back to the automatic row.

    Corrections are only ever added, the newest counts. Raises AlreadyAnnounced, and comparison.NoSuchRow or comparison.WordingChanged.
    """
    with transaction.atomic():
        new = _draft_row(version_id)
        old = TermsVersion.objects.select_related("document").get(pk=old_id, document=new.document_id)
        with_corrections(compare(text_of(old), text_of(new)), {row_key: correction})
        marks = {"new": correction.new, "old": correction.old}
        row = RowCorrection.objects.create(
            version=new, old_version=old, row_key=row_key, marks=marks, remark=correction.remark, by=by, at=now
        )
        record(_("新旧対照表の行の訂正"), new, by=by, now=now, changes={_("行"): ("", row_key)})
    return row


def set_point(version_id: int, article: str, text: str, *, by: User, now: datetime) -> None:
    """Put an article in plain words (要点), at any time, because it is no part of the text; empty words take the point away.

    Raises NoSuchArticle.
    """
    version = TermsVersion.objects.get(pk=version_id)
    if article not in map(article_key, version.articles):
        raise NoSuchArticle(article)
    with transaction.atomic():
        points = ArticlePoint.objects.filter(version=version, article=article)
        before = "".join(points.values_list("text", flat=True))
        if text.strip():
            ArticlePoint.objects.update_or_create(version=version, article=article, defaults={"text": text.strip(), "by": by, "at": now})
        else:
            points.delete()
        record(_("要点の記入"), version, by=by, now=now, changes={_("第%(article)s条") % {"article": article}: (before, text.strip())})


def discard(version_id: int, *, reason: str, by: User, now: datetime) -> bool:
    """Delete a draft that was never announced, with its points and corrected rows; the audit keeps who, why and which file it came of.

    False where it is gone already: whoever presses twice has discarded once. Raises ReasonMissing, AlreadyAnnounced, StillNeeded.
    """
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        try:
            version = _draft_row(version_id)
        except TermsVersion.DoesNotExist:
            return False
        record(_("下書きの破棄"), version, by=by, now=now, reason=reason, changes=_trace(version))
        version.points.all().delete()
        version.corrections.all().delete()
        try:
            version.delete()
        except ProtectedError as error:
            raise StillNeeded from error
    return True


def _trace(version: TermsVersion) -> dict[str, tuple[Any, str]]:
    """What tells later which text was discarded: each fact, and that it is gone."""
    facts = {
        _("読み込んだファイル"): version.source_name,
        _("読み込んだファイルのSHA-256"): version.source_sha256,
        _("本文のSHA-256"): version.content_sha256,
        _("作成した職員"): version.created_by or "",
    }
    return {name: (fact, "") for name, fact in facts.items()}


def content_hash(preamble: str, parts: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of the words alone: the same words have the same hash, however their lines were wrapped and their items understood."""
    return sha256(words(preamble, parts).encode())


def _draft_row(version_id: int) -> TermsVersion:
    """The draft, locked. Raises AlreadyAnnounced."""
    version = TermsVersion.objects.select_for_update(of=("self",)).select_related("document").get(pk=version_id)
    if version.announced_at is not None:
        raise AlreadyAnnounced
    return version
