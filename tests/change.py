"""A change of terms in the office's hands: a draft, checked by the second person, announced with all that article 13 demands."""

from datetime import date, datetime, timedelta
from typing import Any

from consent.models import TermsDocument, TermsVersion
from consent.operations import Announcement, announce, check, content_hash
from consent.queries import COUNSELLING
from consent.rules import Ground
from tests.cast import MORNING, TUESDAY, Office

EFFECT = TUESDAY + timedelta(days=30)


def wording(text: str, key: int = 1) -> dict[str, Any]:
    """An article of one paragraph, as the importer writes it."""
    return {
        "number": key,
        "branch": None,
        "heading_follows_marker": False,
        "heading": "（目的）" if key == 1 else f"（第{key}の見出し）",
        "marker": f"第{key}条",
        "second_heading": "",
        "paragraphs": [{"marker": "", "text": text, "items": []}],
    }


def make_draft(office: Office, number: int = 2, *texts: str, now: datetime = MORNING) -> TermsVersion:
    """A draft that 佐藤 made, following the version in force."""
    articles = [wording(text, key) for key, text in enumerate(texts or (f"第{number}版の本文。",), start=1)]
    return TermsVersion.objects.create(
        document=TermsDocument.objects.get(code=COUNSELLING),
        number=number,
        title="試験用の規約",
        dated=TUESDAY,
        date_line="令和9年4月6日",
        issuer="試験用",
        articles=articles,
        content_sha256=content_hash("", articles),
        created_by=office.staff,
        created_at=now,
    )


def announced(
    office: Office, draft: TermsVersion, *, ground: Ground = Ground.REASONABLE, on: date = EFFECT, now: datetime = MORNING
) -> TermsVersion:
    """The draft checked by 田中 and announced by 佐藤."""
    check(draft.pk, by=office.tanaka.user, now=now)
    announcement = Announcement(
        ground,
        on,
        summary="予約の手順を改めます。",
        reason="手続を分かりやすくするためです。",
        bureau_url="https://bureau.example.jp/",
        content_matches=True,
    )
    return announce(draft.pk, announcement, by=office.staff, now=now)
