"""Pages for when nothing else works: they need no database and no request, and still name the office's phone."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from toyooka_hw import request_id
from toyooka_hw.context import office_facts

INQUIRY_DIGITS = 8


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, telling nothing of the cause."""
    return _plain("400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, telling nothing of the cause."""
    return _plain("500.html", status=500)


def not_here() -> HttpResponse:
    """404 without the site around it, which may belong to somebody else."""
    return _plain("not_here.html", status=404)


def too_many_requests(wait: timedelta) -> HttpResponse:
    """429: too many presses from one network address; they may go on after this wait at the latest."""
    answer = _plain("429.html", status=429)
    answer.headers["Retry-After"] = str(int(wait.total_seconds()))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def not_allowed(methods: str) -> HttpResponse:
    """405: the address is there, but not for this method. ``methods``: those it takes."""
    answer = _plain("405.html", status=405)
    answer.headers["Allow"] = methods
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _plain(template: str, *, status: int) -> HttpResponse:
    """With the inquiry number: as much of the request's number as can be read out on the phone. Every line of the log carries it."""
    number = request_id.current()[:INQUIRY_DIGITS]
    return HttpResponse(render_to_string(template, {"office": office_facts(), "inquiry": number}), status=status)
