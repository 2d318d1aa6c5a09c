"""Zoom's hundred calls a host and day that make or change a meeting: when its day begins, and when work goes on."""

from datetime import UTC, date, datetime, time, timedelta

CALLS_A_DAY = 100


def zoom_day(wall: datetime) -> date:
    """Zoom's day at this real moment; it begins at 00:00 UTC, which is 09:00 in Japan."""
    return wall.astimezone(UTC).date()


def goes_on_at(wall: datetime) -> datetime:
    """The real moment at which the next of Zoom's days begins."""
    return datetime.combine(zoom_day(wall) + timedelta(days=1), time.min, UTC)
