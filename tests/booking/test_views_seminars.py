"""Seminars in public: the list with its filters, each one's page in every state, the calendar file."""

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries

from booking.models import Seminar
from booking.operations.seminars import giving, people, seats
from tests.cast import BEFORE_TERMS, MORNING, THURSDAY, Office, at
from tests.employers import WORKS, make_contact
from tests.seminars import CLOSES, STARTS, drawn_up, guest, press, published, recorded, register, terms
from tests.visitor import Visitor, text_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LIST = "/seminars/"


def page_of(seminar: Seminar, below: str = "") -> str:
    return f"/seminars/{seminar.number}/{below}"


def titles(page: Any) -> list[str]:
    return [card.seminar.title for card in page.context["cards"]]


def seminars_at(office: Office, *hours: int, **details: Any) -> list[Seminar]:
    return [
        published(office, title=f"{hour}時の催し", starts_at=at(THURSDAY, hour), ends_at=at(THURSDAY, hour, 30), **details)
        for hour in hours
    ]


# --- the list ----------------------------------------------------------------------------------------------------------------


def test_list_without_seminars_names_the_next_step(office: Office) -> None:
    page = Visitor().get(LIST)
    assert "現在ご案内しているセミナー・企業見学会はありません。" in text_of(page)
    assert ('href="/slots/"' in page.content.decode(), "絞り込む" in text_of(page)) == (True, False)


def test_list_shows_what_lies_ahead_the_next_one_first(office: Office) -> None:
    later, sooner = seminars_at(office, 15, 14)
    drawn_up(office, title="下書き")
    assert titles(Visitor().get(LIST)) == [sooner.title, later.title]
    assert titles(Visitor(sooner.ends_at).get(LIST)) == [later.title]


def test_list_keeps_what_is_suspended_and_leaves_out_what_is_cancelled(office: Office) -> None:
    suspended, cancelled = seminars_at(office, 14, 15)
    giving.suspend(suspended.pk, press(office), reason="停電")
    giving.cancel(cancelled.pk, press(office), reason="停電")
    page = Visitor().get(LIST)
    assert (titles(page), "一時中止" in text_of(page)) == ([suspended.title], True)


def test_list_is_filtered_by_kind(office: Office) -> None:
    seminars_at(office, 14)
    (tour,) = seminars_at(office, 15, kind="company_tour")
    assert titles(Visitor().get(f"{LIST}?kind=company_tour")) == [tour.title]
    page = Visitor().get(f"{LIST}?kind=other")
    assert (titles(page), "条件に合う催しは、現在ありません。" in text_of(page)) == ([], True)
    assert len(titles(Visitor().get(f"{LIST}?kind=nonsense"))) == 2


def test_list_is_filtered_by_seats_that_can_still_be_had(office: Office) -> None:
    full, free, shut, late = seminars_at(office, 13, 14, 15, 16, closes_at=CLOSES)
    for number in (1, 2):
        register(full, guest(number))
    giving.suspend(shut.pk, press(office), reason="停電")
    Seminar.objects.filter(pk=late.pk).update(closes_at=MORNING + HOUR)
    assert titles(Visitor(MORNING + HOUR).get(f"{LIST}?free=on")) == [free.title]


@pytest.mark.parametrize(
    ("capacity", "guests", "words"),
    [(1, 0, "残りわずか"), (2, 0, "空席あり"), (2, 1, "残りわずか"), (2, 2, "満席（キャンセル待ち）")],
)
def test_list_says_in_words_how_many_seats_are_left(office: Office, capacity: int, guests: int, words: str) -> None:
    seminar = published(office, capacity=capacity)
    for number in range(guests):
        register(seminar, guest(number))
    assert words in text_of(Visitor().get(LIST))


def test_seat_in_somebodys_hand_is_no_free_one(office: Office) -> None:
    seminar = published(office, capacity=1)
    first, _second = register(seminar, guest(1)), register(seminar, guest(2))
    seats.withdraw(first.pk, now=MORNING, wall=MORNING)
    assert "満席（キャンセル待ち）" in text_of(Visitor().get(LIST))


