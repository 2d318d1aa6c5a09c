"""The office's day in Chromium at a desk's width, by keyboard: in with the second factor, confirm, enter, look; axe on every page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from booking.models import Booking
from booking.operations import applications
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.browser.conftest import DESK, PHONE
from tests.cast import Office, application, make_person
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations.factors import fresh_codes
from toyooka_hw.accounts.operations.staff import note_failed_sign_in
from toyooka_hw.audit.operations import record

Look = Callable[[Page, str], None]
PASSWORD = "correct horse battery"


@pytest.fixture
def asked(story: Story, office_at_work: Office) -> Booking:
    """A request for the story's session day."""
    now, wall = clock.now(), clock.wall()
    person = make_person()
    agree(
        person, Shown(office_at_work.version.pk, "利用規約を読み、同意します。", now - timedelta(minutes=1)), document=COUNSELLING, now=now
    )
    return applications.request(person, application(office_at_work.version, story.at(10)), now=now, wall=wall)


@pytest.fixture
def desk(page: Page, office_at_work: Office, look: Look) -> Page:
    """The work list, reached through the login by keyboard."""
    page.set_viewport_size(DESK)
    page.goto("/admin/")
    look(page, "admin-login")
    page.keyboard.type("sato")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(code_for(office_at_work.staff))
    page.keyboard.press("Enter")
    page.wait_for_url("**/today/")
    return page


def code_for(user: User) -> str:
    device = TOTPDevice.objects.create(user=user, name="携帯電話", confirmed=True)
    return f"{totp(device.bin_key):06}"


def test_board_says_who_failed_at_the_account(desk: Page, office_at_work: Office, look: Look) -> None:
    """After failures, too, the page is whole at a desk and on a phone."""
    note_failed_sign_in("sato", now=clock.now())
    desk.get_by_role("button", name="ログアウト").click()
    desk.goto("/admin/")
    desk.get_by_label("ユーザー名").fill("sato")
    desk.get_by_label("パスワード").fill(PASSWORD)
    desk.get_by_label("認証コード").fill(fresh_codes(office_at_work.staff)[0])
    desk.keyboard.press("Enter")
    desk.get_by_text("その後、失敗したログインが1回あります").wait_for()
    look(desk, "today-failed-sign-in")
    desk.set_viewport_size(PHONE)
    look(desk, "today-failed-sign-in")


def test_request_is_confirmed_by_keyboard(asked: Booking, desk: Page, look: Look) -> None:
    desk.goto(f"/admin/booking/booking/{asked.pk}/change/")
    desk.get_by_role("link", name="確定", exact=True).press("Enter")
    desk.wait_for_url("**/act/confirm/**")
    desk.keyboard.press("Enter")  # the choice of eligibility has the focus and is still to be made
    desk.get_by_text("資格の確認の結果を選んでください。").wait_for()
    look(desk, "admin-confirm-refused")
    desk.keyboard.press("Space")
    desk.keyboard.press("Enter")
    desk.get_by_text("予約を確定しました。メールでお知らせします。").wait_for()
    look(desk, "admin-confirmed")
    asked.refresh_from_db()
    assert (asked.state, asked.eligibility) == ("confirmed", "registered")


def test_own_pages_of_the_office_are_sound(asked: Booking, desk: Page, look: Look) -> None:
    for name, path in {
        "booking": f"booking/booking/{asked.pk}/change/",
        "propose": f"booking/booking/{asked.pk}/act/propose/",
        "decline": f"booking/booking/{asked.pk}/act/decline/",
        "withdraw": f"booking/booking/{asked.pk}/act/withdraw/",
        "contact": f"booking/booking/{asked.pk}/act/contact/",
        "enter": "booking/booking/enter/?q=豊岡",
        "enter-new": "booking/booking/enter/new/",
        "verify": f"accounts/person/{asked.applicant_id}/verify/",
        "absence": "booking/booking/roster/absence/",
    }.items():
        desk.goto(f"/admin/{path}")
        look(desk, f"admin-{name}")
    expect(desk).to_have_url("/admin/booking/booking/roster/absence/")


STOCK_LISTS = (
    "accounts/person",
    "accounts/usagerestriction",
    "accounts/user",
    "audit/auditentry",
    "booking/booking",
    "booking/counsellor",
    "booking/hold",
    "booking/meeting",
    "booking/zoomhost",
    "consent/changenotice",
    "consent/consent",
    "mail/outgoingmail",
)


def test_stock_lists_and_pages_of_the_audit_are_sound(asked: Booking, desk: Page, look: Look, office_at_work: Office) -> None:
    changes = {"担当者": ("佐藤", "田中")}
    entry = record("担当者の変更", asked, by=office_at_work.staff, now=clock.now(), changes=changes, reason="研修のため")
    for width in (DESK["width"], 820):
        desk.set_viewport_size({**DESK, "width": width})
        for path in (*STOCK_LISTS, f"audit/auditentry/{entry.pk}/change", f"booking/zoomhost/{office_at_work.sato.default_host_id}/change"):
            desk.goto(f"/admin/{path}/")
            look(desk, f"admin-list-{path.replace('/', '-')}")
    desk.goto("/admin/audit/auditentry/")
    desk.get_by_label("検索").fill(asked.number)
    desk.get_by_role("button", name="検索する").click()
    expect(desk).to_have_url(f"/admin/audit/auditentry/?q={asked.number}")
    expect(desk.get_by_text("担当者の変更")).to_have_count(1)
