"""The end of a session and of a day in Chromium, at a desk and on a tablet: one press for the usual end, then the day is closed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from booking.models import Booking, DayClosing
from booking.operations import applications, outcomes
from booking.operations.bookings import Decision, confirm
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.browser.conftest import DESK
from tests.cast import Office, application, make_person
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import User

Look = Callable[[Page, str], None]
TABLET = {"width": 820, "height": 1180}
BOOKINGS = "/admin/booking/booking"


@pytest.fixture
def begun(story: Story, office_at_work: Office) -> Booking:
    """A session of the story's day that is a quarter of an hour old."""
    now, wall = clock.now(), clock.wall()
    person = make_person()
    shown = Shown(office_at_work.version.pk, "利用規約を読み、同意します。", now - timedelta(minutes=1))
    agree(person, shown, document=COUNSELLING, now=now)
    booking = applications.request(person, application(office_at_work.version, story.at(10)), now=now, wall=wall)
    confirm(booking.pk, Decision("registered", office_at_work.staff), now=now, wall=wall)
    story.move(story.at(10, 15))
    return booking


@pytest.fixture
def desk(page: Page, office_at_work: Office, staff_client: Callable[[User], Client], live_server: LiveServer) -> Page:
    """佐藤 at a desk, signed in."""
    cookie = staff_client(office_at_work.staff).cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    page.set_viewport_size(DESK)
    return page


def look_at_both(page: Page, look: Look, name: str) -> None:
    for size in (TABLET, DESK):
        page.set_viewport_size(size)
        look(page, name)


def test_pages_around_the_end_of_a_session_are_sound(begun: Booking, desk: Page, look: Look, office_at_work: Office) -> None:
    pages = {"closing": "closing/", "next": f"{begun.pk}/next/", "enter": "enter/?q=5678"}
    pages |= {name: f"{begun.pk}/act/{name}/" for name in ("complete", "stop", "cancel_by_user", "cancel_by_office", "contact")}
    for name, path in pages.items():
        desk.goto(f"{BOOKINGS}/{path}")
        look_at_both(desk, look, f"end-{name}")
    now = clock.now()
    outcomes.stop(
        begun.pk, outcome="conduct", category="abuse", note="大声で職員をののしった", by=office_at_work.staff, now=now, wall=clock.wall()
    )
    desk.goto(f"{BOOKINGS}/{begun.pk}/change/")
    look_at_both(desk, look, "end-booking-stopped")
    desk.get_by_role("button", name="中止の経緯を見る").press("Enter")
    desk.get_by_text("大声で職員をののしった").wait_for()
    look_at_both(desk, look, "end-stop-record")


def test_day_is_ended_with_two_presses(story: Story, begun: Booking, desk: Page, look: Look) -> None:
    story.move(story.at(16))
    desk.goto(f"{BOOKINGS}/closing/")
    look_at_both(desk, look, "closing-open")
    desk.get_by_role("button", name="実施済（予定どおり）").press("Enter")
    desk.get_by_text("実施済にしました。").wait_for()
    look_at_both(desk, look, "closing-ready")
    desk.goto(f"{BOOKINGS}/{begun.pk}/act/correct/")
    look_at_both(desk, look, "closing-correct")
    desk.goto(f"{BOOKINGS}/closing/")
    desk.get_by_role("button", name="この日を締める").press("Enter")
    desk.get_by_text("を締めました。").wait_for()
    look_at_both(desk, look, "closing-closed")
    begun.refresh_from_db()
    assert (begun.state, begun.outcome, DayClosing.objects.get().day) == ("completed", "held", story.session_day)
