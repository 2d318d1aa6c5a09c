"""The status page in Chromium, in trouble and well, at a desk and on a tablet; polls keep it fresh, and 今日 leads to it by keyboard."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from booking.models import Heartbeat, HostDay, Incident, Meeting, ZoomCheck, ZoomHost
from booking.operations import bookings, incidents
from booking.operations.bookings import Decision
from booking.rules.quota import zoom_day
from tests.browser.conftest import DESK
from tests.cast import Office
from tests.flows.at_work import ask
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import User

Look = Callable[[Page, str], None]
BASE = "/admin/booking/booking"
TABLET = {"width": 820, "height": 1180}


@pytest.fixture
def desk(page: Page, story: Story, office_at_work: Office, live_server: LiveServer, staff_client: Callable[[User], Client]) -> Page:
    page.set_viewport_size(DESK)
    session = staff_client(office_at_work.staff).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    return page


@pytest.fixture
def trouble(story: Story, office_at_work: Office) -> None:
    """A meeting given up, a host without a licence, one whose day is spent, a missing scope, a beat that stood still."""
    now, wall = clock.now(), clock.wall()
    asked = ask(story, office_at_work, "豊岡 花子", "hanako@example.jp", story.at(10))
    bookings.confirm(asked.pk, Decision("registered", office_at_work.staff), now=now, wall=wall)
    story.settle()
    Meeting.objects.update(outbox_state="failed", trouble="refused", last_error="400/300")
    ZoomHost.objects.filter(email="sato@zoom.example.jp").update(finding="basic", checked_at=wall - timedelta(hours=5))
    HostDay.objects.update_or_create(host_email="tanaka@zoom.example.jp", day=zoom_day(wall), defaults={"calls": 100})
    ZoomCheck.objects.create(at=wall - timedelta(hours=5), missing_scopes=["meeting:update:meeting:admin", "user:read:user:admin"])
    for minutes in (70, 9, 4):
        at = wall - timedelta(minutes=minutes)
        Heartbeat.objects.bulk_create(Heartbeat(name=name, at=now - timedelta(minutes=minutes), wall=at) for name in ("beat", "web"))
    incidents.watch(now=now, wall=wall)
    Incident.objects.create(kind="mail_waits", opened_at=wall - timedelta(hours=26), seen_at=wall - timedelta(hours=25), closed_at=wall)


def look_twice(desk: Page, look: Look, name: str) -> None:
    for size in (TABLET, DESK):
        desk.set_viewport_size(size)
        look(desk, name)


def test_troubles_are_told_and_gone_with_the_next_poll(desk: Page, trouble: None, look: Look) -> None:
    desk.goto(f"{BASE}/today/")
    look_twice(desk, look, "today-in-trouble")
    desk.get_by_role("link", name="「システムの状態」を開く").press("Enter")
    desk.get_by_role("heading", name="いまの問題（5件）").wait_for()
    look_twice(desk, look, "status-in-trouble")
    Incident.objects.update(closed_at=clock.wall())
    Meeting.objects.update(outbox_state="done", trouble="")
    ZoomHost.objects.update(finding="licensed")
    HostDay.objects.update(calls=12)
    ZoomCheck.objects.create(at=clock.wall())
    Heartbeat.objects.all().delete()
    desk.evaluate("htmx.trigger('#poll', 'look')")
    desk.get_by_text("問題はありません。").wait_for()
    look_twice(desk, look, "status-well")
