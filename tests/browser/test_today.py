"""A counsellor's day in Chromium: the board at 9:30, the clock that runs, polls that disturb nobody, keys, tablet, paper."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from playwright.sync_api import Page, Response, expect
from pytest_django.live_server_helper import LiveServer

from booking.models import Booking, ContactRecord
from booking.operations import applications, bookings
from booking.operations.bookings import Decision
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.booking.year import full_days, more_counsellors
from tests.browser.conftest import DESK
from tests.cast import Office, application, make_person
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import User

Look = Callable[[Page, str], None]
TODAY = "/admin/booking/booking/today/"
TABLET = {"width": 820, "height": 1180}
A_PAGE = rb"/Type\s*/Page\b"


@pytest.fixture
def today(story: Story, office_at_work: Office) -> Booking:
    """A session at 10:00, on the morning of its day."""
    now, wall, person = clock.now(), clock.wall(), make_person()
    shown = Shown(office_at_work.version.pk, "利用規約を読み、同意します。", now - timedelta(minutes=1))
    agree(person, shown, document=COUNSELLING, now=now)
    asked = applications.request(person, application(office_at_work.version, story.at(10), topic="手話通訳の希望"), now=now, wall=wall)
    made = bookings.confirm(asked.pk, Decision("registered", office_at_work.staff, office_at_work.sato.pk), now=now, wall=wall)
    story.move(story.at(9, 30))
    return made


@pytest.fixture
def board(page: Page, today: Booking, office_at_work: Office, staff_client: Callable[[User], Client], live_server: LiveServer) -> Page:
    """佐藤's first page of the day, past the login."""
    cookie = staff_client(office_at_work.sato.user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.set_viewport_size(DESK)
    page.goto("/admin/")
    return page


def poll(page: Page) -> Response:
    """Let the page ask now instead of after its twenty seconds, and wait until the answer has been drawn."""
    drawn = "() => new Promise(done => document.body.addEventListener('htmx:afterRequest', () => setTimeout(done), { once: true }))"
    handle = page.evaluate_handle(f"window.drawn = ({drawn})(), null")
    with page.expect_response("**/today/**") as answer:
        page.evaluate("htmx.trigger('#poll', 'look')")
    page.evaluate("() => window.drawn")
    handle.dispose()
    return answer.value


def test_morning_shows_the_day_and_who_comes_next(board: Page, today: Booking, look: Look) -> None:
    expect(board).to_have_url(TODAY)
    board.get_by_role("heading", name="次の相談").wait_for()
    expect(board.locator("#next").get_by_role("link", name="豊岡 花子")).to_have_count(1)
    expect(board.locator("#grid").get_by_role("link", name="空き")).to_have_count(19)
    expect(board.get_by_text("手話通訳の希望")).to_have_count(0)
    look(board, "today-morning")
    board.set_viewport_size(TABLET)
    look(board, "today-morning")


def test_clock_runs_by_the_portals_time(board: Page, story: Story, today: Booking, look: Look) -> None:
    story.move(story.at(10, 5))
    board.reload()
    left = board.locator("#clocks [data-left]")
    before = left.inner_text()
    board.wait_for_function("before => document.querySelector('#clocks [data-left]').textContent !== before", arg=before)
    assert re.fullmatch(r"[0-4]:\d\d", before)
    look(board, "today-running")
    board.set_viewport_size(TABLET)
    look(board, "today-running")


def test_poll_brings_news_and_steals_neither_focus_nor_place(board: Page, story: Story, today: Booking) -> None:
    board.set_viewport_size({"width": 1280, "height": 500})
    link = board.locator(f"#seat-{today.pk}")
    link.focus()
    board.evaluate("window.scrollTo(0, 200)")
    Booking.objects.filter(pk=today.pk).update(counsellor_seen_at=story.at(9, 55))
    assert poll(board).headers["x-poll"] == "1"
    board.locator("#grid").get_by_text("担当者 9:55 入室").wait_for()
    assert board.evaluate("[document.activeElement.id, window.scrollY]") == [f"seat-{today.pk}", 200]


def test_poll_without_news_leaves_every_element_in_place(board: Page, today: Booking) -> None:
    board.evaluate("document.querySelector('#grid table').dataset.mine = 'yes'")
    poll(board)
    expect(board.locator("#grid table[data-mine=yes]")).to_have_count(1)


def test_choice_of_a_colleague_is_not_taken_away_by_a_poll(board: Page, office_at_work: Office, today: Booking) -> None:
    chosen = str(office_at_work.tanaka.pk)
    board.locator("#whose").focus()
    board.locator("#whose").select_option(chosen)
    Booking.objects.update(counsellor_seen_at=today.starts_at)
    poll(board)
    expect(board.locator("#whose")).to_have_value(chosen)


def test_poll_after_the_session_leads_to_the_login_and_back(board: Page) -> None:
    board.context.clear_cookies()
    board.evaluate("htmx.trigger('#poll', 'look')")
    board.wait_for_url(f"**/admin/login/?next={quote(TODAY, safe='')}")
    expect(board.get_by_role("heading", name="ログイン")).to_have_count(1)


def test_failed_poll_is_told(board: Page) -> None:
    board.route("**/today/", lambda route: route.abort())
    board.evaluate("htmx.trigger('#poll', 'look')")
    board.get_by_text("自動更新ができていません。").wait_for()
    board.unroute("**/today/")
    poll(board)
    expect(board.get_by_text("自動更新ができていません。")).to_be_hidden()


def test_call_is_noted_by_keyboard(board: Page, story: Story, today: Booking) -> None:
    story.move(story.at(10, 3))
    board.reload()
    board.get_by_role("button", name="電話：遅れる").focus()
    board.keyboard.press("Enter")
    board.get_by_text("遅れるとの連絡を記録しました。").wait_for()
    assert ContactRecord.objects.get().meaning == "late"
    expect(board.locator("#clocks [data-left]")).to_have_count(0)


def test_free_text_is_opened_on_demand_and_stays_through_a_poll(board: Page, today: Booking) -> None:
    board.locator("#grid").get_by_role("button", name="相談したいこと・同席を表示").press("Enter")
    board.locator("#grid").get_by_text("手話通訳の希望").wait_for()
    poll(board)
    expect(board.locator("#grid").get_by_text("手話通訳の希望")).to_have_count(1)


def test_full_day_of_eight_counsellors_fits_the_desk_the_tablet_and_one_sheet(
    board: Page, story: Story, today: Booking, look: Look
) -> None:
    more_counsellors(6)
    assert full_days(today, story.session_day, story.session_day) == 79
    for size in (DESK, TABLET):
        board.set_viewport_size(size)
        board.goto(TODAY)
        look(board, "today-full")
    board.goto(f"{TODAY}print/")
    look(board, "today-print")
    sheet = board.pdf(prefer_css_page_size=True)
    assert len(re.findall(A_PAGE, sheet)) == 1


def test_week_is_sound(board: Page, today: Booking, look: Look) -> None:
    for size in (DESK, TABLET):
        board.set_viewport_size(size)
        board.goto("/admin/booking/booking/week/")
        look(board, "week")
    board.get_by_role("link", name=re.compile("（木）")).first.click()
    expect(board).to_have_url(re.compile(r"/today/\?day="))
