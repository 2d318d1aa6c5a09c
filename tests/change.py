"""A change of terms in the office's hands: imported, checked by the second person, announced with all that article 13 demands."""

from datetime import date, datetime, timedelta
from typing import Any

from consent.models import TermsVersion
from consent.operations import Announcement, announce, check, import_text
from consent.rules import Ground
from tests.cast import MORNING, TUESDAY, Office

TITLE = "試験用オンライン職業相談利用規約"
EFFECT = TUESDAY + timedelta(days=14)  # the shortest notice that warns nobody


def text(*texts: str, title: str = TITLE, dated: str = "令和９年４月６日", supplement: str = "", later: str = "") -> bytes:
    """A document as a file: an article per text, with 第１条の２ behind the first one; 附則 before the date line, and behind the issuer."""
    first, *others = texts or ("改めた本文です。",)
    more = "".join(f"（第{number}の見出し）\n第{number}条 {words}\n" for number, words in enumerate(others, start=2))
    return f"{title}\n前文です。\n（目的）\n第１条 {first}\n（特例）\n第１条の２ 特例です。\n{more}{supplement}{dated}\n試験所長\n{later}".encode()


def make_draft(office: Office, number: int = 2, *texts: str, now: datetime = MORNING) -> TermsVersion:
    """The next version, which 佐藤 imported; ``number`` is what the test expects it to become."""
    raw = text(*(texts or (f"第{number}版の本文。",)))
    (version,) = import_text(raw, name="terms.txt", by=office.sato.user, now=now)
    assert version.number == number
    return version


def checked(office: Office, draft: TermsVersion | None = None, *, now: datetime = MORNING) -> TermsVersion:
    """The draft after 田中 has checked it."""
    return check((draft or make_draft(office, now=now)).pk, by=office.tanaka.user, now=now)


def announcement(**changes: Any) -> Announcement:
    """A reasonable change with effect on 20 April 2027, complete."""
    whole = {
        "ground": Ground.REASONABLE,
        "effective_on": EFFECT,
        "summary": "予約の手順を改めます。",
        "reason": "手続を分かりやすくするためです。",
        "bureau_url": "https://bureau.example.jp/terms",
        "content_matches": True,
    }
    return Announcement(**{**whole, **changes})


def announced(
    office: Office,
    draft: TermsVersion | None = None,
    *,
    ground: Ground = Ground.REASONABLE,
    on: date = EFFECT,
    now: datetime = MORNING,
) -> TermsVersion:
    """The draft checked by 田中 and announced by 佐藤."""
    version = checked(office, draft, now=now)
    return announce(version.pk, announcement(ground=ground, effective_on=on), by=office.staff, now=now)
