"""Taken time by Tokyo day, in epoch seconds: comparing aware datetimes is what makes a four-week grid slow."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from booking.rules.calendar import ONE_DAY, tokyo_date
from booking.rules.interval import Interval

Spans = Sequence[tuple[float, float]]
SpansByDay = Mapping[date, Spans]


def by_day(intervals: Iterable[Interval]) -> dict[date, list[tuple[float, float]]]:
    """The intervals under every Tokyo day they touch."""
    table: dict[date, list[tuple[float, float]]] = {}
    for interval in intervals:
        pair = interval.start.timestamp(), interval.end.timestamp()
        day, last = tokyo_date(interval.start), tokyo_date(interval.end - datetime.resolution)
        while day <= last:
            table.setdefault(day, []).append(pair)
            day += ONE_DAY
    return table


# Plain loops: these two run a thousand times per page, where a generator costs more than what it looks at.


def meets(spans: Spans, begin: float, end: float) -> bool:
    """Whether any of the spans shares a moment with [begin, end)."""
    for first, last in spans:  # noqa: SIM110 - see above
        if first < end and begin < last:
            return True
    return False


def encloses(spans: Spans, begin: float, end: float) -> bool:
    """Whether one of the spans covers [begin, end)."""
    for first, last in spans:  # noqa: SIM110 - see above
        if first <= begin and end <= last:
            return True
    return False
