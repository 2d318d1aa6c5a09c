"""From the office's file to a draft that a second person has checked. Every change names who made it; an announced version has none."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _

from consent.comparison import Correction, compare, with_corrections
from consent.importer import Document, as_data, decode, parse, sha256
from consent.models import ArticlePoint, RowCorrection, TermsDocument, TermsVersion
from consent.queries import COUNSELLING, SEMINAR, text_of
from consent.rules import article_key, filled, words
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.operations import record

# How the titles of the two documents are told apart where the portal does not know them yet.
_TELLING = {COUNSELLING: "職業相談", SEMINAR: "セミナー"}


class UnknownDocument(Exception):
    """The title is neither of a document the portal holds, nor does it tell which of the two it is; carries the title."""


class NothingNew(Exception):
    """Every document of the file is word for word the newest version already here; carries these. Nothing was saved."""

    def __init__(self, same: Sequence[TermsVersion]) -> None:
        super().__init__("、".join(f"{version}　第{version.number}版" for version in same))
        self.same = same


class AlreadyAnnounced(Exception):
    """The version is announced and frozen."""


class SecondPersonNeeded(Exception):
    """Whoever made or filled in the draft cannot be the one who checks it."""


class ReasonMissing(Exception):
    """A decision that has to give its reason gives none."""


class StillNeeded(Exception):
    """Something points at the version: a consent, or a comparison of another draft that was corrected by hand."""


class NoSuchArticle(Exception):
    """The version has no article of this key; carries the key."""


def import_text(raw: bytes, *, name: str, by: User, now: datetime) -> list[TermsVersion]:
    """Make drafts of the documents in the office's file; a document whose text is the newest version's is left out. All or nothing.

    Raises ImportRefused (naming the line), UnknownDocument, NothingNew.
    """
    documents = parse(decode(raw))
    source = {"source_name": name[-200:], "source_sha256": sha256(raw), "created_by": by, "created_at": now}
    with transaction.atomic():
        kept = [_kept(document, source) for document in documents]
        drafts = [version for version, is_new in kept if is_new]
        if not drafts:
            raise NothingNew([version for version, _is_new in kept])
    return drafts


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
    return version


def check(version_id: int, *, by: User, now: datetime) -> TermsVersion:
    """A second person has compared the draft with the office's text. Raises AlreadyAnnounced, SecondPersonNeeded."""
    with transaction.atomic():
        version = _draft_row(version_id)
        if by.pk in (version.created_by_id, version.edited_by_id):
            raise SecondPersonNeeded
        version.checked_by, version.checked_at = by, now
        version.save(update_fields=["checked_by", "checked_at"])
    return version


def mark_editorial(version_id: int, *, reason: str, by: User) -> TermsVersion:
    """Decide that a draft changes nothing people would have to agree to again; it has to be checked (again).

    Raises AlreadyAnnounced, ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        version = _draft_row(version_id)
        version.editorial, version.editorial_by, version.editorial_reason = True, by, reason
        version.checked_by = version.checked_at = None
        version.save(update_fields=["editorial", "editorial_by", "editorial_reason", "checked_by", "checked_at"])
    return version


def correct_row(version_id: int, old_id: int, row_key: str, correction: Correction, *, by: User, now: datetime) -> RowCorrection:
    """Move the marks of a row of the 新旧対照表, or word its remark, before the announcement.

    Raises AlreadyAnnounced, and comparison.NoSuchRow or comparison.WordingChanged.
    """
    with transaction.atomic():
        new = _draft_row(version_id)
        old = TermsVersion.objects.select_related("document").get(pk=old_id, document=new.document_id)
        with_corrections(compare(text_of(old), text_of(new)), {row_key: correction})
        marks = {"new": correction.new, "old": correction.old}
        row, _ = RowCorrection.objects.update_or_create(
            version=new, old_version=old, row_key=row_key, defaults={"marks": marks, "remark": correction.remark, "by": by, "at": now}
        )
    return row


def set_point(version_id: int, article: str, text: str, *, by: User, now: datetime) -> None:
    """Put an article in plain words (要点), at any time, because it is no part of the text; empty words take the point away.

    Raises NoSuchArticle.
    """
    version = TermsVersion.objects.get(pk=version_id)
    if article not in map(article_key, version.articles):
        raise NoSuchArticle(article)
    if text.strip():
        ArticlePoint.objects.update_or_create(version=version, article=article, defaults={"text": text.strip(), "by": by, "at": now})
    else:
        ArticlePoint.objects.filter(version=version, article=article).delete()


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


def _kept(document: Document, source: Mapping[str, Any]) -> tuple[TermsVersion, bool]:
    """The newest version where it says the same, else a new draft; and whether it is new."""
    terms = _document(document.title)
    newest = terms.versions.order_by("-number").first()
    draft = _draft(document, terms, newest.number + 1 if newest else 1, source)
    if newest and _fingerprint(newest) == _fingerprint(draft):
        return newest, False
    draft.save()
    return draft, True


def _fingerprint(version: TermsVersion) -> tuple[str, ...]:
    """What makes two versions the same: every word, and no wrap."""
    outside = ("".join(each.split()) for each in (version.title, version.date_line, version.issuer))
    return *outside, words(version.preamble, version.parts)


def _draft(document: Document, terms: TermsDocument, number: int, source: Mapping[str, Any]) -> TermsVersion:
    """Not saved yet."""
    data = as_data(document)
    version = TermsVersion(
        document=terms,
        number=number,
        title=document.title,
        dated=document.date,
        date_line=document.date_line,
        issuer=document.issuer,
        preamble=document.preamble,
        **{name: data[name] for name in ("articles", "supplements", "later_supplements")},
        **source,
    )
    version.content_sha256 = content_hash(version.preamble, version.parts)
    return version


def _document(title: str) -> TermsDocument:
    """The document of this title, locked: the one that was called so before, else the one whose subject the title names."""
    known = TermsDocument.objects.select_for_update().filter(
        Q(title=title) | Q(pk__in=TermsVersion.objects.filter(title=title).values("document"))
    )
    if found := known.first():
        return found
    codes = [code for code, subject in _TELLING.items() if subject in title]
    if len(codes) != 1:
        raise UnknownDocument(title)
    TermsDocument.objects.get_or_create(code=codes[0], defaults={"title": title})
    return TermsDocument.objects.select_for_update().get(code=codes[0])


def _draft_row(version_id: int) -> TermsVersion:
    """The draft, locked. Raises AlreadyAnnounced."""
    version = TermsVersion.objects.select_for_update(of=("self",)).select_related("document").get(pk=version_id)
    if version.announced_at is not None:
        raise AlreadyAnnounced
    return version
