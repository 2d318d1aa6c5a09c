"""Short texts of terms, imported, checked and announced as staff do it."""

from datetime import date, datetime, timedelta
from typing import Any

from consent.models import TermsVersion
from consent.operations import Announcement, announce, check, import_text
from consent.rules import Ground
from tests.cast import MORNING, Office

TITLE = "試験用オンライン職業相談利用規約"
APRIL_20 = date(2027, 4, 20)


def text(words: str = "改めた本文です。", *, title: str = TITLE, dated: str = "令和９年４月６日") -> bytes:
    """A document of two articles, as a file."""
    return f"{title}\n前文です。\n（目的）\n第１条 {words}\n（特例）\n第１条の２ 特例です。\n{dated}\n試験所長\n".encode()


def draft(office: Office, words: str = "改めた本文です。", *, now: datetime = MORNING) -> TermsVersion:
    """A draft that 佐藤 imported."""
    (version,) = import_text(text(words), name="terms.txt", by=office.sato.user, now=now)
    return version


def checked(office: Office, words: str = "改めた本文です。", *, now: datetime = MORNING) -> TermsVersion:
    """The draft after 田中 has checked it."""
    return check(draft(office, words, now=now).pk, by=office.tanaka.user, now=now)


def announcement(**changes: Any) -> Announcement:
    """A reasonable change with effect on 20 April 2027, complete."""
    whole = {
        "ground": Ground.REASONABLE,
        "effective_on": APRIL_20,
        "summary": "第１条を改めます。",
        "reason": "手続を分かりやすくするためです。",
        "bureau_url": "https://bureau.example.jp/terms",
        "content_matches": True,
    }
    return Announcement(**{**whole, **changes})


def announced(office: Office, *, now: datetime = MORNING, words: str = "改めた本文です。", **changes: Any) -> TermsVersion:
    """A change announced at ``now``; its effect is 14 days later unless said otherwise."""
    day = (now + timedelta(days=14)).date()
    return announce(checked(office, words, now=now).pk, announcement(**{"effective_on": day, **changes}), by=office.tanaka.user, now=now)
