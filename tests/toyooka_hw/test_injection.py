"""What people type stays what they typed: no statement, no markup, no header, no path comes of it (IPA items 1, 3, 5, 7, 8)."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from booking.models import Booking
from tests.cast import Office
from tests.visitor import HANAKO, Visitor
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import subject_of

pytestmark = pytest.mark.django_db
MARKUP = '<script>alert(1)</script><img src=x onerror="alert(2)">'
STATEMENT = "'; DROP TABLE booking_booking; --"


@pytest.fixture
def visitor(office: Office) -> Visitor:
    """Signed in and about to say who they are."""
    visitor = Visitor()
    visitor.choose()
    visitor.agree()
    visitor.prove()
    return visitor


@pytest.mark.parametrize("name", [f"豊岡 {MARKUP}", f"豊岡 {STATEMENT}"])
def test_name_is_shown_as_it_was_typed_and_does_nothing(
    visitor: Visitor, office: Office, staff_client: Callable[[User], Client], name: str
) -> None:
    visitor.fill(**(HANAKO | {"full_name": name}))
    confirm = visitor.get(visitor.step("confirm"))
    visitor.send()
    booking = Booking.objects.get()
    assert booking.applicant.full_name == name
    staff = staff_client(office.staff)
    paths = [reverse(f"admin:{page}") for page in ("booking_today", "booking_inbox", "accounts_person_changelist")]
    paths.append(reverse("admin:booking_booking_change", args=[booking.pk]))
    pages = [confirm, visitor.get(visitor.step("done")), visitor.get("/mine/"), *(staff.get(path, follow=True) for path in paths)]
    assert [page.status_code for page in pages] == [200] * len(pages)
    assert [True for page in pages if "<script>alert" in page.content.decode() or "<img src=x" in page.content.decode()] == []
    assert sum("豊岡" in page.content.decode() for page in pages) >= 3


@pytest.mark.parametrize("asked", ["'", STATEMENT, "%' OR 1=1 --", "\\", "_%"])
def test_search_finds_what_is_asked_for_and_nothing_else(
    confirmed: Booking, office: Office, staff_client: Callable[[User], Client], asked: str
) -> None:
    page = staff_client(office.staff).get("/admin/accounts/person/", {"q": asked})
    assert (page.status_code, confirmed.applicant.full_name in page.content.decode(), Person.objects.count()) == (200, False, 1)


@pytest.mark.parametrize(
    "path", ["/slots/?week=' OR 1=1", "/slots/?draft='", "/terms/counselling'/", "/seminars/';--/", "/seminars/?kind='"]
)
def test_address_is_read_as_what_it_is(office: Office, path: str) -> None:
    assert Visitor().get(path).status_code in (200, 404)


@pytest.mark.parametrize(
    "email", ["hanako@example.jp\nBcc: all@example.jp", "hanako@example.jp\r\nSubject: x", "a@example.jp,b@example.jp"]
)
def test_mailbox_with_a_header_in_it_is_no_mailbox(office: Office, email: str) -> None:
    Visitor().post("/sign-in/mine/", {"email": email})
    assert {mail.to for mail in OutgoingMail.objects.all()} <= {"hanako@example.jpbcc:all@example.jp"}
    assert OutgoingMail.objects.count() == 0


def test_subject_stays_one_line() -> None:
    subject = subject_of("code", {"code": "123456\r\nBcc: all@example.jp", "name": "豊岡\nBcc: all@example.jp"})
    assert "\n" not in subject
    assert "\r" not in subject


@pytest.mark.parametrize(
    "leads",
    [
        "https://elsewhere.example.jp/",
        "//elsewhere.example.jp/",
        "/\\elsewhere.example.jp",
        "javascript:alert(1)",
        "/admin/\r\nSet-Cookie: x=1",
    ],
)
def test_way_back_from_the_login_never_leads_elsewhere(office: Office, staff_client: Callable[[User], Client], leads: str) -> None:
    """No address that somebody sends along becomes a header or another site."""
    answer = staff_client(office.staff).get("/admin/login/", {"next": leads})
    assert "elsewhere" not in answer.headers.get("Location", "")
    assert answer.headers.get("Set-Cookie", "").find("x=1") == -1


@pytest.mark.parametrize(
    "path",
    [
        "/static/../manage.py",
        "/static/..%2f..%2fmanage.py",
        "/static/%2e%2e/manage.py",
        "/static//etc/passwd",
        "/admin/mails/..%2f..%2fmanage/",
    ],
)
def test_path_leads_to_no_file(office: Office, staff_client: Callable[[User], Client], path: str) -> None:
    assert staff_client(office.staff).get(path).status_code == 404
