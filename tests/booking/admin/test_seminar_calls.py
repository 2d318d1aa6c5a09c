"""Seminars on the 電話リスト, on their own page, and among the failed mails: whom to phone, told by one press (S8-1)."""

from datetime import timedelta

import pytest

from booking.models import Seminar, SeminarCall
from booking.operations.seminars import giving, seats
from booking.queries import failed_mails
from consent.models import Method
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import queries_of
from tests.cast import MORNING, Office, make_person
from tests.pages import submit
from tests.seminars import STARTS, guest, press, published, register, sheet
from tests.visitor import at_time, text_of
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
PHONE_LIST = "/admin/booking/booking/calls/"
LIST = "/admin/booking/seminar/"
LATER = MORNING + timedelta(hours=1)
NOBODY = "お電話でお知らせする方はいません。"


def page_of(seminar: Seminar) -> str:
    return f"{LIST}{seminar.pk}/change/"


@pytest.fixture
def cancelled(office: Office) -> Seminar:
    """Somebody without a mailbox had a place in it; who reads mail has read it."""
    seminar = published(office)
    register(seminar, guest(1))
    person = make_person("電話 花子", email="", phone="+819044445555")
    seats.register(person, seminar.pk, sheet(), by=office.staff, method=Method.STAFF_PHONE, now=MORNING, wall=MORNING)
    giving.cancel(seminar.pk, press(office), reason="講師の都合により")
    OutgoingMail.objects.update(outbox_state="done", delivered_at=MORNING)
    return seminar


def test_list_says_whom_why_and_what_and_hides_the_number(office: Office, desk: Desk, cancelled: Seminar) -> None:
    words = text_of(desk.get(PHONE_LIST))
    said = (
        "催しのことでお電話する方1件",
        "はじめての在宅ワーク",
        "電話花子",
        "090-****-5555",
        "中止になったこと。",
        "理由：講師の都合により",
        "メールアドレスがありません",
        "まだ",
    )
    assert [part for part in said if part not in words] == []
    assert [part for part in ("参加1", "090-4444-5555") if part in words] == []


def test_one_press_ends_it_and_a_second_one_is_harmless(office: Office, desk: Desk, cancelled: Seminar) -> None:
    page = desk.get(PHONE_LIST)
    with at_time(MORNING):
        words = [text_of(submit(desk.client, page, action="/told/")) for _press in range(2)]
    assert ["電話でお知らせしたことを記録しました。" in each for each in words] == [True, True]
    assert ["催しのことでお電話する方" in each for each in words] == [False, False]
    assert (SeminarCall.objects.count(), AuditEntry.objects.filter(what="催し：電話でお知らせする").count()) == (1, 1)


def test_call_in_vain_is_noted_with_who_and_stays(office: Office, desk: Desk, cancelled: Seminar) -> None:
    with at_time(MORNING):
        words = text_of(submit(desk.client, desk.get(PHONE_LIST), action="/not_reached/"))
    assert ["4月6日（火）9:30つながらず（佐藤）" in words, "催しのことでお電話する方1件" in words] == [True, True]


def test_colleague_reads_who_was_faster(office: Office, desk: Desk, desk_of: DeskOf, cancelled: Seminar) -> None:
    theirs = desk_of(office.tanaka.user)
    page = theirs.get(PHONE_LIST)
    with at_time(MORNING):
        submit(desk.client, desk.get(PHONE_LIST), action="/told/")
        words = text_of(submit(theirs.client, page, action="/told/"))
    assert ("すでに佐藤さんが、4月6日（火）9:30に電話でお知らせしています。" in words, SeminarCall.objects.count()) == (True, 1)


def test_press_from_an_old_page_is_refused_in_words(office: Office, desk: Desk) -> None:
    seminar = published(office)
    person = make_person("電話 花子", email="")
    seats.register(person, seminar.pk, sheet(), by=office.staff, method=Method.STAFF_PHONE, now=MORNING, wall=MORNING)
    giving.suspend(seminar.pk, press(office), reason="停電のため")
    page = desk.get(PHONE_LIST)
    giving.resume(seminar.pk, press(office))
    with at_time(MORNING):
        words = text_of(submit(desk.client, page, action="/told/"))
    assert ("いまはありません。画面を開き直して" in words, "再開したこと。" in words, SeminarCall.objects.count()) == (True, True, 0)


