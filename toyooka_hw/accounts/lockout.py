"""After five wrong passwords for one account at one network address, that pair waits: one minute, then twice as long each time.

django-axes counts, in the database, so it works without Redis. The office shares one address: the address itself is never locked, and
nobody elsewhere can lock a colleague out of the office. Failures are forgotten after a success or a day. All moments are real time.
"""

from datetime import datetime, timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

FREE_TRIES = 5
FIRST_WAIT = timedelta(minutes=1)
REMEMBERED = timedelta(hours=24)


class GrowingLock(AxesDatabaseHandler):
    """The library's counting with a lock that grows with each further failure."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        moments = [_until(attempts) for attempts in self.get_user_attempts(request, credentials)]
        return any(until and request.axes_attempt_time < until for until in moments)  # type: ignore[attr-defined]  # axes puts it there


def locked_until(username: str, *, wall: datetime, client: str | None = None) -> datetime | None:
    """Until when this account cannot sign in from the network address ``client``, or from at least one; None where it is free."""
    failed = AccessAttempt.objects.filter(username=username, attempt_time__gt=wall - REMEMBERED)
    if client is not None:
        failed = failed.filter(ip_address=client)
    places = failed.values_list("ip_address", flat=True).distinct()
    moments = [until for place in places if (until := _until(failed.filter(ip_address=place))) and wall < until]
    return max(moments, default=None)


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row."""
    if failures < FREE_TRIES:
        return timedelta()
    return min(FIRST_WAIT * 2 ** min(failures - FREE_TRIES, 20), settings.STAFF_LOCK_LONGEST)


def locked_page(request: HttpRequest, original: HttpResponse | None = None, credentials: dict[str, Any] | None = None) -> HttpResponse:
    """What somebody sees who has to wait: for how long, and who helps."""
    username = (credentials or {}).get("username", "")
    now: datetime = request.axes_attempt_time  # type: ignore[attr-defined]  # axes puts it there
    client: str = request.axes_ip_address  # type: ignore[attr-defined]  # so is this
    until = locked_until(username, wall=now, client=client)
    minutes = -(-int((until - now).total_seconds()) // 60) if until else 1
    return render(request, "admin/accounts/staff_locked.html", {"minutes": max(minutes, 1)}, status=429)


def _until(attempts: QuerySet[AccessAttempt]) -> datetime | None:
    """When the wait after these failures ends; None where there is none."""
    found = attempts.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    wait = wait_after(found["failures"] or 0)
    return found["last"] + wait if wait else None