def test_list_before_any_terms_are_in_force_takes_no_registration(office: Office) -> None:
    seminar = published(office)
    words = text_of(Visitor(BEFORE_TERMS).get(LIST))
    assert "オンラインでの参加のお申込みは、まだご利用いただけません。" in words
    page = Visitor(BEFORE_TERMS).get(page_of(seminar))
    assert ("まだご利用いただけません" in text_of(page), "register/" in page.content.decode()) == (True, False)


def test_list_names_establishments_and_nobody(office: Office) -> None:
    seminar = drawn_up(office, kind="company_tour")
    people.add_partner(seminar.pk, make_contact(office), by=office.staff, now=MORNING, wall=MORNING)
    published_one(office, seminar)
    for path in (LIST, page_of(seminar)):
        words = text_of(Visitor().get(path))
        assert (WORKS in words, "城崎次郎" in words) == (True, False)


def published_one(office: Office, seminar: Seminar) -> Seminar:
    terms()
    return giving.publish(seminar.pk, press(office))


def test_list_asks_the_database_the_same_however_many_seminars(office: Office, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    visitor = Visitor()
    seminars_at(office, 14)
    with django_assert_num_queries(7):  # three of the transaction, the list with its partners, the terms, the banners
        visitor.get(LIST)
    register(seminars_at(office, 13, 15, 16)[0], guest())
    with django_assert_num_queries(7):
        visitor.get(LIST)


# --- one seminar -------------------------------------------------------------------------------------------------------------


def test_page_tells_everything_that_decides_whether_to_come(office: Office) -> None:
    seminar = drawn_up(
        office, audience="在宅の仕事をお探しの方", materials="筆記用具", access_support="字幕を付けられます。", organiser="bureau"
    )
    people.add_speaker(seminar.pk, name="竹田 光", affiliation="豊岡大学", by=office.staff, now=MORNING)
    published_one(office, seminar)
    page = Visitor().get(page_of(seminar))
    said = (
        "はじめての在宅ワーク", "在宅で働くために知っておきたいことを説明します。", "2027年4月8日（木）14:00～15:00（1時間）", "兵庫労働局",
        "在宅の仕事をお探しの方", "筆記用具", "竹田光（豊岡大学）", "字幕を付けられます。", "2名", "空席あり", "2027年4月8日（木）12:00まで",
        "チャット（主催者あて）、質問（Q&amp;A）", "参加は無料です。", "ウイルス対策ソフト", "ファイアウォール", "個室など", "録画・録音は、方法を問わず",
        "Zoomの利用規約を開く", "権利は、ハローワークまたは正当な権利をお持ちの方にあります。",
    )  # fmt: skip
    assert [words for words in said if words not in text_of(page)] == []
    links = (f'href="{page_of(seminar, "register/")}"', f'href="{page_of(seminar, "calendar.ics")}"', 'href="/terms/seminar/"')
    assert [link for link in links if link not in page.content.decode()] == []
    assert "録画します" not in text_of(page)


def test_recording_is_announced(office: Office) -> None:
    """S4-5, A12."""
    seminar = recorded(office)
    published_one(office, seminar)
    assert "この催しを録画します。参加者のお名前・映像は録画されないようにします。" in text_of(Visitor().get(page_of(seminar)))


def test_draft_is_nobodys_business(office: Office) -> None:
    seminar = drawn_up(office)
    paths = [page_of(seminar, below) for below in ("", "calendar.ics", "register/")]
    assert [Visitor().get(path).status_code for path in paths] == [404] * 3
    giving.cancel(seminar.pk, press(office), reason="取りやめ")
    assert [Visitor().get(path).status_code for path in paths] == [404] * 3
    assert Visitor().get("/seminars/1234-5678/").status_code == 404


def test_cancelled_one_says_so_and_leads_to_the_others(office: Office) -> None:
    seminar = published(office)
    giving.cancel(seminar.pk, press(office), reason="講師の都合による内部の事情")
    page = Visitor().get(page_of(seminar))
    assert ("この催しは、中止になりました。" in text_of(page), "ほかの催しを見る" in text_of(page)) == (True, True)
    assert [word for word in ("内部の事情", "参加を申し込む", "calendar.ics") if word in page.content.decode()] == []


def test_suspended_one_takes_nobody_until_it_is_resumed(office: Office) -> None:
    seminar = published(office)
    giving.suspend(seminar.pk, press(office), reason="停電")
    page = Visitor().get(page_of(seminar))
    assert ("ただいま、この催しを一時中止しています。" in text_of(page), "register/" in page.content.decode()) == (True, False)
    giving.resume(seminar.pk, press(office))
    assert "register/" in Visitor().get(page_of(seminar)).content.decode()


def test_ended_and_held_ones_say_so(office: Office) -> None:
    ended, held = seminars_at(office, 14, 15)
    giving.end_early(ended.pk, press(office, ended.starts_at), reason="停電")
    giving.close(held.pk, press(office, held.ends_at))
    assert "この催しは、途中で終了しました。" in text_of(Visitor(held.ends_at).get(page_of(ended)))
    assert "この催しは終了しました。" in text_of(Visitor(held.ends_at).get(page_of(held)))


def test_past_one_that_nobody_has_closed_is_over_all_the_same(office: Office) -> None:
    seminar = published(office)
    running = text_of(Visitor(STARTS).get(page_of(seminar)))
    over = text_of(Visitor(seminar.ends_at).get(page_of(seminar)))
    assert ["この催しは終了しました" in words for words in (running, over)] == [False, True]


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (MORNING - timedelta(seconds=1), "お申込みは、2027年4月6日（火）9:30から受け付けます。"),
        (MORNING, "参加を申し込む"),
        (CLOSES - timedelta(seconds=1), "参加を申し込む"),
        (CLOSES, "お申込みの受付は終了しました。"),
    ],
)
def test_page_offers_what_can_be_done_at_this_moment(office: Office, moment: Any, words: str) -> None:
    page = Visitor(moment).get(page_of(published(office)))
    assert words in text_of(page)
    assert ("register/" in page.content.decode()) == (words == "参加を申し込む")