def test_offer_is_answered_from_the_list(office: Office, desk: Desk) -> None:
    seminar = published(office, capacity=1)
    first = register(seminar, guest(1))
    person = make_person("電話 花子", email="")
    waiting = seats.register(person, seminar.pk, sheet(), by=office.staff, method=Method.STAFF_PHONE, now=MORNING, wall=MORNING)
    seats.withdraw(first.pk, now=MORNING, wall=MORNING)
    page = desk.get(PHONE_LIST)
    assert ["お返事の期限：4月7日（水）9:30" in text_of(page), "席のご案内を受ける" in text_of(page)] == [True, True]
    desk.post(_accept(page), next=PHONE_LIST)
    waiting.refresh_from_db()
    assert (waiting.seat, "催しのことでお電話する方" in text_of(desk.get(PHONE_LIST))) == ("seated", False)


def _accept(page: object) -> str:
    content = page.content.decode()
    return content.partition("/accept/?next=")[0].rpartition('href="')[2] + "/accept/"


def test_page_of_the_seminar_lists_them_too_and_then_who_told_them(office: Office, desk: Desk, cancelled: Seminar) -> None:
    page = desk.get(page_of(cancelled))
    assert "催しのことでお電話する方1件" in text_of(page)
    with at_time(MORNING):
        words = text_of(submit(desk.client, page, action="/told/"))
    assert "メールの届かない方（いまお伝えすることはありません）1名" in words
    assert ("電話花子" in words, "4月6日（火）9:30佐藤" in words) == (True, True)


def test_failed_mail_whose_reader_was_told_is_no_task_any_more(office: Office, desk: Desk) -> None:
    seminar = published(office)
    register(seminar, guest(1))
    OutgoingMail.objects.update(outbox_state="done", delivered_at=MORNING)
    giving.cancel(seminar.pk, press(office), reason="停電のため")
    OutgoingMail.objects.filter(subject__contains="中止").update(outbox_state="failed")
    assert len(failed_mails(now=LATER, most=9)) == 1
    with at_time(MORNING):
        submit(desk.client, desk.get(PHONE_LIST), action="/told/")
    assert failed_mails(now=LATER, most=9) == []


def test_who_may_not_change_seminars_reads_and_presses_nothing(office: Office, desk_of: DeskOf, member: object, cancelled: Seminar) -> None:
    desk = desk_of(member("監査"))
    page = desk.get(PHONE_LIST)
    assert ("電話花子" in text_of(page), "電話でお知らせした" in text_of(page)) == (True, False)
    person = cancelled.registrations.latest("pk").person_id
    assert desk.post(f"{LIST}{cancelled.pk}/calls/{person}/told/", about="step:1").status_code == 403


def test_recording_is_a_press_and_nothing_else(office: Office, desk: Desk, cancelled: Seminar) -> None:
    person = cancelled.registrations.latest("pk").person_id
    at = f"{LIST}{cancelled.pk}/calls/{person}/"
    assert [desk.get(f"{at}told/").status_code, desk.post(f"{at}gone/").status_code, SeminarCall.objects.count()] == [405, 404, 0]


def test_list_of_a_day_leaves_out_the_other_days(office: Office, desk: Desk, cancelled: Seminar) -> None:
    found = ["電話花子" in text_of(desk.get(PHONE_LIST, day=day)) for day in ("2027-04-08", "2027-04-09")]
    assert found == [True, False]


def test_list_asks_no_more_for_many(office: Office, desk: Desk, cancelled: Seminar) -> None:
    few = queries_of(desk, PHONE_LIST)
    for hour in range(1, 4):
        span = {"starts_at": STARTS + timedelta(hours=hour), "ends_at": STARTS + timedelta(hours=hour + 1)}
        seminar = published(office, **span)
        for number in range(2):
            person = make_person(f"電話 {hour}{number}", email="")
            seats.register(person, seminar.pk, sheet(), by=office.staff, method=Method.STAFF_PHONE, now=MORNING, wall=MORNING)
        giving.cancel(seminar.pk, press(office), reason="停電のため")
    assert (few, queries_of(desk, PHONE_LIST)) == (16, 16)
