"""A person's pages in Chromium, at a desk's width and a tablet's: open a number by keyboard, compare, restrict; axe on every page."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from booking.operations import applications
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.browser.conftest import DESK
from tests.cast import Office, application, make_person
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import Sanction, restrict

Look = Callable[[Page, str], None]
TABLET = {"width": 820, "height": 1180}


@pytest.fixture
def person(story: Story, office_at_work: Office) -> Person:
    """Somebody with a booking, a free text, a likely duplicate and a restriction."""
    now, wall = clock.now(), clock.wall()
    hanako = make_person()
    agree(hanako, Shown(office_at_work.version.pk, "利用規約を読み、同意します。", now), document=COUNSELLING, now=now)
    applications.request(hanako, application(office_at_work.version, story.at(10), topic="転職の相談"), now=now, wall=wall)
    Person.objects.create(full_name="豊岡花子", job_seeker_number=hanako.job_seeker_number, created_at=now)
    restrict(
        hanako.pk,
        Sanction("理由", story.session_day, story.session_day, story.session_day, "文面"),
        by=office_at_work.staff,
        now=now,
        wall=wall,
    )
    return hanako


@pytest.fixture(params=[DESK, TABLET], ids=["desk", "tablet"])
def desk(
    request: pytest.FixtureRequest, page: Page, office_at_work: Office, live_server: LiveServer, staff_client: Callable[[User], Client]
) -> Page:
    page.set_viewport_size(request.param)
    session = staff_client(office_at_work.staff).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    return page


def test_number_is_opened_by_keyboard_and_the_pages_are_sound(person: Person, desk: Page, look: Look) -> None:
    desk.goto(f"/admin/accounts/person/{person.pk}/change/")
    look(desk, "admin-person")
    desk.get_by_role("button", name="電話番号を表示（豊岡 花子）").press("Enter")
    desk.get_by_text("090-1234-5678").wait_for()
    look(desk, "admin-person-opened")
    other = Person.objects.exclude(pk=person.pk).get()
    booking = person.bookings.get()
    for name, path in {
        "person-merge-find": f"accounts/person/{person.pk}/merge/?q=豊岡",
        "person-merge": f"accounts/person/{person.pk}/merge/{other.pk}/",
        "person-verify": f"accounts/person/{person.pk}/verify/",
        "restrict": f"accounts/usagerestriction/new/{other.pk}/",
        "restrictions": "accounts/usagerestriction/",
        "restriction": f"accounts/usagerestriction/{person.restrictions.get().pk}/change/",
        "restriction-letter": f"accounts/usagerestriction/{person.restrictions.get().pk}/letter/",
        "booking-masked": f"booking/booking/{booking.pk}/change/",
    }.items():
        desk.goto(f"/admin/{path}")
        look(desk, f"admin-{name}")
    desk.get_by_role("button", name=f"相談したいこと・同席を表示（{booking.number}）").press("Enter")
    desk.get_by_text("転職の相談").wait_for()
    look(desk, "admin-booking-opened")
