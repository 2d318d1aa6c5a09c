"""Tomorrow's board and the phone list in Chromium, at a desk and on a tablet: axe is silent, the calls are recorded by keyboard."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from booking.models import Booking, Hold
from booking.operations import applications, bookings, sessions
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
def made(story: Story, office_at_work: Office) -> list[Booking]:
    """On the story's session day: one session without a place, one of somebody without a mailbox, one request."""
    now, wall = clock.now(), clock.wall()
    found = []
    for name, email, hour in (("豊岡 花子", "hanako@example.jp", 10), ("但馬 太郎", "", 11), ("城崎 桜", "sakura@example.jp", 13)):
        person = make_person(name, email)
        shown = Shown(office_at_work.version.pk, "利用規約を読み、同意します。", now - timedelta(minutes=1))
        agree(person, shown, document=COUNSELLING, now=now)
        wish = application(office_at_work.version, story.at(hour), full_name=name, companion="手話通訳 1名")
        found.append(applications.request(person, wish, now=now, wall=wall))
    for booking in found[:2]:
        bookings.confirm(booking.pk, Decision("registered", office_at_work.staff), now=now, wall=wall)
    Hold.objects.filter(booking=found[0]).delete()
    story.settle()
    return found


@pytest.fixture
def desk(page: Page, office_at_work: Office, live_server: LiveServer, staff_client: Callable[[User], Client]) -> Page:
    page.set_viewport_size(DESK)
    session = staff_client(office_at_work.staff).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    return page


def look_twice(desk: Page, look: Look, name: str) -> None:
    """At a desk and on a tablet."""
    for size in (TABLET, DESK):
        desk.set_viewport_size(size)
        look(desk, name)


def test_board_names_what_is_missing_and_leads_to_the_phone_list(story: Story, made: list[Booking], desk: Page, look: Look) -> None:
    desk.goto(f"{BASE}/tomorrow/?day={story.session_day.isoformat()}")
    desk.get_by_text("2件の予約のうち、2件に足りないものがあります。").wait_for()
    look_twice(desk, look, "readiness")
    desk.get_by_role("link", name="電話リスト").last.press("Enter")
    desk.get_by_text("お電話する方").wait_for()
    expect(desk).to_have_url(f"{BASE}/calls/?day={story.session_day.isoformat()}")


def test_calls_are_recorded_by_keyboard(office_at_work: Office, made: list[Booking], desk: Page, look: Look) -> None:
    sessions.cancel_by_office(made[1].pk, reason="停電", by=office_at_work.staff, now=clock.now(), wall=clock.wall())
    desk.goto(f"{BASE}/calls/")
    look_twice(desk, look, "calls")
    desk.get_by_role("button", name="出なかった").press("Enter")
    desk.get_by_text("つながらず").wait_for()
    look_twice(desk, look, "calls-attempted")
    desk.get_by_role("button", name="電話でお知らせした").press("Enter")
    desk.get_by_text("お電話でお知らせする方はいません。").wait_for()
    assert list(made[1].contacts.values_list("meaning", flat=True)) == ["not_reached", "told"]
