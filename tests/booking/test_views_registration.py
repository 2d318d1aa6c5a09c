"""The page of one registration behind its link: what it shows in every state, and the way into the meeting."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries

from booking.links import token_of
from booking.models import Meeting, Registration, Seminar
from booking.operations.seminars import giving, people, seats
from consent.models import ChangeNotice, Consent
from consent.operations import withdraw
from consent.queries import SEMINAR
from consent.rules import Ground
from tests.cast import MORNING, THURSDAY, Office, at, publish_terms
from tests.seminars import STARTS, guest, press, published, register, seats_of
from tests.visitor import Visitor, field_value, text_of
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
OPENS = STARTS - timedelta(minutes=10)
SECOND = timedelta(seconds=1)
ROOM = "http://127.0.0.1:9/j/85312345678?pwd=abc"


def page_of(row: Registration, below: str = "") -> str:
    return f"/e/{token_of(row)}/{below}"


def words_of(row: Registration, now: Any = MORNING) -> str:
    return text_of(Visitor(now).get(page_of(row)))


def press_join(row: Registration, now: Any = OPENS) -> HttpResponse:
    return Visitor(now).post(page_of(row, "join/"))


@pytest.fixture
def seminar(office: Office) -> Seminar:
    """For one person, its meeting ready."""
    row = published(office, capacity=1)
    Meeting.objects.filter(seminar=row).update(meeting_id=85312345678, join_url=ROOM, passcode="aB3xYz", ready_at=MORNING)
    return row


@pytest.fixture
def seated(seminar: Seminar) -> Registration:
    return register(seminar, guest(1))


@pytest.fixture
def waiting(seminar: Seminar, seated: Registration) -> Registration:
    return register(seminar, guest(2))


@pytest.fixture
def offered(seminar: Seminar, seated: Registration, waiting: Registration) -> Registration:
    seats.withdraw(seated.pk, now=MORNING, wall=MORNING)
    waiting.refresh_from_db()
    return waiting


# --- what it shows -----------------------------------------------------------------------------------------------------------


def test_seated_person_sees_where_it_stands_and_what_to_keep_to(seated: Registration) -> None:
    page = Visitor().get(page_of(seated))
    said = (
        "参加確定", "参加が確定しています。", "はじめての在宅ワーク", "2027年4月8日（木）14:00～15:00", seated.number,
        f"Zoomに表示されるお名前は受付番号（{seated.number}）にしてください。", "開始時刻の10分前（2027年4月8日（木）13:50）になると",
    )  # fmt: skip
    assert [words for words in said if words not in text_of(page)] == []
    assert ("入室する" in text_of(page), "zoom.us/j" in page.content.decode(), ROOM in page.content.decode()) == (False, False, False)


def test_page_shows_neither_name_nor_address_nor_phone(seated: Registration) -> None:
    page = Visitor().get(page_of(seated)).content.decode()
    assert [word for word in ("参加 1", "guest1", "5678", "28090") if word in page] == []


def test_page_carries_the_rules_of_the_terms(seated: Registration) -> None:
    """S4-3, S4-4a to c, S5-1, S6-1 to S6-7."""
    page = Visitor(OPENS).get(page_of(seated))
    said = (
        "この催しの目的のためだけに使い", "録画・録音は、方法を問わずできません。", "使用できる機能：チャット（主催者あて）、質問（Q&amp;A）",
        "Zoomの利用規約にも同意したものとみなします。", "権利は、ハローワークまたは正当な権利をお持ちの方にあります。",
        "参加をもって、利用規約に同意したものとみなします。", "担当者が入室を許可するまで、Zoomの画面でお待ちいただくことがあります。",
    )  # fmt: skip
    assert [words for words in said if words not in text_of(page)] == []
    forbidden = page.content.decode().partition("してはいけないこと（利用規約第6条）")[2].partition("</ol>")[0]
    assert forbidden.count("<li>") == 7


def test_recording_is_announced_at_the_way_in(seated: Registration) -> None:
    """S4-5, A12."""
    assert "録画します" not in words_of(seated)
    Seminar.objects.update(will_record=True)
    assert "この催しを録画します。参加者のお名前・映像は録画されないようにします。" in words_of(seated)


def test_page_is_neither_stored_nor_told_to_others(seated: Registration) -> None:
    headers = Visitor().get(page_of(seated)).headers
    assert ("no-store" in headers["Cache-Control"], headers["Referrer-Policy"]) == (True, "same-origin")


@pytest.mark.parametrize("spoil", ["{}x", "x{}", "x", "1-1", "1-1.{}"])
def test_link_that_was_never_given_out_is_not_found(seated: Registration, spoil: str) -> None:
    assert Visitor().get(f"/e/{spoil.format(token_of(seated))}/").status_code == 404


def test_revoked_link_is_not_found(seated: Registration) -> None:
    address = page_of(seated)
    Registration.objects.update(link_generation=2)
    assert Visitor().get(address).status_code == 404


@pytest.mark.parametrize(("second", "status"), [(-1, 200), (0, 410)])
def test_link_ends_with_the_day_of_the_seminar(seated: Registration, second: int, status: int) -> None:
    midnight = at(THURSDAY, 0) + timedelta(days=1, seconds=second)
    answer = Visitor(midnight).get(page_of(seated))
    assert answer.status_code == status
    assert ("催しの日が過ぎたため" in text_of(answer)) == (status == 410)


def test_waiting_person_sees_how_many_are_before_them(seminar: Seminar, waiting: Registration) -> None:
    third, fourth = register(seminar, guest(3)), register(seminar, guest(4))
    assert "次に席が空いたときは、あなたにご案内します。" in words_of(waiting)
    assert ["あなたの前に、1名の方がお待ちです。" in words_of(third), "あなたの前に、2名の方がお待ちです。" in words_of(fourth)] == [
        True,
        True,
    ]
    seats.withdraw(third.pk, now=MORNING, wall=MORNING)
    assert "あなたの前に、1名の方がお待ちです。" in words_of(fourth)


def test_suspended_seminar_is_told_and_keeps_everybody_out(office: Office, seminar: Seminar, seated: Registration) -> None:
    giving.suspend(seminar.pk, press(office), reason="停電")
    words = words_of(seated, OPENS)
    assert ("ただいま、この催しを一時中止しています。" in words, "入室する" in words) == (True, False)
    assert "参加確定" not in words
    answer = press_join(seated)
    assert (answer.status_code, answer.url) == (302, page_of(seated))


@pytest.mark.parametrize(
    ("step", "words"), [(giving.cancel, "この催しは、中止になりました。"), (giving.end_early, "この催しは、途中で終了しました。")]
)
def test_seminar_that_does_not_go_on_is_told(office: Office, seminar: Seminar, seated: Registration, step: Any, words: str) -> None:
    now = STARTS if step is giving.end_early else MORNING
    step(seminar.pk, press(office, now), reason="停電")
    page = Visitor(now).get(page_of(seated))
    assert (words in text_of(page), 'href="/seminars/"' in page.content.decode()) == (True, True)
    assert [below for below in ("withdraw/", "join/", "calendar.ics") if page_of(seated, below) in page.content.decode()] == []


def test_removed_person_is_told_to_phone_and_finds_no_way_in(office: Office, seated: Registration) -> None:
    """S8-2: also while it runs."""
    people.remove(seated.pk, clause=2, reason="内部の理由", by=office.staff, now=STARTS, wall=STARTS)
    words = words_of(seated, STARTS)
    assert "ハローワークの判断により、この催しへのご参加を停止しました。" in words
    assert [each for each in ("内部の理由", "第6条第2号", "入室する", "取り消す") if each in words] == []
    assert press_join(seated, STARTS).url == page_of(seated)
    assert Registration.objects.get(pk=seated.pk).first_joined_at is None


def test_whoever_is_signed_in_as_this_person_may_leave_the_device(seated: Registration) -> None:
    visitor = Visitor()
    assert 'action="/sign-out/"' not in visitor.get(page_of(seated)).content.decode()
    visitor.sign_in("mine", seated.person.email)
    assert 'action="/sign-out/"' in visitor.get(page_of(seated)).content.decode()


def test_page_asks_the_database_the_same_however_many_people(
    seminar: Seminar, waiting: Registration, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitor = Visitor()
    with django_assert_num_queries(11):
        visitor.get(page_of(waiting))
    for number in range(3, 6):
        register(seminar, guest(number))
    with django_assert_num_queries(11):
        visitor.get(page_of(waiting))


# --- withdrawing, answering ----------------------------------------------------------------------------------------------------


def test_withdrawal_asks_once_more_and_frees_the_seat_at_once(seminar: Seminar, seated: Registration, waiting: Registration) -> None:
    visitor = Visitor()
    assert "取り消しますか" in text_of(visitor.get(page_of(seated, "withdraw/")))
    assert seats_of(seminar) == ["seated", "waiting"]
    assert visitor.post(page_of(seated, "withdraw/")).url == page_of(seated)
    assert seats_of(seminar) == ["withdrawn", "offered"]
    words = text_of(visitor.get(page_of(seated)))
    assert ("参加のお申込みを取り消しました。" in words, "ほかの催しを見る" in words) == (True, True)


def test_withdrawal_pressed_twice_or_too_late_is_refused_kindly(seminar: Seminar, seated: Registration) -> None:
    late = Visitor(seminar.ends_at)
    assert "お申込みの状態が変わっています。" in text_of(late.get(late.post(page_of(seated, "withdraw/")).url))
    assert seats_of(seminar) == ["seated"]
    for _ in range(2):
        Visitor().post(page_of(seated, "withdraw/"))
    assert seats_of(seminar) == ["withdrawn"]
    assert OutgoingMail.objects.filter(subject__contains="取り消しました").count() == 1


def test_offered_seat_shows_its_time_and_is_taken(seminar: Seminar, offered: Registration) -> None:
    words = words_of(offered)
    assert [
        each
        for each in ("席が空きました。", "2027年4月7日（水）9:30まで、席を確保しています。", "参加する", "辞退する")
        if each not in words
    ] == []
    visitor = Visitor()
    assert visitor.post(page_of(offered, "answer/"), {"choice": "accept"}).url == page_of(offered)
    assert seats_of(seminar) == ["withdrawn", "seated"]
    assert "参加が確定しました。" in text_of(visitor.get(page_of(offered)))


def test_offered_seat_that_is_declined_goes_to_the_next(seminar: Seminar, offered: Registration) -> None:
    third = register(seminar, guest(3))
    Visitor().post(page_of(offered, "answer/"), {"choice": "decline"})
    assert seats_of(seminar) == ["withdrawn", "lapsed", "offered"]
    assert "ご案内した席は、ほかの方にお譲りしました。" in words_of(offered)
    third.refresh_from_db()
    assert "席が空きました。" in words_of(third)


def test_answer_after_its_time_is_refused_kindly(seminar: Seminar, offered: Registration) -> None:
    assert offered.answer_by is not None
    late = Visitor(offered.answer_by)
    assert "お返事の期限を過ぎています" in text_of(late.get(page_of(offered)))
    late.post(page_of(offered, "answer/"), {"choice": "accept"})
    assert "お申込みの状態が変わっています。" in text_of(late.get(page_of(offered)))
    assert seats_of(seminar) == ["withdrawn", "offered"]


@pytest.mark.parametrize("choice", ["", "nonsense"])
def test_answer_that_is_none_changes_nothing(seminar: Seminar, offered: Registration, choice: str) -> None:
    assert Visitor().post(page_of(offered, "answer/"), {"choice": choice}).url == page_of(offered)
    assert seats_of(seminar) == ["withdrawn", "offered"]


def test_opening_a_buttons_address_changes_nothing(seminar: Seminar, offered: Registration) -> None:
    """A mail scanner follows every link."""
    for below in ("answer/", "join/", "withdraw/", "terms/"):
        assert Visitor(OPENS).get(page_of(offered, below)).status_code in (200, 302)
    assert (seats_of(seminar), Registration.objects.filter(first_joined_at=None).count()) == (["withdrawn", "offered"], 2)


@pytest.mark.parametrize("below", ["withdraw/", "answer/", "join/", "terms/"])
def test_buttons_are_guarded_against_other_sites(seated: Registration, below: str) -> None:
    assert Client(enforce_csrf_checks=True).post(page_of(seated, below)).status_code == 403


def test_calendar_file_is_the_entry_of_the_mail(seated: Registration) -> None:
    mailed = Calendar.from_ical(OutgoingMail.objects.get(key__startswith="seminar:").calendar).walk("VEVENT")[0]
    (event,) = Calendar.from_ical(Visitor().get(page_of(seated, "calendar.ics")).content).walk("VEVENT")
    assert [str(event[name]) for name in ("UID", "SEQUENCE", "SUMMARY", "DESCRIPTION")] == [
        str(mailed[name]) for name in ("UID", "SEQUENCE", "SUMMARY", "DESCRIPTION")
    ]


def test_calendar_file_is_for_whoever_has_a_seat(waiting: Registration) -> None:
    assert Visitor().get(page_of(waiting, "calendar.ics")).status_code == 404


# --- joining -------------------------------------------------------------------------------------------------------------------


def test_join_leads_to_the_meeting_and_implies_consent_once(seated: Registration) -> None:
    """S1-1."""
    assert "入室する（Zoomが開きます）" in words_of(seated, OPENS)
    answer = press_join(seated)
    assert (answer.status_code, answer.url) == (303, ROOM)
    press_join(seated, STARTS)
    assert Registration.objects.get().first_joined_at == OPENS
    used = Consent.objects.get(method="deemed_use")
    assert (used.person, used.label, used.agreed_at, used.based_on) == (
        seated.person, "参加をもって、利用規約に同意したものとみなします。", OPENS, seated.consent,
    )  # fmt: skip
    assert used.label in words_of(seated, OPENS)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [(OPENS - SECOND, False), (OPENS, True), (STARTS + 2 * HOUR - SECOND, True), (STARTS + 2 * HOUR, False)],
)
def test_way_in_is_open_from_ten_minutes_before_to_an_hour_after(seated: Registration, moment: Any, opens: bool) -> None:
    """The page and the press agree."""
    assert ("入室する" in words_of(seated, moment), press_join(seated, moment).status_code) == (opens, 303 if opens else 302)


def test_too_early_is_told(seated: Registration) -> None:
    visitor = Visitor(OPENS - SECOND)
    visitor.post(page_of(seated, "join/"))
    assert "まだ入室できません。開始時刻が近づいてから、もう一度お試しください。" in text_of(visitor.get(page_of(seated)))
    assert Consent.objects.filter(method="deemed_use").count() == 0


def test_whoever_only_waits_is_not_let_in(waiting: Registration) -> None:
    assert "入室する" not in words_of(waiting, OPENS)
    visitor = Visitor(OPENS)
    visitor.post(page_of(waiting, "join/"))
    assert "このお申込みでは、入室できません。" in text_of(visitor.get(page_of(waiting)))
    assert Registration.objects.get(pk=waiting.pk).first_joined_at is None


def test_meeting_that_is_not_ready_is_told_and_the_press_is_kept(seated: Registration) -> None:
    Meeting.objects.update(meeting_id=None, join_url="", ready_at=None)
    visitor = Visitor(OPENS)
    assert visitor.post(page_of(seated, "join/")).url == page_of(seated)
    assert "Zoomの準備に時間がかかっています。" in text_of(visitor.get(page_of(seated)))
    assert Registration.objects.get().first_joined_at == OPENS


@pytest.fixture
def blocking(office: Office, seated: Registration) -> None:
    """The seminars' terms changed by individual consent, in force since Wednesday."""
    version = publish_terms(SEMINAR, 2, effective_at=at(date(2027, 4, 7), 0))
    told = {"summary": "改正", "reason": "改正", "bureau_url": "https://bureau.example.jp/", "content_matches": True}
    ChangeNotice.objects.create(version=version, ground=Ground.INDIVIDUAL_CONSENT, announced_by=office.staff, **told)


