"""When something goes wrong people read in Japanese what to do next, and nothing of how the portal works inside (japan.md §4.3, IPA items 1 and 3)."""

import sys
from collections.abc import Callable
from types import ModuleType

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from tests.cast import Office
from tests.visitor import text_of
from toyooka_hw.accounts.models import User

pytestmark = pytest.mark.django_db
INSIDE = (
    "Django",
    "Traceback",
    "Exception",
    "Error",
    "toyooka_hw",
    "booking_booking",
    "SELECT",
    "secret words",
    "settings",
    "psycopg",
    "/srv/",
)
PHONE = "0796-00-0000"


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret words")


def asks_nonsense(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret words FROM booking_booking")
    return HttpResponse()


def suspects(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("secret words")


def forbids(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("secret words")


@pytest.fixture
def visitor(settings: Settings) -> Client:
    """A browser before the portal with four addresses more."""
    site = ModuleType("site_with_trouble")
    views = {"breaks": breaks, "nonsense": asks_nonsense, "suspects": suspects, "forbids": forbids}
    from toyooka_hw import urls

    patterns = [*(path(f"{name}/", view) for name, view in views.items()), path("", include("toyooka_hw.urls"))]
    vars(site).update(urlpatterns=patterns, handler400=urls.handler400, handler500=urls.handler500)
    sys.modules["site_with_trouble"] = site
    settings.ROOT_URLCONF = "site_with_trouble"
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "status", "heading"),
    [
        ("/suspects/", 400, "送信された内容を受け付けられませんでした"),
        ("/forbids/", 403, "このページは表示できません"),
        ("/nowhere/", 404, "お探しのページが見つかりません"),
        ("/b/nowhere/", 404, "お探しのページが見つかりません"),
        ("/apply/not-a-key/terms/", 404, "お探しのページが見つかりません"),
        ("/breaks/", 500, "ただいま処理ができません"),
        ("/nonsense/", 500, "ただいま処理ができません"),
    ],
)
def test_trouble_is_told_in_words_that_tell_nothing(visitor: Client, address: str, status: int, heading: str) -> None:
    answer = visitor.get(address)
    page = answer.content.decode()
    assert (answer.status_code, heading in text_of(answer), PHONE in page, 'lang="ja"' in page) == (status, True, True, True)
    assert [word for word in INSIDE if word in page] == []


def test_form_without_its_token_is_told_kindly(office: Office) -> None:
    answer = Client(enforce_csrf_checks=True).post("/slots/begin/")
    page = answer.content.decode()
    assert (answer.status_code, "もう一度お試しください" in text_of(answer), PHONE in page) == (403, True, True)
    assert [word for word in (*INSIDE, "CSRF", "csrf") if word in page] == []


def test_host_that_is_not_ours_is_told_nothing() -> None:
    answer = Client().get("/", HTTP_HOST="elsewhere.example.jp")
    page = answer.content.decode()
    assert (answer.status_code, "elsewhere" in page, [word for word in INSIDE if word in page]) == (400, False, [])


def test_database_that_is_away_is_no_traceback(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page needs no database, or there would be none."""
    from django.db import OperationalError

    def away(*_rest: object, **_more: object) -> None:
        raise OperationalError("connection to server at 10.0.0.5 failed")

    monkeypatch.setattr("booking.views.slots.is_in_force", away)
    answer = visitor.get("/slots/")
    assert (answer.status_code, "10.0.0.5" in answer.content.decode()) == (500, False)


@pytest.mark.parametrize("address", ["/admin/nowhere/", "/admin/booking/booking/999999999/change/", "/admin/booking/booking/abc/change/"])
def test_trouble_of_staff_tells_as_little(office: Office, staff_client: Callable[[User], Client], address: str) -> None:
    answer = staff_client(office.staff).get(address)
    page = answer.content.decode()
    assert (answer.status_code, [word for word in ("Django", "Traceback", "booking_booking", "toyooka_hw") if word in page]) == (404, [])
