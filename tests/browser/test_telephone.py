"""Telephone instead and the link by hand, in Chromium: the counsellor's pages at a desk's width, the person's at a phone's."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from booking.links import token_of
from booking.models import Booking, Meeting
from booking.operations import applications, bookings, telephone
from booking.operations.bookings import Decision
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.browser.conftest import DESK, PHONE
from tests.cast import Office, application, make_person
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import verify_person
from toyooka_hw.outbox import OutboxState

Look = Callable[[Page, str], None]


@pytest.fixture
def session(story: Story, office_at_work: Office) -> Booking:
    """A session at 10:00 of somebody whose number staff have verified, five minutes before it begins."""
    now, wall, person = clock.now(), clock.wall(), make_person()
    agree(person, Shown(office_at_work.version.pk, "同意します。", now - timedelta(minutes=1)), document=COUNSELLING, now=now)
    asked = applications.request(person, application(office_at_work.version, story.at(10)), now=now, wall=wall)
    verify_person(person, registered_phone="+819012345678", by=office_at_work.staff, now=now)
    decision = Decision("registered", office_at_work.staff, office_at_work.sato.pk)
    made = bookings.confirm(asked.pk, decision, now=now, wall=wall)
    story.move(story.at(9, 55))
    return made


@pytest.fixture
def desk(page: Page, session: Booking, office_at_work: Office, staff_client: Callable[[User], Client], live_server: LiveServer) -> Page:
    """佐藤's browser."""
    cookie = staff_client(office_at_work.sato.user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.set_viewport_size(DESK)
    return page


def test_counsellor_switches_from_today_by_the_keyboard_and_opens_the_number(desk: Page, session: Booking, look: Look) -> None:
    desk.goto("/admin/booking/booking/today/")
    desk.locator("#next-by_phone").focus()
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/act/by_phone/**")
    look(desk, "by-phone-press")
    desk.keyboard.press("Enter")  # the form's first field has the focus
    desk.get_by_text("電話で行うことにしました。").wait_for()
    look(desk, "by-phone-today")
    expect(desk.locator("#next .to-call")).not_to_contain_text("090-1234-5678")
    desk.locator("#next .to-call button").click()
    expect(desk.locator("#next .to-call .masked__open")).to_contain_text("090-1234-5678")
    desk.goto(f"/admin/booking/booking/{session.pk}/change/")
    look(desk, "by-phone-booking")


def test_person_reads_who_calls_at_a_phones_width(page: Page, session: Booking, office_at_work: Office, look: Look) -> None:
    telephone.by_phone(session.pk, by=office_at_work.staff, now=clock.now(), wall=clock.wall())
    page.set_viewport_size(PHONE)
    page.goto(f"/b/{token_of(session)}/")
    expect(page.get_by_role("heading", name="お電話で相談します")).to_be_visible()
    look(page, "by-phone-person")


def test_link_is_typed_and_nothing_is_lost(desk: Page, session: Booking, look: Look) -> None:
    Meeting.objects.update(outbox_state=OutboxState.FAILED, meeting_id=None, last_error="outage")
    desk.goto(f"/admin/booking/booking/{session.pk}/act/manual_link/")
    look(desk, "link-form")
    desk.get_by_label("参加用アドレス").fill("https://example.jp/j/85312345678")
    desk.get_by_label("ミーティングID").fill("853 1234 5678")
    desk.get_by_label("パスコード").fill("aB3-xYz")
    desk.keyboard.press("Enter")
    desk.get_by_text("Zoomの参加用アドレスではありません。").wait_for()
    look(desk, "link-refused")
    expect(desk.get_by_label("ミーティングID")).to_have_value("853 1234 5678")
    desk.get_by_label("参加用アドレス").fill("http://127.0.0.1:9/j/85312345678")
    desk.keyboard.press("Enter")
    desk.get_by_text("手入力のリンクで行うことにしました。").wait_for()
    desk.goto(f"/admin/booking/booking/{session.pk}/change/")
    expect(desk.locator(".fieldBox.field-zoom")).to_contain_text("手入力のリンク")
    look(desk, "link-booking")
