"""Seminars in Chromium: the public list and the registration on a phone, by keyboard, with scripts off, and every page at two widths."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from booking.links import token_of
from booking.models import Registration, Seminar
from booking.operations.seminars import giving, people, seats
from booking.operations.seminars.giving import Press
from consent.operations import withdraw
from consent.queries import SEMINAR
from tests.browser.test_booking_journey import ERRORS, press, write
from tests.browser.test_immediate import look_twice
from tests.browser.test_terms import keep_session, signed_in
from tests.cast import Office
from tests.employers import make_contact
from tests.flows.applying import HANAKO, newest_code, now_and_wall
from tests.seminars import drawn_up, guest, recorded, sheet, terms
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person

Look = Callable[[Page, str], None]
LIST = "/seminars/"


def pressed(office: Office) -> Press:
    return Press(office.staff, clock.now(), clock.wall())


def times(story: Story, hour: int) -> dict[str, Any]:
    """What a draft for the session's day says, open for registration since yesterday."""
    return {
        "starts_at": story.at(hour),
        "ends_at": story.at(hour, 50),
        "opens_at": clock.now() - timedelta(days=1),
        "closes_at": story.at(8),
        "audience": "在宅の仕事をお探しの方",
        "materials": "筆記用具をご用意ください。",
        "access_support": "字幕を表示できます。",
    }


@pytest.fixture
def seminar(story: Story, office_at_work: Office) -> Seminar:
    """A recorded seminar for two, published, its meeting made."""
    terms()
    row = recorded(office_at_work, now=clock.now(), **times(story, 14))
    row = giving.publish(row.pk, pressed(office_at_work))
    story.settle()
    return row


def registered(seminar: Seminar, person: Person) -> Registration:
    return seats.register(person, seminar.pk, sheet(), **now_and_wall())


def page_of(row: Registration, below: str = "") -> str:
    return f"/e/{token_of(row)}/{below}"


def test_registration_by_keyboard_on_a_phone(page: Page, story: Story, seminar: Seminar, look: Look) -> None:
    page.goto("/")
    press(page, "セミナー・企業見学会を見る", f"main a[href='{LIST}']")
    page.wait_for_url(f"**{LIST}")
    look(page, "seminars")
    press(page, "the kind", "[name=kind]", "ArrowDown")
    press(page, "with seats", "[name=free]", "Space")
    press(page, "絞り込む", "form[method=get] button")
    page.wait_for_url("**free=on")
    look(page, "seminars-filtered")
    press(page, "the seminar", f"a[href='/seminars/{seminar.number}/']")
    page.wait_for_url(f"**/seminars/{seminar.number}/")
    press(page, "参加を申し込む", "main a.button--fill")
    page.wait_for_url("**/sign-in/**")
    write(page, "email", HANAKO)
    page.keyboard.press("Enter")
    page.wait_for_url("**/code/")
    story.settle()
    write(page, "code", newest_code(story.mailbox))
    page.keyboard.press("Enter")
    page.wait_for_url("**/register/")
    look(page, "seminar-register")
    write(page, "full_name", "豊岡 花子")
    write(page, "companion", "手話通訳 1名")
    press(page, "environment", "input[name=environment]", "Space")
    press(page, "the terms", "form summary", "Enter")
    for name in ("agree", "zoom"):
        press(page, name, f"input[name={name}]", "Space")
    press(page, "この内容で申し込む", "main form button.button--fill")
    page.wait_for_url("**/e/**")
    look(page, "registration-received")
    row = Registration.objects.get()
    assert (row.seat, row.companion) == ("seated", "手話通訳 1名")
    expect(page.locator("main")).to_contain_text(row.number)


def test_whole_way_with_scripts_off(new_context: Callable[..., BrowserContext], story: Story, seminar: Seminar) -> None:
    """Found, registered for, joined from the link in the mail, without a line of JavaScript."""
    context = new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(LIST)
    page.locator("[name=free]").check()
    page.get_by_role("button", name="絞り込む").click()
    page.get_by_role("link", name=seminar.title).click()
    page.get_by_role("link", name="参加を申し込む").click()
    page.locator("[name=email]").fill(HANAKO)
    page.get_by_role("button", name="番号を送る").click()
    story.settle()
    page.locator("[name=code]").fill(newest_code(story.mailbox))
    page.get_by_role("button", name="次へ進む").click()
    page.locator("[name=full_name]").fill("豊岡 花子")
    for name in ("environment", "agree", "zoom"):
        page.locator(f"[name={name}]").check()
    page.get_by_role("button", name="この内容で申し込む").click()
    page.get_by_role("heading", name="参加のお申込みの状況").wait_for()
    story.settle()
    story.move(story.at(13, 55))
    context.clear_cookies()
    page.goto(page_of(Registration.objects.get()))
    page.get_by_role("button", name="入室する").click()
    page.wait_for_url(f"{story.zoom.url}/j/**")
    assert Registration.objects.get().first_joined_at is not None
    context.close()


