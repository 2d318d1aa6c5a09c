"""Pages for when nothing else works: they need no database and no request, and still name the office's phone."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from toyooka_hw.context import office_facts


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, telling nothing of the cause."""
    return HttpResponse(render_to_string("400.html", {"office": office_facts()}), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, telling nothing of the cause."""
    return HttpResponse(render_to_string("500.html", {"office": office_facts()}), status=500)


def not_here() -> HttpResponse:
    """404 without the site around it, which may belong to somebody else."""
    return HttpResponse(render_to_string("not_here.html", {"office": office_facts()}), status=404)


def too_many_requests(wait: timedelta) -> HttpResponse:
    """429: too many presses from one network address; they may go on after this wait at the latest."""
    page = render_to_string("429.html", {"office": office_facts()})
    return HttpResponse(page, status=429, headers={"Retry-After": str(int(wait.total_seconds())), "Cache-Control": "no-store"})
