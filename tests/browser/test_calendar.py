"""The roster and the office's calendar in Chromium: a day closed over two bookings by keyboard; axe on every page, desk and tablet."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from booking.models import Booking, Closure
from booking.operations import applications, bookings
from booking.operations.bookings import Decision
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.browser.conftest import DESK
from tests.cast import Office, application, make_person
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import User

Look = Callable[[Page, str], None]
TABLET = {"width": 820, "height": 1180}
BASE = "/admin/booking/booking"


@pytest.fixture
def two(story: Story, office_at_work: Office) -> list[Booking]:
    """One confirmed booking and one request on the story's session day."""
    now, wall = clock.now(), clock.wall()
    made = []
    for name, email, hour in (("豊岡 花子", "hanako@example.jp", 10), ("但馬 太郎", "", 11)):
        person = make_person(name, email)
        shown = Shown(office_at_work.version.pk, "利用規約を読み、同意します。", now - timedelta(minutes=1))
        agree(person, shown, document=COUNSELLING, now=now)
        wish = application(office_at_work.version, story.at(hour), full_name=name)
        made.append(applications.request(person, wish, now=now, wall=wall))
    bookings.confirm(made[0].pk, Decision("registered", office_at_work.staff), now=now, wall=wall)
    return made


@pytest.fixture
def desk(page: Page, office_at_work: Office, live_server: LiveServer, staff_client: Callable[[User], Client]) -> Page:
    page.set_viewport_size(DESK)
    session = staff_client(office_at_work.staff).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    return page


def test_day_is_closed_over_two_bookings_by_keyboard(story: Story, two: list[Booking], desk: Page, look: Look) -> None:
    day = story.session_day
    desk.goto(f"{BASE}/calendar/{day.year}/")
    look(desk, "calendar-year")
    desk.locator(f'a[href$="/day/{day.isoformat()}/"]').press("Enter")
    look(desk, "calendar-day")
    desk.get_by_label("名称").fill("停電")
    desk.get_by_label("名称").press("Enter")
    desk.get_by_text("予約 2件").wait_for()
    look(desk, "calendar-preview")
    desk.set_viewport_size(TABLET)
    look(desk, "calendar-preview")
    assert Closure.objects.filter(date=day).count() == 0
    desk.get_by_role("combobox").nth(1).select_option("decline")
    desk.get_by_role("button", name="実行").press("Enter")
    desk.get_by_role("heading", name="お電話する方").wait_for()
    look(desk, "calendar-given-way")
    desk.set_viewport_size(DESK)
    look(desk, "calendar-given-way")
    states = [Booking.objects.get(pk=booking.pk).state for booking in two]
    assert (states, Closure.objects.get(date=day).label) == (["cancelled_by_office", "declined"], "停電")


@pytest.mark.parametrize("size", [DESK, TABLET], ids=["desk", "tablet"])
def test_pages_of_calendar_roster_and_policy_are_sound(
    two: list[Booking], office_at_work: Office, desk: Page, look: Look, size: object
) -> None:
    desk.set_viewport_size(size)
    for name, path in {
        "roster": "roster/",
        "roster-week": f"roster/{office_at_work.sato.pk}/",
        "absence-all": "roster/absence/?all=1",
        "year": "calendar/",
        "policy": "policy/",
        "policy-value": "policy/value/horizon_days/",
        "policy-text": "policy/text/top_page/",
        "move": f"{two[0].pk}/act/move/",
        "reassign": f"{two[0].pk}/act/reassign/",
    }.items():
        desk.goto(f"{BASE}/{path}")
        look(desk, f"calendar-{name}")
    expect(desk).to_have_url(f"{BASE}/{two[0].pk}/act/reassign/")
