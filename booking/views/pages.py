"""The front door and the pages that only inform."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from booking.models import NoticeText
from booking.queries import policy_at, text_at
from consent.queries import COUNSELLING, version_in_force
from toyooka_hw import clock
from toyooka_hw.ready import unready


def top(request: HttpRequest) -> HttpResponse:
    """The front door; without terms in force it takes no booking and says so."""
    now = clock.now()
    version = version_in_force(COUNSELLING, now=now)
    words = text_at(NoticeText.Key.TOP_PAGE, now)
    page = {"not_accepting": version is None, "minutes": policy_at(now).slot_minutes, "office_notice": words}
    return render(request, "pages/top.html", page)


def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


def guide(request: HttpRequest) -> HttpResponse:
    """How to prepare, with the minutes as policy has them."""
    return render(request, "pages/guide.html", {"policy": policy_at(clock.now())})


def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers: the process answers, whatever stands behind it."""
    return HttpResponse("ok", content_type="text/plain")


healthz.touches_no_database = True  # type: ignore[attr-defined]  # the mark that ReadOnlyGet looks for


def readyz(request: HttpRequest) -> HttpResponse:
    """For load balancers and monitoring: 503 with the names of what is not ready, and nothing else about it."""
    missing = unready()
    body = f"not ready: {', '.join(missing)}" if missing else "ok"
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(body, content_type="text/plain", status=503 if missing else 200, headers=headers)


readyz.touches_no_database = True  # type: ignore[attr-defined]  # not the request's own connection, so that a dead one is no error here
