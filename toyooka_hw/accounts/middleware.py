"""The signed-in person, read only when somebody asks; the end of a staff session that has lasted long enough; limits to strangers."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject

from toyooka_hw import clock, counter
from toyooka_hw.accounts import staff_session as sessions
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import survivor_of
from toyooka_hw.accounts.session import client_of, last_person_id, signed_in_person_id
from toyooka_hw.errors import not_here, too_many_requests
from toyooka_hw.proxy import lies_in

STAFF_AREA = "/admin/"
OPEN_TO_ALL = ("/admin/login/", "/admin/logout/", "/admin/welcome/")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PRESSES_COUNTED_FOR = timedelta(minutes=10)
SIGNED_BY_ITS_SENDER = "/zoom/webhook"  # refused or believed before anything is stored; a full seminar may send hundreds a minute


def signed_in_person(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """``request.person``. No page that somebody who is signed in has looked at is kept: in libraries others sit down at the same browser."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.person = SimpleLazyObject(lambda: _person(request))  # type: ignore[attr-defined]  # put there by our middleware
        response = get_response(request)
        if request.session.accessed and last_person_id(request):
            add_never_cache_headers(response)
        return response

    return middleware


def _person(request: HttpRequest) -> Person | None:
    person_id = signed_in_person_id(request, wall=clock.wall())
    person = Person.objects.filter(pk=person_id).first() if person_id else None
    return survivor_of(person) if person else None


def staff_session(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Ends sessions of staff that are idle or too old, and sends to the login with the reason; stands behind AuthenticationMiddleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(STAFF_AREA):
            return get_response(request)
        why = _look_after(request)
        stays_out = not request.user.is_authenticated and not request.path.startswith(OPEN_TO_ALL)
        return _to_login(request, why) if stays_out and (why or "HX-Request" in request.headers) else get_response(request)

    return middleware


def _look_after(request: HttpRequest) -> str:
    """Sign out whose time is over and say why; note the press of everybody else. A page that refreshes itself is no press."""
    if isinstance(request.user, AnonymousUser):
        return ""
    wall = clock.wall()
    why = sessions.over(request, request.user, wall=wall)
    if why:
        sessions.leave(request)
        request.user = AnonymousUser()
    elif "X-Poll" not in request.headers:
        sessions.touch(request, wall=wall)
    return why or ""


def _to_login(request: HttpRequest, why: str) -> HttpResponse:
    """To the login and back to the page that was open. htmx is told to move the whole page, or it would draw the login into a part of it."""
    is_part, is_sent = "HX-Request" in request.headers, request.method not in SAFE_METHODS
    address = request.headers.get("Referer", "") if is_part or is_sent else request.get_full_path()
    page = urlsplit(address)
    asked = {"next": page._replace(scheme="", netloc="").geturl() if page.path.startswith(STAFF_AREA) else STAFF_AREA}
    asked |= {"why": "unsent" if is_sent else why} if why else {}
    login = f"{reverse('admin:login')}?{urlencode(asked)}"
    return HttpResponse(headers={"HX-Redirect": login}) if is_part else redirect(login)


def staff_networks(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Where STAFF_NETWORKS names networks, the staff's pages, the entrance too, are not to be found from anywhere else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        shut = settings.STAFF_NETWORKS and request.path.startswith(STAFF_AREA) and not lies_in(client_of(request), settings.STAFF_NETWORKS)
        return not_here() if shut else get_response(request)

    return middleware


def limited_presses(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Turns away a network address that presses more often than a library full of people would (setting PRESSES_PER_ADDRESS, in ten minutes).

    The staff's entrance counts too; whoever has come in does not. What is tried out, codes and digits, has limits of its own, by mailbox and row.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return too_many_requests(PRESSES_COUNTED_FOR) if _is_one_too_many(request) else get_response(request)

    return middleware


def _is_one_too_many(request: HttpRequest) -> bool:
    inside = request.path.startswith(STAFF_AREA) and not request.path.startswith(OPEN_TO_ALL)
    if not settings.PRESSES_PER_ADDRESS or request.method in SAFE_METHODS or inside or request.path == SIGNED_BY_ITS_SENDER:
        return False
    return counter.times("presses", client_of(request), within=PRESSES_COUNTED_FOR, wall=clock.wall()) > settings.PRESSES_PER_ADDRESS
