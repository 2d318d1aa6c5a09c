"""What every answer carries: a strict content policy, no frame, no guessing of types, nothing told to other sites, nothing personal kept (japan.md §4.3)."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from booking.links import token_of
from booking.models import Booking
from tests.cast import Office
from tests.repository.test_public_access import PUBLIC
from tests.seminars import guest, published, register
from tests.visitor import Visitor
from toyooka_hw.accounts.models import User

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "frame-src": "'self'",  # of a demo; 'none' in production, see tests/deploy
    "frame-ancestors": "'none'",
    "form-action": f"'self' {' '.join(settings.ZOOM_WEB_URLS)}",
}
ALWAYS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Pages that hold nobody's data, whoever looks; of a seminar and of the terms there are as many as there are rows.
FOR_ALL = ["/", "/healthz", "/privacy/", "/accessibility/", "/guide/", "/slots/", "/seminars/", "/seminars/*/", "/terms/counselling/"]


@pytest.fixture
def addresses(office: Office, confirmed: Booking) -> list[str]:
    """Every public address without something to guess in it, and one of each kind with it."""
    seminar = published(office)
    registration = register(seminar, guest())
    plain = [f"/{address}" for address, _name, _pattern in PUBLIC if "<" not in address]
    below = [
        f"/seminars/{seminar.number}/",
        f"/b/{token_of(confirmed)}/",
        f"/e/{token_of(registration)}/",
        "/terms/counselling/",
        "/sign-in/mine/",
    ]
    return [*plain, *below, "/b/nowhere/", "/nowhere/", "/admin/", "/admin/login/"]


def test_every_answer_carries_the_headers(addresses: list[str], staff_client: Callable[[User], Client], office: Office) -> None:
    staff = staff_client(office.staff)
    answers = [(path, Visitor().get(path)) for path in addresses]
    answers += [(path, staff.get(path)) for path in (reverse("admin:booking_today"), "/admin/booking/booking/", "/admin/nowhere/")]
    for path, answer in answers:
        told = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert (path, told) == (path, POLICY)
        assert (path, {name: answer.headers.get(name) for name in ALWAYS}) == (path, ALWAYS)


def test_answers_say_how_their_letters_are_written(addresses: list[str]) -> None:
    types = {Visitor().get(path).headers.get("Content-Type") for path in addresses}
    assert {each for each in types if each and "charset=utf-8" not in each} <= {"text/plain"}


def test_whatever_may_be_personal_is_kept_nowhere(addresses: list[str], office: Office) -> None:
    """Also before anybody has signed in: the same address shows somebody's data a moment later."""
    kept = [path for path in addresses if (answer := Visitor().get(path)).status_code == 200 and not _is_stored_nowhere(answer)]
    assert [re.sub(r"(?<=/seminars/)[^/]+", "*", path) for path in kept] == FOR_ALL


def test_nothing_is_kept_of_what_somebody_signed_in_has_looked_at(addresses: list[str]) -> None:
    """In libraries the next person sits down at the same browser and presses "back"."""
    visitor = Visitor()
    visitor.sign_in("mine")
    kept = [path for path in addresses if (answer := visitor.get(path)).status_code == 200 and not _is_stored_nowhere(answer)]
    assert kept == ["/healthz"]


def _is_stored_nowhere(answer: HttpResponse) -> bool:
    return "no-store" in answer.headers.get("Cache-Control", "")


def test_search_engines_list_what_is_for_all_and_nothing_else(addresses: list[str]) -> None:
    answers = {path: Visitor().get(path) for path in addresses}
    hidden = re.compile(r'<meta name="robots" content="(noindex|NONE,NOARCHIVE)">')
    listed = {path for path, answer in answers.items() if answer.status_code == 200 and not hidden.search(answer.content.decode())}
    assert listed <= {*FOR_ALL, "/now/", "/readyz"} | {path for path in addresses if path.startswith("/seminars/")}
    assert listed >= {"/", "/slots/", "/now/", "/seminars/"}


def test_nothing_comes_from_another_site(addresses: list[str]) -> None:
    """No third-party script, style, font, picture or analytics."""
    outside = {
        (path, found)
        for path in addresses
        for found in re.findall(
            r'(?:src|srcset|action)="(?:https?:)?//([^/"]+)|<link[^>]+href="(?:https?:)?//([^/"]+)', Visitor().get(path).content.decode()
        )
    }
    assert outside == set()


def test_nothing_of_the_program_runs_inline(addresses: list[str]) -> None:
    """The policy would refuse it; so no page tries."""
    inline = {
        path
        for path in addresses
        if re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=", Visitor().get(path).content.decode())
    }
    assert inline == set()
