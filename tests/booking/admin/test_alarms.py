"""Recordings and AI assistants are loud on 今日 and いますぐ until somebody has seen to them (C12-2)."""

from datetime import timedelta

import pytest

from booking.models import Booking, SessionAlarm
from booking.models.bookings import State
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import queries_of
from tests.cast import SESSION, Office, make_meeting_ready
from tests.visitor import text_of
from tests.zoom_notices import GUEST, NUMBER, message, post
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
TODAY = "/admin/booking/booking/today/"
DESK = "/admin/booking/booking/desk/"
LOUD = "Zoomの録画が始まりました。"


@pytest.fixture
def alarm(confirmed: Booking) -> SessionAlarm:
    return SessionAlarm.objects.create(booking=confirmed, kind="recording", instance="4444==", at=SESSION)


@pytest.fixture
def desk(office: Office, desk_of: DeskOf) -> Desk:
    """佐藤's desk a minute into the session."""
    return desk_of(office.staff, SESSION + timedelta(minutes=1))


def seen(alarm: SessionAlarm) -> str:
    return f"/admin/booking/booking/alarm/{alarm.pk}/seen/"


@pytest.mark.parametrize("page", [TODAY, DESK])
def test_alarm_is_loud_until_somebody_has_seen_to_it(desk: Desk, alarm: SessionAlarm, page: str) -> None:
    words = text_of(desk.get(page))
    assert (words.count(LOUD), words.count(alarm.booking.number) > 0) == (1, True)
    answer = text_of(desk.post(seen(alarm), next=page))
    assert (f"{alarm.booking.number}の警告を「確認した」にしました。" in answer, answer.count(LOUD)) == (True, 0)


def test_second_press_says_that_somebody_was_faster(desk: Desk, office: Office, alarm: SessionAlarm) -> None:
    desk.post(seen(alarm))
    before = AuditEntry.objects.count()
    assert "すでにほかの職員が確認しています。" in text_of(desk.post(seen(alarm)))
    assert AuditEntry.objects.count() == before


def test_ai_has_words_of_its_own(desk: Desk, alarm: SessionAlarm) -> None:
    SessionAlarm.objects.update(kind="ai_summary")
    words = text_of(desk.get(TODAY))
    assert [words.count(each) for each in ("ZoomのAIによる要約・文字起こしが動いています。", LOUD)] == [1, 0]


def test_no_other_day_shows_alarms(desk: Desk, alarm: SessionAlarm) -> None:
    assert LOUD not in text_of(desk.get(TODAY, day="2027-04-09"))


def test_person_who_came_after_all_is_shown_until_the_record_is_corrected(desk: Desk, confirmed: Booking) -> None:
    Booking.objects.update(state=State.CANCELLED_NO_CONTACT)
    confirmed.participants.update(first_joined_at=SESSION)
    told = "「ご連絡なし」でキャンセルになった方が、入室していました。"
    assert text_of(desk.get(TODAY)).count(told) == 1
    Booking.objects.update(state=State.COMPLETED)
    assert text_of(desk.get(TODAY)).count(told) == 0


def test_many_alarms_cost_as_many_queries_as_one(desk: Desk, alarm: SessionAlarm) -> None:
    one = queries_of(desk, DESK)
    for number in range(5):
        SessionAlarm.objects.create(booking=alarm.booking, kind="recording", instance=str(number), at=SESSION)
    assert queries_of(desk, DESK) == one


def test_page_of_a_booking_tells_what_zoom_told(desk: Desk, confirmed: Booking) -> None:
    make_meeting_ready(confirmed)
    section = "Zoomからの通知"
    address = f"/admin/booking/booking/{confirmed.pk}/change/"
    assert section not in text_of(desk.get(address))
    for minute, (event, who) in enumerate([("meeting.started", None), ("meeting.participant_joined", GUEST), ("meeting.alert", None)]):
        post(message(event, SESSION + timedelta(minutes=minute), person=who), SESSION + timedelta(minutes=minute))
    post(message("meeting.participant_joined", SESSION, number=11111111111, person=GUEST), SESSION)
    words = text_of(desk.get(address))
    assert words.partition(section)[2].partition("確保している時間")[0] == (
        "2027年4月8日（木）10:00ミーティングを開始2027年4月8日（木）10:01入室参加者"
    )
    assert str(NUMBER) not in words