def test_public_pages_are_sound(page: Page, story: Story, office_at_work: Office, look: Look) -> None:
    look_twice(page, look, LIST, "seminars-none")
    terms()
    free = giving.publish(drawn_up(office_at_work, **times(story, 14)).pk, pressed(office_at_work))
    full = giving.publish(drawn_up(office_at_work, **times(story, 15), capacity=1, kind="company_tour").pk, pressed(office_at_work))
    registered(full, guest())
    for row, name in ((free, "seminar-free"), (full, "seminar-full")):
        look_twice(page, look, f"/seminars/{row.number}/", name)
    look_twice(page, look, LIST, "seminars-two")
    look_twice(page, look, f"{LIST}?kind=other", "seminars-no-match")
    giving.suspend(free.pk, pressed(office_at_work), reason="停電")
    look_twice(page, look, f"/seminars/{free.number}/", "seminar-suspended")
    giving.cancel(free.pk, pressed(office_at_work), reason="停電")
    look_twice(page, look, f"/seminars/{free.number}/", "seminar-cancelled")
    story.settle()


def test_form_is_sound_also_with_errors(page: Page, seminar: Seminar, look: Look, live_server: LiveServer) -> None:
    person = guest(1)
    keep_session(page, live_server, signed_in(person))
    address = f"/seminars/{seminar.number}/register/"
    look_twice(page, look, address, "seminar-form")
    page.locator("[name=full_name]").fill("")
    page.get_by_role("button", name="この内容で申し込む").click()
    page.locator("#error-summary").wait_for()
    look(page, "seminar-form-errors")
    expect(page).to_have_title(ERRORS)
    expect(page.locator("#error-summary")).to_contain_text("エラーが4件あります")


def test_personal_page_through_its_states(page: Page, story: Story, office_at_work: Office, seminar: Seminar, look: Look) -> None:
    first, second, third = (registered(seminar, guest(number)) for number in range(1, 4))
    look_twice(page, look, page_of(first), "registration-seated")
    look_twice(page, look, page_of(first, "withdraw/"), "registration-withdraw")
    look_twice(page, look, page_of(third), "registration-waiting")
    seats.withdraw(first.pk, **now_and_wall())
    story.settle()
    look_twice(page, look, page_of(first), "registration-withdrawn")
    look_twice(page, look, page_of(third), "registration-offered")
    page.get_by_role("button", name="参加する").click()
    page.get_by_text("参加が確定しました。").wait_for()
    story.settle()
    story.move(story.at(13, 55))
    look_twice(page, look, page_of(second), "registration-open")
    withdraw(third.person, document=SEMINAR, by=office_at_work.staff, now=clock.now())
    look_twice(page, look, page_of(third), "registration-must-agree")
    look_twice(page, look, page_of(third, "terms/"), "registration-terms")
    people.remove(third.pk, clause=2, reason="理由", by=office_at_work.staff, **now_and_wall())
    look_twice(page, look, page_of(third), "registration-removed")
    giving.suspend(seminar.pk, pressed(office_at_work), reason="停電")
    look_twice(page, look, page_of(second), "registration-suspended")
    giving.cancel(seminar.pk, pressed(office_at_work), reason="停電")
    story.settle()
    look_twice(page, look, page_of(second), "registration-cancelled")


@pytest.fixture
def partner(office_at_work: Office, seminar: Seminar) -> Person:
    """An employer's contact who gives it with the office."""
    contact = make_contact(office_at_work, now=clock.now())
    people.add_partner(seminar.pk, contact, by=office_at_work.staff, now=clock.now(), wall=clock.wall())
    return contact


def test_pages_of_the_signed_in_are_sound(page: Page, story: Story, partner: Person, look: Look, live_server: LiveServer) -> None:
    """The job seeker's own list, the employer's overview, their page, and the kind word to who comes to the wrong door."""
    seminar, seeker = partner.seminars.get().seminar, guest()
    registered(seminar, seeker)
    story.settle()
    keep_session(page, live_server, signed_in(seeker))
    look_twice(page, look, "/mine/", "mine-registration")
    page.context.clear_cookies()
    keep_session(page, live_server, signed_in(partner))
    look_twice(page, look, "/employer/", "employer-seminars")
    look_twice(page, look, f"/seminars/{seminar.number}/register/", "seminar-for-job-seekers")
    look_twice(page, look, f"/employer/seminars/{seminar.number}/", "employer-seminar-terms")
    page.get_by_role("button", name="同意する").click()
    page.locator("#error-summary").wait_for()
    look(page, "employer-seminar-errors")
    for name in ("agree", "zoom"):
        page.locator(f"[name={name}]").check()
    page.get_by_role("button", name="同意する").click()
    page.get_by_text("利用規約への同意を記録しました。").wait_for()
    story.move(story.at(13, 55))
    look_twice(page, look, f"/employer/seminars/{seminar.number}/", "employer-seminar")
