"""Looking changes nothing: the database refuses what a public GET would write, and nobody is signed out by a link (IPA item 6)."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.db import InternalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from booking.middleware import ReadOnlyGet
from tests.cast import Office
from tests.visitor import Visitor, text_of
from toyooka_hw.accounts.models import Person, User

pytestmark = pytest.mark.django_db


def writes(request: HttpRequest) -> HttpResponse:
    Person.objects.update(full_name="somebody else")
    return HttpResponse("written")


@pytest.mark.parametrize("method", ["get", "head"])
def test_database_refuses_what_a_look_would_write(person: Person, method: str) -> None:
    """Whoever makes a mistake in a view finds out at once, and a scanner that follows links cannot use it."""
    request = getattr(RequestFactory(), method)("/guide/")
    with pytest.raises(InternalError, match="read-only transaction"):
        ReadOnlyGet(lambda _request: HttpResponse()).process_view(request, writes, (), {})


def test_press_writes(person: Person) -> None:
    """The other half: it is the look that is refused."""
    middleware = ReadOnlyGet(lambda _request: HttpResponse())
    assert middleware.process_view(RequestFactory().post("/guide/"), writes, (), {}) is None
    assert writes(RequestFactory().post("/guide/")).content == b"written"


def test_looking_at_the_way_out_signs_nobody_out(person: Person) -> None:
    visitor = Visitor()
    visitor.sign_in("mine")
    assert visitor.get("/sign-out/").url == "/"
    assert "メールでの確認は" in text_of(visitor.get("/mine/"))


def test_staff_leave_by_a_press_only(office: Office, staff_client: Callable[[User], Client]) -> None:
    client = staff_client(office.staff)
    assert client.get("/admin/logout/").status_code == 405
    assert client.get("/admin/me/").status_code == 200
    client.post("/admin/logout/")
    assert client.get("/admin/me/").status_code == 302


def test_session_is_a_row_under_a_long_key_and_the_cookie_only_names_it(person: Person) -> None:
    visitor = Visitor()
    visitor.sign_in("mine")
    cookie = visitor.client.cookies["sessionid"]
    assert (len(cookie.value), cookie["httponly"], cookie["samesite"], cookie["path"]) == (32, True, "Lax", "/")
    assert Session.objects.filter(pk=cookie.value).exists()
