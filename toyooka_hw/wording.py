"""Dates, times and numbers the way Japanese public offices write them.

Pure functions: no Django, no clock. Moments are aware datetimes and are always shown in Asia/Tokyo; a naive one is a
programming error and raises ValueError. The forms are those of the house style: the weekday always stands in
full-width parentheses, hours are 24-hour, ranges use the full-width ～.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import phonenumbers

TOKYO: Final = ZoneInfo("Asia/Tokyo")
WEEKDAYS: Final = "月火水木金土日"
ERAS: Final = (("令和", date(2019, 5, 1)), ("平成", date(1989, 1, 8)), ("昭和", date(1926, 12, 25)))
SHOWN_TAIL: Final = 3


def ja_date(day: date) -> str:
    """``2026年9月24日（木）``; a moment is taken as its day in Tokyo."""
    day = _day(day)
    return f"{day.year}年{ja_short_date(day)}"


def ja_short_date(day: date) -> str:
    """``9月24日（木）``, where the year is plain from the place."""
    day = _day(day)
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def ja_spoken_date(day: date) -> str:
    """``9月24日 木曜日``, for labels that a screen reader says aloud."""
    day = _day(day)
    return f"{day.month}月{day.day}日 {WEEKDAYS[day.weekday()]}曜日"


def ja_time(moment: datetime) -> str:
    """``9:05``, 24-hour clock in Tokyo."""
    here = _in_tokyo(moment)
    return f"{here.hour}:{here.minute:02}"


def ja_spoken_time(moment: datetime) -> str:
    """``10時`` or ``10時30分``, for labels that a screen reader says aloud."""
    here = _in_tokyo(moment)
    return f"{here.hour}時{here.minute}分" if here.minute else f"{here.hour}時"


def ja_datetime(moment: datetime) -> str:
    """``2026年9月24日（木）10:00``."""
    return f"{ja_date(moment)}{ja_time(moment)}"


def ja_short_datetime(moment: datetime) -> str:
    """``9月24日（木）10:00``, for mail subjects and narrow places."""
    return f"{ja_short_date(moment)}{ja_time(moment)}"


def ja_limit(moment: datetime) -> str:
    """``2026年9月23日（水）24:00``: a limit at midnight is the end of the day before, which nobody mistakes for the next; else as usual."""
    return _until(moment, ja_date)


def ja_short_limit(moment: datetime) -> str:
    """The same for narrow places: ``9月23日（水）24:00``."""
    return _until(moment, ja_short_date)


def ja_time_span(start: datetime, end: datetime) -> str:
    """``2026年9月24日（木）10:00～10:30``; the end's day is written only where it is another day."""
    closing = ja_time(end) if _day(start) == _day(end) else ja_datetime(end)
    return f"{ja_datetime(start)}～{closing}"


def ja_duration(length: timedelta) -> str:
    """``5分``, ``3時間5分``, ``2日3時間``: how long something has waited, the two largest units; less than a minute is ``1分未満``."""
    minutes = int(length.total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days}日{hours}時間" if hours else f"{days}日"
    if hours:
        return f"{hours}時間{rest}分" if rest else f"{hours}時間"
    return f"{rest}分" if rest else "1分未満"


def reiwa(day: date) -> str:
    """``令和9年（2027年）4月1日``, as notices and terms write it; days of earlier eras in theirs, before 昭和 without one."""
    day = _day(day)
    era, first = next((each for each in ERAS if each[1] <= day), ("", day))
    if not era:
        return f"{day.year}年{day.month}月{day.day}日"
    year = day.year - first.year + 1
    return f"{era}{year if year > 1 else '元'}年（{day.year}年）{day.month}月{day.day}日"


def show_phone(e164: str) -> str:
    """``+819012345678`` as ``090-1234-5678``; a foreign number keeps its country code.

    Raises phonenumbers.NumberParseException for what is no number at all.
    """
    number = phonenumbers.parse(e164, "JP")
    national = number.country_code == phonenumbers.country_code_for_region("JP")
    form = phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def mask_phone(e164: str) -> str:
    """``090-****-5678``: the first group and the last four digits stay, all between is hidden (C6-2-3c)."""
    shown = show_phone(e164)
    first = next((at for at, sign in enumerate(shown) if at and not sign.isdigit()), 0)
    last = len(shown) - 4
    return "".join("*" if first < at < last and sign.isdigit() else sign for at, sign in enumerate(shown))


def mask_number(number: str) -> str:
    """A job seeker number ``28090-12345678`` as ``28***-*****678``; never more than half of the second part."""
    office, _, own = number.partition("-")
    shown = min(SHOWN_TAIL, len(own) // 2)
    hidden = len(own) - shown
    return f"{office[:2]}{'*' * len(office[2:])}-{'*' * hidden}{own[hidden:]}"


def mask_mail(address: str) -> str:
    """``h***@example.jp``: the first character and the domain stay."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}"


def _until(moment: datetime, day_words: Callable[[date], str]) -> str:
    here = _in_tokyo(moment)
    if here.time() == time(0):
        return f"{day_words(here - timedelta(days=1))}24:00"
    return f"{day_words(here)}{ja_time(here)}"


def _in_tokyo(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a naive datetime has no place on a screen")
    return moment.astimezone(TOKYO)


def _day(day: date) -> date:
    return _in_tokyo(day).date() if isinstance(day, datetime) else day
