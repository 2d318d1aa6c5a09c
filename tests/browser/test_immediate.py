"""Sessions now in Chromium: every state of the public pages at two widths, by keyboard, and with scripts off."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from booking.models import Booking
from booking.operations import bookings, delivery, immediate
from consent.models import TermsVersion
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_booking_journey import press, write
from tests.browser.test_terms import keep_session, signed_in
from tests.cast import Office, make_regular
from tests.change import announced, make_draft
from tests.employers import make_contact
from tests.flows.applying import HANAKO, newest_code, now_and_wall
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person

Look = Callable[[Page, str], None]
NOW = "/now/"


@pytest.fixture
def hanako(story: Story, office_at_work: Office) -> Person:
    """Somebody who may ask for a session now, on an open day at 9:30 while 佐藤 stands by."""
    story.move(story.at(9, 30))
    immediate.switch(office_at_work.sato.pk, on=True, by=office_at_work.staff, now=clock.now())
    return make_regular(office_at_work, now=clock.now())


@pytest.fixture
def phone(page: Page, hanako: Person, live_server: LiveServer) -> Page:
    """Hanako's phone, signed in."""
    keep_session(page, live_server, signed_in(hanako))
    return page


def look_twice(page: Page, look: Look, path: str, name: str) -> None:
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.goto(path)
        look(page, name)


def ask(page: Page) -> Booking:
    page.goto(NOW)
    page.locator("[name=environment]").check()
    page.locator("[name=recording]").check()
    page.get_by_role("button", name="いますぐ相談を申し込む").click()
    page.get_by_role("heading", name="お申込みを受け付けました").wait_for()
    return Booking.objects.latest("pk")


def test_request_by_keyboard_on_a_phone(page: Page, story: Story, hanako: Person, look: Look) -> None:
    page.goto("/")
    press(page, "いますぐの相談", f"a[href='{NOW}']")
    page.wait_for_url(f"**{NOW}")
    press(page, "求職者の方", "a[href='/sign-in/immediate/']")
    page.wait_for_url("**/sign-in/immediate/")
    look(page, "sign-in-email")
    write(page, "email", HANAKO)
    page.keyboard.press("Enter")
    page.wait_for_url("**/code/")
    story.settle()
    look(page, "sign-in-code")
    write(page, "code", newest_code(story.mailbox))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{NOW}")
    press(page, "environment", "input[name='environment']", "Space")
    press(page, "recording", "input[name='recording']", "Space")
    write(page, "companion", "手話通訳 1名")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="お申込みを受け付けました").wait_for()
    assert Booking.objects.get().companion == "手話通訳 1名"


def test_pages_of_a_stranger_are_sound(page: Page, story: Story, hanako: Person, office_at_work: Office, look: Look) -> None:
    look_twice(page, look, NOW, "now-open")
    look_twice(page, look, "/mine/", "mine-stranger")
    look_twice(page, look, "/sign-in/immediate-employer/", "sign-in-employer")
    look_twice(page, look, "/", "top")
    immediate.switch(office_at_work.sato.pk, on=False, by=office_at_work.staff, now=clock.now())
    look_twice(page, look, NOW, "now-nobody")
    story.move(story.at(18))
    look_twice(page, look, NOW, "now-evening")


def test_pages_of_the_wait_are_sound(phone: Page, story: Story, office_at_work: Office, look: Look) -> None:
    look_twice(phone, look, NOW, "now-form")
    phone.get_by_role("button", name="いますぐ相談を申し込む").click()
    phone.get_by_role("alert").first.wait_for()
    look(phone, "now-form-errors")
    booking = ask(phone)
    story.settle()
    look_twice(phone, look, NOW, "now-waiting")
    look_twice(phone, look, "/now/withdraw/", "now-withdraw")
    immediate.accept(booking.pk, counsellor=office_at_work.sato.pk, by=office_at_work.staff, **now_and_wall())
    story.settle()
    look_twice(phone, look, NOW, "now-accepted")
    look_twice(phone, look, "/mine/", "mine-immediate")
    participant = booking.participants.get()
    delivery.record_delivery(participant.pk, "job_seeker_mypage", "told", by=office_at_work.staff, now=clock.now())
    look_twice(phone, look, NOW, "now-told")
    story.move(story.at(10, 30))
    look_twice(phone, look, NOW, "now-over")


