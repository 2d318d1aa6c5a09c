"""The day's work on one page, with the same number of queries for one row and for thirty (C6-1-3, C6-1-4b, A7)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.admin.worklist import time_left, work_list
from booking.models import Booking, ContactRecord, Counsellor, Meeting, Participant, ZoomHost
from booking.operations import meetings, sessions
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import MORNING, SESSION, Office, make_person
from tests.simulator import SimulatorHandle
from tests.visitor import at_time, text_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import post
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
WORK_LIST = "/admin/booking/booking/worklist/"
QUARTER_PAST = SESSION + timedelta(minutes=15)


def test_request_waits_with_its_limit_and_its_buttons(desk: Desk, requested: Booking) -> None:
    words = text_of(desk.get(WORK_LIST))
    for expected in (
        "未確定の申込み（1件）",
        "期限まであと31時間",
        "豊岡花子",
        "4月8日（木）10:00",
        "申込受付",
        "確定",
        "日時を提案",
        "お断り",
    ):
        assert expected in words


def test_free_text_of_the_person_is_only_an_icon(desk: Desk, requested: Booking) -> None:
    Booking.objects.update(topic="持病の相談")
    page = desk.get(WORK_LIST).content.decode()
    assert ("持病の相談" in page, "相談内容・同席者の記入あり" in page) == (False, True)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(hours=49), "期限まであと2日"),
        (timedelta(hours=47, minutes=59), "期限まであと47時間"),
        (timedelta(minutes=59), "期限まであと59分"),
        (timedelta(0), "期限を過ぎています"),
    ],
)
def test_time_left_in_words(before: timedelta, words: str) -> None:
    assert time_left(SESSION, now=SESSION - before) == words


def test_session_of_today_needs_attention_when_the_office_did_not_do_its_part(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    words = text_of(desk_of(office.staff, QUARTER_PAST).get(WORK_LIST))
    assert "本日の予約4月8日（木）（1件）" in words
    assert "10分経過：要確認" in words
    assert "担当者の入室の記録がありません" in words


def test_session_before_its_grace_is_over_needs_no_attention(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    assert "要確認" not in text_of(desk_of(office.staff, SESSION + timedelta(minutes=9)).get(WORK_LIST))


def test_session_that_runs_well_shows_who_is_in_and_needs_no_attention(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    Participant.objects.update(first_joined_at=SESSION)
    running, over = (text_of(desk_of(office.staff, moment).get(WORK_LIST)) for moment in (QUARTER_PAST, confirmed.ends_at))
    assert ["利用者10:00入室" in words for words in (running, over)] == [True, True]
    assert ["利用者が入室しています" in words for words in (running, over)] == [False, True]


def test_session_without_an_outcome_stays_on_the_list_next_day(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    words = text_of(desk_of(office.staff, SESSION + timedelta(days=1)).get(WORK_LIST))
    assert "結果の記録がない予約（1件）" in words


def test_counsellor_goes_in_by_a_fresh_link_and_is_noted(
    desk_of: DeskOf, office: Office, confirmed: Booking, zoom: SimulatorHandle
) -> None:
    meetings.ensure_meeting(Meeting.objects.get().pk, now=MORNING, wall=MORNING + timedelta(hours=2))
    early = SESSION - timedelta(minutes=5)
    desk = desk_of(office.staff, early)
    assert "担当者として入室" in text_of(desk.get(WORK_LIST))
    with at_time(early):
        response = desk.client.post(f"/admin/booking/booking/{confirmed.pk}/host/")
    confirmed.refresh_from_db()
    assert response.headers["Location"].startswith(zoom.url)
    assert confirmed.counsellor_seen_at == early


def test_counsellor_who_could_not_go_in_is_not_noted(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    words = text_of(desk_of(office.staff, SESSION).post(f"/admin/booking/booking/{confirmed.pk}/host/"))
    confirmed.refresh_from_db()
    assert ("Zoomの準備ができていないか" in words, confirmed.counsellor_seen_at) == (True, None)


def test_host_button_the_day_before_is_refused_and_notes_nobody(desk: Desk, confirmed: Booking) -> None:
    words = text_of(desk.post(f"/admin/booking/booking/{confirmed.pk}/host/"))
    confirmed.refresh_from_db()
    assert ("開始の少し前からです" in words, confirmed.counsellor_seen_at) == (True, None)


def test_host_link_is_never_opened_by_a_get(desk: Desk, confirmed: Booking) -> None:
    assert desk.get(f"/admin/booking/booking/{confirmed.pk}/host/").status_code == 405


def test_meeting_given_up_is_tried_again(desk: Desk, confirmed: Booking) -> None:
    Meeting.objects.update(outbox_state=OutboxState.FAILED, last_error="quota")
    assert "作成できなかったZoom" in text_of(desk.get(WORK_LIST))
    desk.post(f"/admin/booking/booking/meeting/{Meeting.objects.get().pk}/again/")
    assert Meeting.objects.get().outbox_state == OutboxState.WANTED


def test_mail_given_up_is_sent_again(desk: Desk, requested: Booking) -> None:
    OutgoingMail.objects.update(outbox_state=OutboxState.FAILED, last_error="SMTP 550")
    page = text_of(desk.get(WORK_LIST))
    assert ("SMTP550" in page, "hanako@example.jp" in page) == (True, False)
    desk.post(f"/admin/mail/outgoingmail/{OutgoingMail.objects.get().pk}/again/")
    assert OutgoingMail.objects.get().outbox_state == OutboxState.WANTED


# --- the same number of queries, however much work there is -------------------------------------------------------------


def copy(booking: Booking, number: int, person: Person, **changes: object) -> Booking:
    """One more booking of somebody else, straight into the table: holds and capacity are beside the point here."""
    consent = booking.participants.get().consent
    fields = {field.attname: getattr(booking, field.attname) for field in Booking._meta.concrete_fields if not field.primary_key}
    made = Booking.objects.create(**{**fields, "number": f"9999-{number:04}", "applicant_id": person.pk, "draft_key": None, **changes})
    Participant.objects.create(booking=made, person=person, consent=consent)
    ContactRecord.objects.create(booking=made, channel="phone", meaning="late", at=MORNING)
    return made


def fill(booking: Booking, numbers: range) -> None:
    """One row more in every part of the page for each number."""
    for number in numbers:
        people = [make_person(f"利用者{number}-{part}", email=f"{part}{number}@example.jp") for part in range(3)]
        host = ZoomHost.objects.create(email=f"host{number}@zoom.example.jp", name=f"ライセンス{number}")
        counsellor = Counsellor.objects.create(user=User.objects.create(username=f"staff{number}"), name=f"担当{number}", default_host=host)
        copy(booking, number, people[0], state="requested", counsellor_id=counsellor.pk)
        today = copy(booking, 1000 + number, people[1], counsellor_id=counsellor.pk, host_id=host.pk)
        copy(booking, 2000 + number, people[2], starts_at=SESSION - timedelta(days=1), ends_at=SESSION - timedelta(hours=23))
        Meeting.objects.create(booking=today, reference=f"r{number}", next_try_at=MORNING, outbox_state=OutboxState.FAILED)
        mail = post("code", to="a@example.jp", key=f"k{number}", now=MORNING, wall=MORNING, context={"code": "123456"})
        OutgoingMail.objects.filter(pk=mail and mail.pk).update(outbox_state=OutboxState.FAILED)


def queries_of(desk: Desk, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize(("path", "expected"), [(WORK_LIST, 27), ("/admin/booking/booking/", 8)])
def test_lists_ask_the_same_number_of_queries_for_one_and_for_thirty(
    desk_of: DeskOf, office: Office, confirmed: Booking, path: str, expected: int
) -> None:
    desk = desk_of(office.staff, QUARTER_PAST)
    fill(confirmed, range(1))
    one = queries_of(desk, path)
    fill(confirmed, range(1, 30))
    assert (one, queries_of(desk, path)) == (expected, expected)


def test_page_of_a_booking_asks_the_same_number_of_queries_however_long_its_history(desk: Desk, confirmed: Booking) -> None:
    path = f"/admin/booking/booking/{confirmed.pk}/change/"
    asked = []
    for minute in (1, 2, 3):
        desk.press(confirmed, "contact", channel="phone", meaning="late", note=f"{minute}分")
        desk.get(path)  # the message of the button is told once
        asked.append(queries_of(desk, path))
    assert asked == [17, 17, 17]


def test_all_rows_of_a_busy_day_are_shown(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    fill(confirmed, range(3))
    work = work_list(now=QUARTER_PAST)
    assert (len(work.unanswered), len(work.today), len(work.unclosed), len(work.mails), len(work.meetings)) == (3, 4, 3, 3, 3)


def test_coming_week_shows_what_people_wrote(desk: Desk, confirmed: Booking) -> None:
    """A6: the online notice is a task for staff, days before the session too."""
    sessions.record_contact(confirmed.pk, channel="online", meaning="cannot_come", now=MORNING, wall=MORNING)
    page = desk.get(WORK_LIST).content.decode()
    section = page[page.index('id="coming"') :]
    assert ("これから1週間の予約（1件）" in section, "オンラインの連絡フォーム：参加できない" in section, 'class="late"' in section) == (
        True,
        True,
        True,
    )
