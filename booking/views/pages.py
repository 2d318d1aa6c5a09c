"""The front door and the pages that only inform."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from consent.queries import COUNSELLING, version_in_force
from toyooka_hw import clock


def top(request: HttpRequest) -> HttpResponse:
    """The front door; without terms in force it takes no booking and says so."""
    version = version_in_force(COUNSELLING, now=clock.now())
    return render(request, "pages/top.html", {"not_accepting": version is None})


def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


def guide(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/guide.html")


def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers: the process answers."""
    return HttpResponse("ok", content_type="text/plain")


healthz.touches_no_database = True  # type: ignore[attr-defined]
