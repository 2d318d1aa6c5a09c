"""What is noted of every request: its number, one line in the log, and a count. Never its address, which may carry a personal link or what staff search for."""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from toyooka_hw import metrics, request_id
from toyooka_hw.errors import not_allowed

logger = logging.getLogger(__name__)

METHODS = ("GET", "HEAD", "POST")
ASKED_ALL_DAY = frozenset({"healthz", "readyz", "metrics"})


def observed(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Number the request, tell the number in the answer, and note which view answered, how, and after how many milliseconds."""

    def middleware(request: HttpRequest) -> HttpResponse:
        number = request_id.taken_or_made(request.headers.get(request_id.HEADER, ""))
        began = time.perf_counter()
        request_id.work_for(number)  # until the answer is closed: Django's own line about a 404 comes after this
        response = get_response(request)
        _note(request, response, seconds=time.perf_counter() - began)
        response.headers[request_id.HEADER] = number
        return response

    return middleware


def our_methods(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Links and forms use three methods; whoever asks by another, or by one that the address does not take, is told so in words.

    Django takes TRACE for harmless, and asks it for no token.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return not_allowed(", ".join(METHODS))
        answer = get_response(request)
        if answer.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return answer
        page = not_allowed(answer.headers["Allow"])
        page.cookies = answer.cookies
        return page

    return middleware


def _note(request: HttpRequest, response: HttpResponse, *, seconds: float) -> None:
    view, method = view_of(request), request.method if request.method in METHODS else "other"
    level = logging.DEBUG if view in ASKED_ALL_DAY else logging.INFO
    metrics.count(view=view, method=method, status=response.status_code, seconds=seconds)
    logger.log(level, "request.done view=%s method=%s status=%s ms=%s", view, method, response.status_code, round(seconds * 1000))


def view_of(request: HttpRequest) -> str:
    """The name of the view that answered; ``static`` for files, ``none`` where no address fitted."""
    if request.resolver_match:
        return request.resolver_match.view_name
    return "static" if request.path.startswith(str(settings.STATIC_URL)) else "none"
