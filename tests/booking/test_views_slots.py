"""The slot page: ten starts per open day, marks in words, four weeks, the same answer as the POST."""

import re
from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from booking.models import ApplicationDraft, Booking, Closure, Counsellor, DutyHours, Hold
from booking.operations import applications
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import BEFORE_TERMS, MORNING, SESSION, THURSDAY, TUESDAY, Office, application, at, make_counsellor, make_person
from tests.visitor import Visitor, at_time, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(office: Office) -> Visitor:
    return Visitor()


def test_slots_page_offers_ten_starts_on_an_open_day(visitor: Visitor) -> None:
    """C6-1-2-3."""
    page = visitor.get("/slots/").content.decode()
    assert re.findall(r'name="start" value="2027-04-08T(\d\d:\d\d)', page) == [
        *("10:00", "10:30", "11:00", "11:30"),
        *("13:00", "13:30", "14:00", "14:30", "15:00", "15:30"),
    ]


def test_slots_page_says_each_start_aloud(visitor: Visitor) -> None:
    Closure.objects.create(date=date(2027, 4, 9), label="停電")
    words = text_of(visitor.get("/slots/"))
    assert "4月8日木曜日10時空きあり" in words
    assert "4月6日火曜日10時受付終了" in words
    assert "4月9日（金）閉庁日（停電）" in words


def test_slots_page_tells_full_starts_from_closed_ones(visitor: Visitor, office: Office) -> None:
    for number in range(2):
        _request(office, f"rival{number}@example.jp")
    assert "4月8日木曜日10時満席" in text_of(visitor.get("/slots/"))


def test_slots_page_reaches_four_weeks(visitor: Visitor) -> None:
    """A16: 28 days ahead; golden week is closed and says so."""
    links = re.findall(r'href="\?week=([\d-]+)"', visitor.get("/slots/").content.decode())
    assert links == ["2027-04-06", "2027-04-12", "2027-04-19", "2027-04-26", "2027-05-03"]
    pages = [visitor.get(f"/slots/?week={link}").content.decode() for link in links]
    assert re.findall(r'id="day-([\d-]+)"', "".join(pages)) == [(TUESDAY + timedelta(days=offset)).isoformat() for offset in range(29)]


def test_slots_page_opens_at_the_first_week_with_a_free_place(visitor: Visitor) -> None:
    visitor.now = at(date(2027, 4, 9), 16)  # Friday after the deadline for Monday
    assert visitor.get("/slots/").context["grid"].week.first == date(2027, 4, 12)


@pytest.mark.parametrize("week", ["", "nonsense", "1999-01-01", "2027-13-45"])
def test_slots_page_with_a_strange_week_shows_the_first(visitor: Visitor, week: str) -> None:
    assert visitor.get(f"/slots/?week={week}").context["grid"].week.first == TUESDAY


def test_slots_page_without_any_place_offers_the_other_ways(visitor: Visitor) -> None:
    """C1-1."""
    DutyHours.objects.all().delete()
    page = visitor.get("/slots/")
    assert "この週は、空いている日時がありません" in text_of(page)
    assert 'name="start"' not in page.content.decode()


def test_slots_page_before_any_terms_takes_no_booking(visitor: Visitor, office: Office) -> None:
    visitor.now = BEFORE_TERMS
    assert "まだご利用いただけません" in text_of(visitor.get("/slots/"))
    assert "まだご利用いただけません" in text_of(visitor.choose())
    assert ApplicationDraft.objects.count() == 0


def test_begin_without_a_choice_says_so_and_keeps_the_week(visitor: Visitor) -> None:
    page = visitor.post("/slots/begin/", {"week": "2027-04-19"})
    assert "希望日時を選んでください。" in text_of(page)
    assert page.context["grid"].week.first == date(2027, 4, 19)
    assert "エラー：" in page.content.decode().split("</title>")[0]


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (at(TUESDAY, 10), "この日時の受付は終了しました（前の開庁日の15:00まで）"),
        (at(date(2027, 4, 10), 10), "選んだ日は閉庁日です"),
        (at(THURSDAY, 12), "希望日時を選んでください"),
        (at(THURSDAY, 12, 30), "希望日時を選んでください"),
        (at(THURSDAY, 16), "希望日時を選んでください"),
        (at(THURSDAY, 10, 15), "希望日時を選んでください"),
        (at(date(2027, 5, 6), 10), "まだ受付を始めていません"),
    ],
)
def test_begin_with_a_start_that_cannot_be_had_says_why(visitor: Visitor, start: object, told: str) -> None:
    """§1.6: starts posted by hand are judged by the same rule as the page."""
    answer = visitor.choose(start)
    assert told in text_of(visitor.get(answer.url))
    assert ApplicationDraft.objects.count() == 0


