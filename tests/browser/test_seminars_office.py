"""The office's pages for seminars in Chromium, at a desk: axe is silent on each, and one is drawn up and published by keyboard."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from booking.models import Seminar, SeminarCall
from booking.operations.press import Press
from booking.operations.seminars import giving, people, seats
from tests.browser.conftest import DESK
from tests.browser.test_immediate import look_twice
from tests.cast import Office, make_person
from tests.employers import make_contact
from tests.flows.applying import now_and_wall
from tests.seminars import guest, sheet, terms
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import User

Look = Callable[[Page, str], None]
LIST = "/admin/booking/seminar/"
CALLS = "/admin/booking/booking/calls/"
CLOSING = "/admin/booking/booking/closing/"
HOUR = timedelta(hours=1)


def drawn(story: Story, office: Office, **details: object) -> Seminar:
    starts = story.at(14)
    usual = {
        "title": "城崎製作所 オンライン見学会",
        "kind": "company_tour",
        "description": "工場の様子と働き方を、担当の方がご案内します。\n質問の時間があります。",
        "audience": "ものづくりの仕事に関心のある方",
        "materials": "会社案内（メールでお送りします）",
        "starts_at": starts,
        "ends_at": starts + HOUR,
        "opens_at": clock.now() - HOUR,
        "closes_at": story.at(12),
        "capacity": 2,
        "functions": ["chat", "questions"],
        "counsellor": office.sato,
        "host": office.sato.default_host,
    }
    return giving.create(Seminar(**{**usual, **details}), Press(office.staff, clock.now(), clock.wall()))


@pytest.fixture
def tour(story: Story, office_at_work: Office) -> Seminar:
    """A company tour with a speaker, a company, people with and without a seat and without a mailbox."""
    terms()
    seminar, now = drawn(story, office_at_work), clock.now()
    people.add_speaker(seminar.pk, name="但馬 一郎", affiliation="城崎製作所", by=office_at_work.staff, now=now)
    people.add_partner(seminar.pk, make_contact(office_at_work), by=office_at_work.staff, now=now, wall=clock.wall())
    giving.publish(seminar.pk, Press(office_at_work.staff, now, clock.wall()))
    for person in (guest(1), guest(2), make_person("電話 花子", email="", phone="+819044445555")):
        seats.register(person, seminar.pk, sheet(companion="手話通訳 1名"), now=now, wall=clock.wall())
    story.settle()
    return seminar


@pytest.fixture
def desk(page: Page, office_at_work: Office, live_server: LiveServer, staff_client: Callable[[User], Client]) -> Page:
    page.set_viewport_size(DESK)
    session = staff_client(office_at_work.staff).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    return page


def test_pages_of_a_seminar_are_sound(tour: Seminar, desk: Page, look: Look) -> None:
    row = tour.registrations.order_by("pk")[0]
    for name, path in {
        "list": "",
        "add": "add/",
        "page": f"{tour.pk}/change/",
        "edit": f"{tour.pk}/edit/",
        "suspend": f"{tour.pk}/act/suspend/",
        "people": f"{tour.pk}/people/",
        "take-out": f"{tour.pk}/attendance/list/",
        "enter": f"{tour.pk}/enter/?q=電話",
        "enter-new": f"{tour.pk}/enter/new/",
        "remove": f"people/{row.pk}/remove/",
        "speaker": f"{tour.pk}/speakers/add/",
        "partners": f"{tour.pk}/partners/?q=城崎",
    }.items():
        desk.goto(f"{LIST}{path}")
        look(desk, f"seminar-{name}")
    expect(desk).to_have_url(f"{LIST}{tour.pk}/partners/?q={quote('城崎')}")


def test_seminar_on_the_boards_is_sound(story: Story, tour: Seminar, desk: Page, look: Look) -> None:
    day = story.session_day.isoformat()
    for name in ("today", "week", "tomorrow", "today/print"):
        desk.goto(f"/admin/booking/booking/{name}/?day={day}")
        look(desk, f"seminar-board-{name.replace('/', '-')}")
    expect(desk.get_by_text("城崎製作所 オンライン見学会")).to_have_count(1)


def test_calls_are_told_by_keyboard_and_the_days_closing_is_sound(
    story: Story, office_at_work: Office, tour: Seminar, desk: Page, look: Look
) -> None:
    """At a desk and on a phone: whom no mail reaches, what is left of the day, and the recording that has to wait."""
    phoned = seats.register(make_person("電話 太郎", email="", phone="+819044446666"), tour.pk, sheet(), **now_and_wall())
    giving.suspend(tour.pk, Press(office_at_work.staff, clock.now(), clock.wall()), reason="停電のため")
    story.settle()
    for path, name in ((CALLS, "seminar-calls"), (f"{LIST}{tour.pk}/change/", "seminar-page-suspended")):
        look_twice(desk, look, path, name)
    desk.set_viewport_size(DESK)
    desk.goto(CALLS)
    desk.get_by_role("button", name="電話でお知らせした（電話 太郎）").press("Enter")
    desk.get_by_text("電話でお知らせしたことを記録しました。").wait_for()
    assert SeminarCall.objects.get().person == phoned.person
    story.move(story.at(15, 5))
    for path, name in ((CLOSING, "seminar-closing"), (f"{LIST}{tour.pk}/people/", "seminar-people-over")):
        look_twice(desk, look, path, name)


def test_attendance_is_written_down_by_keyboard(story: Story, tour: Seminar, desk: Page, look: Look) -> None:
    story.move(story.at(15))
    look_twice(desk, look, f"{LIST}{tour.pk}/attendance/", "seminar-attendance")
    desk.set_viewport_size(DESK)
    desk.get_by_role("radio", name="参加", exact=True).first.focus()
    desk.keyboard.press("Space")
    desk.get_by_role("button", name="保存して実施済にする").press("Enter")
    desk.get_by_text("出欠を記録し、実施済にしました。").wait_for()
    look(desk, "seminar-held")
    tour.refresh_from_db()
    assert (tour.state, [row.attendance for row in tour.registrations.order_by("pk")]) == ("held", ["attended", "absent", ""])


def test_seminar_is_drawn_up_and_published_by_keyboard(story: Story, office_at_work: Office, desk: Page, look: Look) -> None:
    terms()
    desk.goto(f"{LIST}add/")
    desk.get_by_role("button", name="下書きを登録する").press("Enter")
    desk.get_by_text("名称を入力してください。").wait_for()
    look(desk, "seminar-add-refused")
    day = story.session_day.isoformat()
    for name, value in {
        "title": "はじめての在宅ワーク",
        "description": "在宅で働くために知っておきたいことを説明します。",
        "starts_at_0": day,
        "starts_at_1": "14:00",
        "ends": "15:00",
        "closes_at_0": day,
        "closes_at_1": "12:00",
        "capacity": "20",
    }.items():
        desk.locator(f"[name={name}]").fill(value)
    desk.locator("[name=counsellor]").select_option(label="佐藤")
    desk.get_by_role("button", name="下書きを登録する").press("Enter")
    desk.get_by_role("link", name="公開する").press("Enter")
    desk.wait_for_url("**/act/publish/**")
    look(desk, "seminar-publish")
    desk.keyboard.press("Enter")
    desk.get_by_text("公開しました。").wait_for()
    assert Seminar.objects.get().state == "published"
