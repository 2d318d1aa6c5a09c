"""The desk of immediate sessions in Chromium: two counsellors at once, the code on the one page that has it, by keyboard, on a tablet."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from booking.models import Booking, CodeDelivery, Hold, Meeting
from booking.operations import immediate
from tests.browser.conftest import DESK, source
from tests.cast import Office, make_regular, now_please
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import User

Look = Callable[[Page, str], None]
Sit = Callable[[User], Page]
PAGE = "/admin/booking/booking/desk/"
TABLET = {"width": 820, "height": 1180}


@pytest.fixture
def waiting(story: Story, office_at_work: Office) -> Booking:
    """佐藤 stands by, and 豊岡さん asks for a session now."""
    story.move(story.at(10, 0))
    now, wall = clock.now(), clock.wall()
    regular = make_regular(office_at_work, now=now)
    immediate.switch(office_at_work.sato.pk, on=True, by=office_at_work.sato.user, now=now)
    wish = now_please(office_at_work.version, now, companion="手話通訳 1名")
    made = immediate.request(regular, wish, now=now, wall=wall)
    story.settle()
    return made


@pytest.fixture
def sit(story: Story, new_context: Callable[[], BrowserContext], staff_client: Callable[[User], Client], live_server: LiveServer) -> Sit:
    """A browser of their own for each member of staff, past the login, with the desk open."""

    def open_desk(user: User) -> Page:
        context = new_context()
        context.add_cookies([{"name": "sessionid", "value": staff_client(user).cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        page.set_viewport_size(DESK)
        page.goto(PAGE)
        return page

    return open_desk


def sound(page: Page, look: Look, name: str) -> None:
    for size in (DESK, TABLET):
        page.set_viewport_size(size)
        look(page, name)


def test_two_counsellors_press_at_once_and_one_of_them_gets_it(
    sit: Sit, waiting: Booking, office_at_work: Office, story: Story, look: Look
) -> None:
    """Both see the request and press; the slower one reads who was faster."""
    sato, tanaka = sit(office_at_work.sato.user), sit(office_at_work.tanaka.user)
    sound(sato, look, "desk-waiting")
    press = "豊岡 花子さんの申込みを自分が受ける"
    for page in (sato, tanaka):
        page.evaluate("document.getElementById('poll').remove()")  # neither hears of the other before both have pressed
        expect(page.get_by_role("button", name=press)).to_have_count(1)
    for page in (sato, tanaka):  # both are under way before either is waited for
        page.get_by_role("button", name=press).focus()
        page.evaluate("() => void setTimeout(() => document.activeElement.form.requestSubmit(), 50)")
    for page in (sato, tanaka):
        page.locator(".messagelist li").wait_for()
    words = {page.locator(".messagelist").inner_text() for page in (sato, tanaka)}
    waiting.refresh_from_db()
    winner = waiting.counsellor.name if waiting.counsellor else ""
    assert words == {
        "申込みを受け付けました。番号をお伝えしてください。",
        f"{waiting.number} 豊岡 花子：すでに{winner}さんが「予約確定」にしました。",
    }
    assert Hold.objects.filter(booking=waiting).count() == 1
    story.settle()


def test_code_is_told_by_keyboard(sit: Sit, waiting: Booking, office_at_work: Office, story: Story, look: Look) -> None:
    page = sit(office_at_work.sato.user)
    page.get_by_role("button", name="豊岡 花子さんの申込みを自分が受ける").press("Enter")
    page.wait_for_url("**/delivery/")
    story.settle()
    page.get_by_role("button", name="番号を表示する").wait_for()  # the page asks by itself until the meeting stands
    meeting = Meeting.objects.get()
    assert [secret for secret in (meeting.grouped_id, meeting.passcode) if secret in source(page)] == []
    sound(page, look, "delivery-hidden")
    page.set_viewport_size(DESK)
    page.get_by_role("button", name="番号を表示する").press("Enter")
    page.get_by_text(meeting.grouped_id, exact=True).wait_for()
    sound(page, look, "delivery-shown")
    letter = page.get_by_role("textbox", name="メッセージの文面").input_value()
    assert ("豊岡 花子 様" in letter, meeting.passcode in letter) == (True, True)
    page.get_by_role("button", name="マイページでお伝えした").press("Enter")
    page.get_by_text("マイページでお伝えしたことを記録しました。").wait_for()
    assert meeting.passcode not in source(page)
    assert CodeDelivery.objects.get().route == "job_seeker_mypage"


def test_code_is_not_shown_to_a_colleague(sit: Sit, waiting: Booking, office_at_work: Office, story: Story, look: Look) -> None:
    now, wall = clock.now(), clock.wall()
    immediate.accept(waiting.pk, counsellor=office_at_work.sato.pk, by=office_at_work.sato.user, now=now, wall=wall)
    story.settle()
    page = sit(office_at_work.tanaka.user)
    page.get_by_role("link", name="豊岡 花子さんの番号の伝達と結果").press("Enter")
    page.get_by_text("この相談の担当は、佐藤さんです。").wait_for()
    sound(page, look, "delivery-closed")


def test_request_is_noticed_from_the_other_pages(sit: Sit, waiting: Booking, office_at_work: Office, look: Look) -> None:
    page = sit(office_at_work.tanaka.user)
    for path in ("today", "inbox"):
        page.goto(f"/admin/booking/booking/{path}/")
        page.get_by_text("いますぐの相談の申込みが1件、お待ちです。").wait_for()
        sound(page, look, f"pointer-{path}")
    page.get_by_role("link", name="「いますぐ」を開く").press("Enter")
    page.wait_for_url(f"**{PAGE}")


def test_switch_is_pressed_by_keyboard(sit: Sit, office_at_work: Office, story: Story, look: Look) -> None:
    story.move(story.at(10, 0))
    page = sit(office_at_work.tanaka.user)
    page.get_by_role("button", name="田中さんを受付中にする").press("Enter")
    page.get_by_text("田中さんを、受付中にしました。").wait_for()
    sound(page, look, "desk-empty")
