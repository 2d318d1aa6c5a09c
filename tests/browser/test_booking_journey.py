"""The main job in Chromium: at 360 px by keyboard alone, and once with scripts off; axe on every page on the way."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from booking.links import token_of
from booking.models import Booking
from booking.operations import bookings
from booking.operations.bookings import Decision
from tests.cast import Office
from tests.flows.applying import newest_code, now_and_wall
from tests.stories import Story

Look = Callable[[Page, str], None]
MOST_TABS = 120
ERRORS = re.compile("^エラー：")


def tab_to(page: Page, description: str, matches: str) -> None:
    """Press Tab until the focused element matches the selector; the focus is always to be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", matches):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{description}: the focus cannot be seen"
            return
    pytest.fail(f"{description} ({matches}) cannot be reached by keyboard")


def press(page: Page, description: str, matches: str, key: str = "Enter") -> None:
    tab_to(page, description, matches)
    page.keyboard.press(key)


def write(page: Page, name: str, text: str) -> None:
    tab_to(page, name, f"[name='{name}']")
    page.keyboard.insert_text(text)


def tick_everything(page: Page) -> None:
    for name in ("agree", "zoom", "recording", "environment", "registration"):
        press(page, name, f"input[name='{name}']", "Space")


def week_of(story: Story) -> str:
    return f"/slots/?week={story.session_day - timedelta(days=story.session_day.weekday())}"


def test_request_by_keyboard_on_a_phone(page: Page, story: Story, office_at_work: Office, look: Look) -> None:
    page.goto("/")
    look(page, "top")
    press(page, "予約を申し込む", "a[href='/slots/']")
    page.wait_for_url("**/slots/")
    look(page, "slots")
    page.goto(week_of(story))
    start = story.at(10).isoformat()
    page.locator(f"input[value='{start}']").focus()
    page.keyboard.press("Space")
    press(page, "次へ進む", "button[type=submit]")
    page.wait_for_url("**/terms/")
    look(page, "terms")
    tick_everything(page)
    press(page, "次へ進む", "form button[type=submit]")
    page.wait_for_url("**/email/")
    look(page, "email")
    write(page, "email", "hanako@example.jp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/code/")
    story.settle()
    look(page, "code")
    write(page, "code", newest_code(story.mailbox))
    page.keyboard.press("Enter")
    page.wait_for_url("**/details/")
    look(page, "details")
    write(page, "full_name", "豊岡 花子")
    write(page, "job_seeker_number", "28090ー1234567")
    write(page, "phone", "09012345678")
    page.keyboard.press("Enter")
    page.wait_for_url("**/confirm/")
    look(page, "confirm")
    press(page, "この内容で申し込む", "form button[type=submit]")
    page.wait_for_url("**/done/")
    look(page, "done")
    expect(page.locator("main")).to_contain_text(Booking.objects.get().number)


def test_errors_are_told_in_a_summary_that_takes_the_focus(page: Page, story: Story, office_at_work: Office, look: Look) -> None:
    page.goto(week_of(story))
    page.locator(f"input[value='{story.at(10).isoformat()}']").check()
    page.get_by_role("button", name="次へ進む").click()
    page.wait_for_url("**/terms/")
    page.get_by_role("button", name="次へ進む").click()
    summary = page.get_by_role("alert").first
    summary.wait_for()
    look(page, "terms-errors")
    expect(page).to_have_title(ERRORS)
    expect(summary).to_contain_text("エラーが5件あります")


def test_whole_way_with_scripts_off(new_context: Callable[..., BrowserContext], story: Story, office_at_work: Office) -> None:
    """Request, confirmation, joining and the meeting's own room, without a line of JavaScript."""
    context = new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(week_of(story))
    page.locator(f"input[value='{story.at(10).isoformat()}']").check()
    page.get_by_role("button", name="次へ進む").click()
    for name in ("agree", "zoom", "recording", "environment", "registration"):
        page.locator(f"input[name='{name}']").check()
    page.get_by_role("button", name="次へ進む").click()
    page.locator("[name=email]").fill("hanako@example.jp")
    page.locator("main form button[type=submit]").first.click()
    story.settle()
    page.locator("[name=code]").fill(newest_code(story.mailbox))
    page.locator("main form button[type=submit]").first.click()
    page.locator("[name=full_name]").fill("豊岡 花子")
    page.locator("[name=job_seeker_number]").fill("28090-1234567")
    page.locator("[name=phone]").fill("090-1234-5678")
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_role("button", name="この内容で申し込む").click()
    page.wait_for_url("**/done/")
    booking = Booking.objects.get()
    bookings.confirm(booking.pk, Decision("registered", office_at_work.staff), **now_and_wall())
    story.settle()
    story.move(story.at(9, 55))
    context.clear_cookies()
    page.goto(f"/b/{token_of(booking)}/")
    page.locator("[name=digits]").fill("5678")
    page.get_by_role("button", name="入室する").click()
    page.wait_for_url(f"{story.zoom.url}/j/**")
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_public_pages_are_clean_at_both_widths(page: Page, story: Story, office_at_work: Office, look: Look, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for address in (
        "/",
        "/slots/",
        "/terms/counselling/",
        "/privacy/",
        "/accessibility/",
        "/guide/",
        "/demo/",
        "/demo/mail/",
        "/no-such-page/",
    ):
        page.goto(address)
        look(page, address.strip("/").replace("/", "-") or "top")