@pytest.mark.parametrize(("minute", "target"), [(59, "/apply/"), (60, "/slots/")])
def test_begin_at_the_deadline_of_the_previous_open_day(visitor: Visitor, minute: int, target: str) -> None:
    """§1.6, A1: for Monday 2027-01-04 the public form closes on 2026-12-28 at 15:00."""
    visitor.now = at(date(2026, 12, 28), 14) + timedelta(minutes=minute)
    assert visitor.choose(at(date(2027, 1, 4), 10)).url.startswith(target)


@pytest.mark.parametrize("day", [date(2026, 9, 22), date(2026, 12, 29), date(2027, 3, 22)])
def test_closed_days_have_no_starts(visitor: Visitor, day: date) -> None:
    """§1.6."""
    visitor.now = at(day - timedelta(days=10), 9)
    page = visitor.get(f"/slots/?week={day}").content.decode()
    assert f'value="{day}T' not in page


def test_begin_opened_without_pressing_shows_the_slots(visitor: Visitor) -> None:
    assert visitor.get("/slots/begin/").url == "/slots/"


def test_changing_the_time_keeps_the_draft_and_marks_the_old_choice(visitor: Visitor) -> None:
    visitor.choose(at(date(2027, 4, 20), 13))
    page = visitor.get(f"/slots/?draft={visitor.draft.key}")
    assert page.context["grid"].week.first == date(2027, 4, 19)
    assert re.findall(r'value="([^"]+)" checked', page.content.decode()) == ["2027-04-20T13:00:00+09:00"]


def test_draft_of_another_browser_begins_anew(visitor: Visitor) -> None:
    visitor.choose()
    stranger = Visitor()
    stranger.choose(at(THURSDAY, 11), draft=str(visitor.draft.key))
    assert ApplicationDraft.objects.count() == 2
    assert visitor.draft.starts_at == SESSION


def test_signed_in_person_is_told_of_the_open_booking_by_page_and_post_alike(visitor: Visitor) -> None:
    """A16."""
    visitor.apply()
    page = visitor.get("/slots/")
    assert ("お申込み中の予約があります" in text_of(page), 'name="start"' in page.content.decode()) == (True, False)
    answer = visitor.choose(at(THURSDAY, 11))
    assert "すでにお申込み中の予約があります。" in text_of(visitor.get(answer.url))
    assert ApplicationDraft.objects.count() == 1


@pytest.mark.parametrize("start", ["0001-01-01T00:00", "0001-01-01T00:00+14:00", "9999-12-31T10:00", "2200-01-06T10:00", "あした"])
def test_begin_with_a_moment_of_another_age_asks_for_a_choice(visitor: Visitor, start: str) -> None:
    assert "希望日時を選んでください。" in text_of(visitor.post("/slots/begin/", {"start": start}))
    assert ApplicationDraft.objects.count() == 0


@pytest.mark.parametrize("many", [False, True])
def test_slots_page_costs_the_same_at_many_holds(
    visitor: Visitor, office: Office, many: bool, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12 if many else 1):
        _busy(make_counsellor(f"staff{number}", f"担当{number}"), office)
    with at_time(MORNING), django_assert_num_queries(7):
        visitor.client.get("/slots/")


def _request(office: Office, email: str) -> Booking:
    person = make_person(email=email)
    agree(person, Shown(office.version.pk, "同意", MORNING), document=COUNSELLING, now=MORNING)
    return applications.request(person, application(office.version), now=MORNING, wall=MORNING)


def _busy(counsellor: Counsellor, office: Office) -> None:
    booking = _request(office, f"{counsellor.user.username}@example.jp") if counsellor.user.username == "staff0" else Booking.objects.get()
    if counsellor.user.username != "staff0":
        Hold.objects.create(
            counsellor=counsellor, kind=Hold.Kind.RESERVATION, span=(SESSION, SESSION + timedelta(minutes=30)), booking=booking
        )
