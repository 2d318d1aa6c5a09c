"""The inbox in Chromium, by keyboard at a desk's width and on a tablet: one press confirms, several are declined after a look."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from booking.models import Booking
from booking.operations import applications, bookings, sessions
from booking.operations.bookings import Decision
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.browser.conftest import DESK
from tests.cast import Office, application, make_person
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import verify_person

Look = Callable[[Page, str], None]
INBOX = "/admin/booking/booking/inbox/"
TABLET = {"width": 820, "height": 1180}


def ask(office: Office, name: str, email: str, hour: int, story: Story, *, verified: bool = True, **stated: str) -> Booking:
    """Somebody asks for a session on the story's day."""
    now, wall, person = clock.now(), clock.wall(), make_person(name, email, f"+81905555{hour:04}")
    Person.objects.filter(pk=person.pk).update(job_seeker_number=f"28090-10001{hour}")
    agree(person, Shown(office.version.pk, "利用規約を読み、同意します。", now - timedelta(minutes=1)), document=COUNSELLING, now=now)
    if verified:
        verify_person(person, registered_phone=f"+81905555{hour:04}", by=office.staff, now=now)
    details = {"full_name": name, "job_seeker_number": f"28090-10001{hour}", **stated}
    return applications.request(person, application(office.version, story.at(hour), **details), now=now, wall=wall)


@pytest.fixture
def morning(story: Story, office_at_work: Office) -> dict[str, Booking]:
    """A plain request, one that states another number, one of somebody new, and a notice about a confirmed session."""
    made = {
        "plain": ask(office_at_work, "豊岡 花子", "hanako@example.jp", 10, story),
        "differs": ask(office_at_work, "但馬 太郎", "taro@example.jp", 11, story, job_seeker_number="28090-7654321"),
        "new": ask(office_at_work, "城崎 桜", "sakura@example.jp", 13, story, verified=False, companion="手話通訳 1名"),
        "noticed": ask(office_at_work, "出石 健一", "kenichi@example.jp", 14, story),
    }
    now, wall = clock.now(), clock.wall()
    bookings.confirm(made["noticed"].pk, Decision("to_switch", office_at_work.staff), now=now, wall=wall)
    sessions.record_contact(made["noticed"].pk, channel="online", meaning="cannot_come", now=clock.now(), wall=wall)
    story.settle()
    return made


@pytest.fixture
def inbox(page: Page, morning: object, office_at_work: Office, staff_client: Callable[[User], object], live_server: LiveServer) -> Page:
    """佐藤's inbox, past the login."""
    cookie = staff_client(office_at_work.sato.user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.set_viewport_size(DESK)
    page.goto(INBOX)
    return page


def test_plain_request_is_confirmed_by_one_key(inbox: Page, morning: dict[str, Booking], look: Look) -> None:
    look(inbox, "inbox")
    inbox.set_viewport_size(TABLET)
    look(inbox, "inbox")
    inbox.get_by_role("button", name="豊岡 花子さんの求職登録を確認して確定").press("Enter")
    inbox.get_by_text("予約を確定しました。メールでお知らせします。").wait_for()
    expect(inbox).to_have_url(INBOX)
    assert Booking.objects.get(pk=morning["plain"].pk).state == "confirmed"


def test_other_operations_unfold_by_keyboard(inbox: Page, morning: dict[str, Booking], look: Look) -> None:
    row = inbox.get_by_role("row").filter(has_text="但馬 太郎")
    expect(row.get_by_text("求職番号が登録と異なる")).to_have_count(1)
    row.get_by_text("ほかの操作").press("Enter")
    row.get_by_role("link", name="登録を申込みの内容に改める").press("Enter")
    look(inbox, "inbox-adopt")
    inbox.keyboard.press("Enter")
    inbox.get_by_text("登録の氏名・求職番号を、申込みのとおりに改めました。").wait_for()
    assert Person.objects.get(email="taro@example.jp").job_seeker_number == "28090-7654321"


def test_several_are_declined_by_keyboard_after_a_look(inbox: Page, morning: dict[str, Booking], look: Look) -> None:
    for name in ("但馬 太郎", "城崎 桜"):
        inbox.get_by_role("checkbox", name=f"{name}さんの申込み").press("Space")
    inbox.get_by_role("button", name="選んだ申込みをまとめてお断り").press("Enter")
    inbox.get_by_text("お断りする申込み").wait_for()
    look(inbox, "inbox-decline")
    inbox.get_by_role("radio").first.press("Space")
    inbox.keyboard.press("Enter")
    inbox.get_by_role("heading", name="お送りする文面").wait_for()
    look(inbox, "inbox-decline-sure")
    inbox.keyboard.press("Enter")
    inbox.get_by_role("heading", name="お断りした申込み（2件）").wait_for()
    look(inbox, "inbox-declined")
    assert [Booking.objects.get(pk=morning[name].pk).state for name in ("differs", "new")] == ["declined", "declined"]


def test_poll_leaves_a_chosen_row_alone_and_shows_what_came_in(inbox: Page, story: Story, office_at_work: Office) -> None:
    box = inbox.get_by_role("checkbox", name="但馬 太郎さんの申込み")
    box.check()
    ask(office_at_work, "竹野 一", "hajime@example.jp", 15, story)
    with inbox.expect_response("**/inbox/"):
        inbox.evaluate("htmx.trigger('#poll', 'look')")
    inbox.wait_for_function("() => !document.querySelector('.htmx-request')")
    expect(box).to_be_checked()
    expect(inbox.locator("#waiting").get_by_text("竹野 一")).to_have_count(0)
    box.uncheck()
    with inbox.expect_response("**/inbox/"):
        inbox.evaluate("htmx.trigger('#poll', 'look')")
    inbox.locator("#waiting").get_by_role("link", name="竹野 一").wait_for()


def test_open_fold_that_holds_news_back_says_so(inbox: Page, story: Story, office_at_work: Office) -> None:
    """The time of the page goes on; whoever left a fold open would take the list for the present one."""
    news = inbox.get_by_text("新しい内容があります。")
    inbox.get_by_role("row").filter(has_text="但馬 太郎").get_by_text("ほかの操作").press("Enter")
    expect(news).to_be_hidden()
    ask(office_at_work, "竹野 一", "hajime@example.jp", 15, story)
    inbox.evaluate("htmx.trigger('#poll', 'look')")
    news.wait_for()
    expect(inbox.locator("#waiting").get_by_text("竹野 一")).to_have_count(0)
    inbox.get_by_role("row").filter(has_text="但馬 太郎").get_by_text("ほかの操作").press("Enter")
    inbox.locator("#waiting").get_by_role("link", name="竹野 一").wait_for()
    expect(news).to_be_hidden()