def test_pages_of_a_request_that_was_not_taken_are_sound(phone: Page, story: Story, office_at_work: Office, look: Look) -> None:
    booking = ask(phone)
    bookings.decline(booking.pk, reason="担当者が対応できないため", by=office_at_work.staff, **now_and_wall())
    story.settle()
    look_twice(phone, look, NOW, "now-declined")
    ask(phone)
    story.move(clock.now() + timedelta(minutes=11))
    look_twice(phone, look, NOW, "now-expired")


def test_gate_is_sound_and_leads_on(phone: Page, story: Story, office_at_work: Office, look: Look) -> None:
    change(office_at_work, story)
    look_twice(phone, look, NOW, "now-terms-changed")
    look_twice(phone, look, "/now/terms/", "now-gate")
    phone.get_by_role("button", name="同意して進む").click()
    phone.get_by_role("alert").first.wait_for()
    look(phone, "now-gate-errors")
    for name in ("bureau", "agree", "zoom"):
        phone.locator(f"[name={name}]").check()
    phone.get_by_role("button", name="同意して進む").click()
    phone.wait_for_url(f"**{NOW}")
    expect(phone.get_by_role("button", name="いますぐ相談を申し込む")).to_have_count(1)


def change(office: Office, story: Story) -> TermsVersion:
    """A second version, in force since the session day's first moment."""
    early = story.opening - timedelta(days=20)
    return announced(office, make_draft(office, now=early), on=story.session_day, now=early)


def test_pages_of_those_who_are_barred_are_sound(page: Page, office_at_work: Office, look: Look, live_server: LiveServer) -> None:
    keep_session(page, live_server, signed_in(make_contact(office_at_work, verified=False)))
    look_twice(page, look, NOW, "now-employer-unverified")
    keep_session(page, live_server, signed_in(make_contact(office_at_work, email="other@example.jp")))
    look_twice(page, look, NOW, "now-employer-not-recorded")


def test_whole_way_with_scripts_off(
    new_context: Callable[..., BrowserContext], story: Story, hanako: Person, office_at_work: Office
) -> None:
    """Sign-in, request, wait, acceptance and withdrawal of the next one, without a line of JavaScript."""
    context = new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(NOW)
    page.get_by_role("link", name="求職者の方", exact=True).click()
    page.locator("[name=email]").fill(HANAKO)
    page.get_by_role("button", name="番号を送る").click()
    story.settle()
    page.locator("[name=code]").fill(newest_code(story.mailbox))
    page.get_by_role("button", name="次へ進む").click()
    ask(page)
    page.get_by_text(re.compile("（あと(10|9)分）")).wait_for()
    story.move(clock.now() + timedelta(minutes=4))
    page.get_by_role("link", name="最新の状況を見る").click()
    page.get_by_text(re.compile("（あと[56]分）")).wait_for()
    page.get_by_role("link", name="お申込みを取り下げる").click()
    page.get_by_role("button", name="お申込みを取り下げる").click()
    page.wait_for_url(f"**{NOW}")
    assert Booking.objects.get().state == "withdrawn"
    context.close()


def test_waiting_page_shows_the_acceptance_by_itself(phone: Page, office_at_work: Office) -> None:
    phone.clock.install()
    booking = ask(phone)
    immediate.accept(booking.pk, counsellor=office_at_work.sato.pk, by=office_at_work.staff, **now_and_wall())
    phone.clock.run_for(21_000)
    phone.get_by_role("heading", name="いますぐの相談をお受けします").wait_for()


def test_minutes_that_are_left_run_down(phone: Page) -> None:
    phone.clock.install()
    ask(phone)
    phone.locator("[name=companion]").focus()  # nothing is fetched anew under somebody's hands
    phone.clock.run_for(4 * 60_000)
    phone.get_by_text(re.compile("（あと[56]分）")).wait_for()
    phone.clock.run_for(7 * 60_000)
    phone.get_by_text("（まもなく）").wait_for()
