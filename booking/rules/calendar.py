"""Open and closed days of the office (行政機関の休日), and Tokyo's days and times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import jpholiday

TOKYO = ZoneInfo("Asia/Tokyo")

ONE_DAY = timedelta(days=1)
SEARCH_DAYS = 60
WEEKEND = {5: "土曜日", 6: "日曜日"}
YEAR_END = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day in Tokyo; `why` names the closing of a closed day."""

    date: date
    is_open: bool
    why: str = ""


@lru_cache(maxsize=2048)
def statutory(day: date) -> Day:
    """The day by law: closed on Saturdays, Sundays, national holidays and 12/29–1/3 (C6-1-2-3, A5)."""
    why = _holiday(day) or _year_end(day) or WEEKEND.get(day.weekday(), "")
    return Day(day, is_open=not why, why=why)


@dataclass(frozen=True)
class Calendar:
    """The days by law, except where the office has entered one of its own (open or closed)."""

    overrides: Mapping[date, Day] = field(default_factory=dict)

    def day(self, day: date) -> Day:
        """The office's own entry for the day where there is one, else the day by law."""
        return self.overrides.get(day) or statutory(day)

    def previous_open_day(self, day: date) -> date:
        """The last open day strictly before; ValueError if there is none within 60 days."""
        return self._nearest(day, -ONE_DAY)

    def next_open_day(self, day: date) -> date:
        """The first open day strictly after; ValueError if there is none within 60 days."""
        return self._nearest(day, ONE_DAY)

    def open_days(self, first: date, last: date) -> list[date]:
        """The open days from first to last, both included."""
        days = (first + ONE_DAY * n for n in range((last - first).days + 1))
        return [day for day in days if self.day(day).is_open]

    def _nearest(self, day: date, step: timedelta) -> date:
        for distance in range(1, SEARCH_DAYS + 1):
            if self.day(day + step * distance).is_open:
                return day + step * distance
        raise ValueError(f"no open day within {SEARCH_DAYS} days of {day}")


def each_week(weekday: int, first: date, last: date) -> list[date]:
    """The days of this weekday (Monday is 0) from first to last, both included."""
    nearest = first + ONE_DAY * ((weekday - first.weekday()) % 7)
    return [nearest + ONE_DAY * offset for offset in range(0, (last - nearest).days + 1, 7)]


def tokyo(day: date, at: time) -> datetime:
    """The moment of that day and wall-clock time in Tokyo, aware."""
    return datetime.combine(day, at, TOKYO)


def tokyo_date(moment: datetime) -> date:
    """The calendar day it is in Tokyo at that moment; ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a time zone: {moment}")
    return moment.astimezone(TOKYO).date()


def _holiday(day: date) -> str:
    """The holiday's name; substitute and sandwiched days have none in law, they are just 休日."""
    name = jpholiday.is_holiday_name(day) or ""
    return "休日" if "振替休日" in name or name == "国民の休日" else name


def _year_end(day: date) -> str:
    return "年末年始" if (day.month, day.day) in YEAR_END else ""