def test_terms_of_individual_consent_are_agreed_to_before_the_way_in(blocking: None, seated: Registration) -> None:
    """S9, C13-x."""
    visitor = Visitor(OPENS)
    assert "利用規約への同意が必要です" in text_of(visitor.get(page_of(seated)))
    assert visitor.post(page_of(seated, "join/")).url == page_of(seated, "terms/")
    page = visitor.get(page_of(seated, "terms/"))
    assert ("入室の前に、利用規約をご確認ください。" in text_of(page), "第2版の本文。" in text_of(page)) == (True, True)
    answer = {"shown": field_value(page, "shown"), "answer": "agree", "agree": "on", "zoom": "on"}
    assert visitor.post(page_of(seated, "terms/"), answer).url == page_of(seated)
    assert visitor.post(page_of(seated, "join/")).url == ROOM
    assert [(row.method, row.version.number) for row in Consent.objects.filter(version__number=2).order_by("pk")] == [
        ("checkbox", 2), ("deemed_use", 2),
    ]  # fmt: skip


def test_terms_that_are_refused_keep_the_way_closed(blocking: None, seated: Registration) -> None:
    visitor = Visitor(OPENS)
    page = visitor.get(page_of(seated, "terms/"))
    visitor.post(page_of(seated, "terms/"), {"shown": field_value(page, "shown"), "answer": "refuse"})
    assert (Consent.objects.get(version__number=2).agreed, visitor.post(page_of(seated, "join/")).url) == (False, page_of(seated, "terms/"))


def test_incomplete_answer_to_the_terms_records_nothing(blocking: None, seated: Registration) -> None:
    visitor = Visitor(OPENS)
    shown = field_value(visitor.get(page_of(seated, "terms/")), "shown")
    page = visitor.post(page_of(seated, "terms/"), {"shown": shown, "answer": "agree"})
    assert (list(page.context["form"].errors), Consent.objects.filter(version__number=2).count()) == (["agree", "zoom"], 0)


def test_consent_taken_back_keeps_the_way_closed(office: Office, seated: Registration) -> None:
    withdraw(seated.person, document=SEMINAR, by=office.staff, now=MORNING + HOUR)
    visitor = Visitor(OPENS)
    assert visitor.post(page_of(seated, "join/")).url == page_of(seated, "terms/")
    assert "同意が取り下げられています" in text_of(visitor.get(page_of(seated, "terms/")))


def test_nobody_is_asked_for_terms_that_bind_already(seated: Registration) -> None:
    assert Visitor(OPENS).get(page_of(seated, "terms/")).url == page_of(seated)
