"""From the office's file to drafts in the name of whoever brought it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from consent.importer import Document, as_data, decode, parse, sha256
from consent.models import TermsDocument, TermsVersion
from consent.operations.versions import content_hash
from consent.queries import COUNSELLING, SEMINAR
from consent.rules import words
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


class DocumentTwice(Exception):
    """One file holds the same document twice; carries the title."""


def import_text(raw: bytes, *, name: str, by: User, now: datetime) -> list[TermsVersion]:
    """Make drafts of the documents in the office's file; a document whose text is the newest version's is left out. All or nothing.

    Raises ImportRefused (naming the line), UnknownDocument, DocumentTwice, NothingNew.
    """
    documents = parse(decode(raw))
    source = {"source_name": name[-200:], "source_sha256": sha256(raw), "created_by": by, "created_at": now}
    with transaction.atomic():
        kept = [_kept(document, terms, source) for document, terms in _documents(documents)]
        drafts = [version for version, is_new in kept if is_new]
        if not drafts:
            raise NothingNew([version for version, _is_new in kept])
        for draft in drafts:
            record(_("規約のファイルの取り込み"), draft, by=by, now=now, changes={_("読み込んだファイル"): ("", draft.source_name)})
    return drafts


def _documents(found: Iterable[Document]) -> list[tuple[Document, TermsDocument]]:
    """Each text with the document it is of, each document once."""
    pairs = [(document, _document(document.title)) for document in found]
    for place, (document, terms) in enumerate(pairs):
        if terms in [other for _other, other in pairs[:place]]:
            raise DocumentTwice(document.title)
    return pairs


def _kept(document: Document, terms: TermsDocument, source: Mapping[str, Any]) -> tuple[TermsVersion, bool]:
    """The newest version where it says the same, else a new draft; and whether it is new."""
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
    codes = [code for code, subject in _TELLING.items() if subject in "".join(title.split())]
    if len(codes) != 1:
        raise UnknownDocument(title)
    TermsDocument.objects.get_or_create(code=codes[0], defaults={"title": title})
    return TermsDocument.objects.select_for_update().get(code=codes[0])
