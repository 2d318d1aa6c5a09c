"""The only place that reads the time.

``now()`` is the portal's time: what deadlines, open days and the ten-minute rule go by. A demo may shift it, forwards only.
``wall()`` is real time: leases, tokens, rate limits and heartbeats go by it, because they measure this machine, not the story.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.utils.module_loading import import_string


def now() -> datetime:
    """Return the portal's present moment, aware, in UTC."""
    if settings.CLOCK_SOURCE:
        moment: datetime = import_string(settings.CLOCK_SOURCE)()
        return moment
    return wall()


def wall() -> datetime:
    """Return the real present moment, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one reading of the clock
