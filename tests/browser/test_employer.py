"""An employer's contact in Chromium: every page at two widths, by keyboard, and with scripts off."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from booking.models import EmployerRequest, Participant
from booking.operations.calendar import set_policy
from consent.operations import withdraw
from consent.queries import COUNSELLING
from tests.browser.test_booking_journey import press
from tests.browser.test_immediate import look_twice
from tests.browser.test_terms import keep_session, signed_in
from tests.cast import MORNING, Office, make_person
from tests.employers import CONTACT, NUMBER, WORKS, make_contact, verify
from tests.flows.applying import newest_code
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person

Look = Callable[[Page, str], None]
DOOR, ASK = "/employer/", "/employer/ask/"


def fill_in(page: Page, story: Story) -> None:
    """A managed selection of two people at 13:15 of the session's day, and another wish."""
    page.get_by_label("管理選考").check()
    page.locator("[name=job_offer_number]").fill("２８０９０ー１２３４５６７８")
    page.locator("[name=people]").select_option("2")
    page.locator("[name=day_1]").select_option(story.session_day.isoformat())
    page.locator("[name=time_1]").select_option("13:15")
    page.get_by_text("ほかの希望日時を追加する").click()
    page.locator("[name=day_2]").select_option(story.session_day.isoformat())
    page.locator("[name=time_2]").select_option("09:00")
    page.locator("[name=arrangement]").fill("応募者への連絡をお願いします。")
    for name in ("environment", "recording"):
        page.locator(f"[name={name}]").check()


def send(page: Page) -> EmployerRequest:
    page.get_by_role("button", name="この内容で依頼する").click()
    page.get_by_role("heading", name="ご依頼の状況").wait_for()
    return EmployerRequest.objects.latest("pk")


def test_whole_way_with_scripts_off(new_context: Callable[..., BrowserContext], story: Story, office_at_work: Office) -> None:
    """First use, terms, request and withdrawal without a line of JavaScript."""
    context = new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(DOOR)
    page.get_by_role("link", name="メールアドレスを確認する").click()
    page.locator("[name=email]").fill(CONTACT)
    page.get_by_role("button", name="番号を送る").click()
    story.settle()
    page.locator("[name=code]").fill(newest_code(story.mailbox))
    page.get_by_role("button", name="次へ進む").click()
    for name, text in {
        "establishment_number": NUMBER,
        "establishment_name": WORKS,
        "full_name": "城崎 次郎",
        "phone": "0796-23-0202",
    }.items():
        page.locator(f"[name={name}]").fill(text)
    page.get_by_role("button", name="この内容で登録する").click()
    page.get_by_role("link", name="新しく依頼する").click()
    for name in ("bureau", "agree", "zoom"):
        page.locator(f"[name={name}]").check()
    page.get_by_role("button", name="同意して進む").click()
    page.get_by_role("link", name="新しく依頼する").click()
    fill_in(page, story)
    request = send(page)
    assert (request.people, request.candidates) == (2, [story.at(9), story.at(13, 15)])
    page.get_by_role("link", name="ご依頼を取り下げる").click()
    page.get_by_role("button", name="ご依頼を取り下げる").click()
    page.wait_for_url(f"**/employer/requests/{request.number}/")
    assert list(request.sessions.values_list("state", flat=True)) == ["withdrawn", "withdrawn"]
    context.close()


def test_pages_are_sound(page: Page, story: Story, office_at_work: Office, look: Look, live_server: LiveServer) -> None:
    look_twice(page, look, DOOR, "employer-door")
    contact = make_contact(office_at_work, verified=False)
    keep_session(page, live_server, signed_in(contact))
    look_twice(page, look, DOOR, "employer-empty")
    look_twice(page, look, "/employer/contact/", "employer-contact")
    page.locator("[name=establishment_number]").fill("12")
    page.get_by_role("button", name="この内容で登録する").click()
    page.locator("#error-summary").wait_for()
    look(page, "employer-contact-errors")
    look_twice(page, look, "/employer/book/", "employer-book-closed")
    look_twice(page, look, ASK, "employer-ask")
    page.get_by_role("button", name="この内容で依頼する").click()
    page.locator("#error-summary").wait_for()
    look(page, "employer-ask-errors")
    page.goto(ASK)
    fill_in(page, story)
    request = send(page)
    look(page, "employer-received")
    address = f"/employer/requests/{request.number}/"
    look_twice(page, look, f"{address}withdraw/", "employer-withdraw")
    verify(contact, office_at_work)
    set_policy("employers_book", "1", by=office_at_work.staff, reason="試験", now=clock.now())
    look_twice(page, look, "/employer/book/", "employer-book")
    arrange(request, office_at_work, make_person(email="seeker@example.jp"))
    withdraw(contact, document=COUNSELLING, by=office_at_work.staff, now=MORNING)
    look_twice(page, look, "/employer/terms/", "employer-terms")
    expect(page.get_by_role("button", name="同意して進む")).to_be_visible()
    look_twice(page, look, address, "employer-arranged")
    look_twice(page, look, DOOR, "employer-overview")


def test_request_by_keyboard(page: Page, story: Story, office_at_work: Office, live_server: LiveServer) -> None:
    keep_session(page, live_server, signed_in(make_contact(office_at_work)))
    page.goto(ASK)
    press(page, "the consultation", "[name=purpose]", "ArrowUp")  # from the first to the last of the group
    write_choice(page, "day_1", story.session_day.isoformat())
    write_choice(page, "time_1", "10:00")
    for name in ("environment", "recording"):
        press(page, name, f"[name={name}]", "Space")
    press(page, "send", "main button[type=submit].button--fill")
    page.wait_for_url("**/employer/requests/**")
    assert EmployerRequest.objects.get().purpose == "consultation"


def write_choice(page: Page, name: str, value: str) -> None:
    """Go through the choices of a list downwards until this one is chosen."""
    press(page, name, f"[name={name}]", "ArrowDown")
    while page.locator(f"[name={name}]").input_value() != value:
        page.keyboard.press("ArrowDown")


def arrange(request: EmployerRequest, office: Office, seeker: Person) -> None:
    """One of its sessions as it stands once arranged."""
    booking = request.sessions.earliest("pk")
    consent = booking.participants.get().consent
    Participant.objects.create(booking=booking, person=seeker, consent=consent, role=Participant.PartRole.JOB_SEEKER)
    fields = {"state": "confirmed", "confirmed_at": clock.now(), "counsellor": office.sato, "host": office.sato.default_host}
    request.sessions.filter(pk=booking.pk).update(**fields)