def test_full_one_offers_the_waiting_list(office: Office) -> None:
    seminar = published(office, capacity=1)
    register(seminar, guest())
    words = text_of(Visitor().get(page_of(seminar)))
    assert ("キャンセル待ちを申し込む" in words, "参加を申し込む" in words) == (True, False)


def test_full_one_with_a_full_waiting_list_says_so_and_has_no_form(office: Office) -> None:
    seminar = published(office, capacity=1, waiting_places=0)
    register(seminar, guest())
    words = text_of(Visitor().get(page_of(seminar)))
    assert ("キャンセル待ちの受付も終わりました" in words, "キャンセル待ちを申し込む" in words) == (True, False)
    listed = text_of(Visitor().get(LIST))
    assert ("満席" in listed, "満席（キャンセル待ち）" in listed) == (True, False)


def test_page_asks_the_database_the_same_however_many_people(office: Office, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    seminar, visitor = drawn_up(office, capacity=9), Visitor()
    for number in range(3):
        people.add_speaker(seminar.pk, name=f"講師 {number}", by=office.staff, now=MORNING)
    published_one(office, seminar)
    with django_assert_num_queries(8):
        visitor.get(page_of(seminar))
    for number in range(3):
        register(seminar, guest(number))
    with django_assert_num_queries(8):
        visitor.get(page_of(seminar))


def test_calendar_file_is_everybodys_and_names_nobody(office: Office) -> None:
    seminar = published(office)
    register(seminar, guest())
    answer = Visitor().get(page_of(seminar, "calendar.ics"))
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "text/calendar; charset=utf-8", f'attachment; filename="seminar-{seminar.number}.ics"',
    )  # fmt: skip
    assert (str(event["SUMMARY"]), event.decoded("DTSTART"), event.decoded("DTEND")) == (
        "はじめての在宅ワーク（ハローワーク豊岡）", STARTS, STARTS + HOUR,
    )  # fmt: skip
    assert str(event["DESCRIPTION"]) == f"http://testserver{page_of(seminar)}"
    assert "guest" not in answer.content.decode()
