"""How sessions end that do not take place, or not to their end: by phone, without contact, broken off, late, unwatched (C6-1-4, C12-1, A7)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db.models import F
from django.test import Client

from booking.links import token_of
from booking.models import Booking, Heartbeat, StopRecord
from booking.queries import no_contact_counts
from tests.flows.applying import HANAKO, choose
from tests.flows.at_work import BOOKINGS, Colleague, agreed_session, calendar_of, mails_to
from tests.pages import submit
from tests.stories import Story
from tests.visitor import text_of

pytestmark = pytest.mark.flow
CLOSING = f"{BOOKINGS}closing/"


def counted(booking: Booking) -> int:
    """How many cancellations without contact staff see beside the person's name."""
    return no_contact_counts([booking.applicant_id]).get(booking.applicant_id, 0)


def all_quiet_until(story: Story, sato: Colleague, booking: Booking, until: datetime) -> None:
    """The office does its part: the counsellor waits in the meeting, beat and web run."""
    story.move(story.at(9, 58))
    assert sato.go_in(booking).status_code == 302
    story.move(until)
    booking.refresh_from_db()


def test_call_of_a_mother_cancels_with_notice_and_frees_the_place(story: Story, sato: Colleague) -> None:
    """C6-1-4a, A19."""
    phone = Client()
    booking = agreed_session(phone, story, sato)
    said = {"channel": "phone", "caller": "ご家族（母）", "note": "発熱", "outcome": "own_plans"}
    assert "キャンセル（ご連絡あり）にしました。メールでお知らせします。" in sato.press(booking, "cancel_by_user", **said)
    call = booking.contacts.get()
    assert (booking.state, call.caller, call.recorded_by, story.zoom.control.standing()) == (
        "cancelled_by_user",
        "ご家族（母）",
        sato.user,
        [],
    )
    last = mails_to(story, HANAKO)[-1]
    assert ("キャンセルを承りました" in last.subject, calendar_of(last)["METHOD"], "発熱" in last.text) == (True, "CANCEL", False)
    assert "キャンセル（ご連絡あり）" in text_of(phone.get(f"/b/{token_of(booking)}/"))
    assert choose(phone, story, 10).templates[0].name == "booking/terms.html"  # the place is free again


def test_session_closed_without_contact_is_corrected_and_counts_for_nothing(story: Story, sato: Colleague) -> None:
    """C6-1-4b: closed at ten past by itself; the person had come to the counter instead."""
    booking = agreed_session(Client(), story, sato)
    all_quiet_until(story, sato, booking, story.at(10, 5))
    assert booking.state == "confirmed"
    story.move(story.at(10, 10))
    story.move(story.at(10, 20))  # more than five minutes after the closing
    booking.refresh_from_db()
    assert (booking.state, story.zoom.control.standing()) == ("cancelled_no_contact", [])
    assert "予約のキャンセルについて" in story.subjects_to(HANAKO)[-1]

    story.move(story.at(16))
    sato.fill(sato.look(CLOSING), day=story.session_day.isoformat())
    assert counted(booking) == 1
    assert "記録を訂正しました。" in sato.press(booking, "correct", target="completed/held_by_phone", reason="窓口で相談した")
    assert (booking.state, booking.outcome, counted(booking)) == ("completed", "held_by_phone", 0)
    assert "キャンセルのお知らせの訂正" in story.subjects_to(HANAKO)[-1]


def test_session_broken_off_for_conduct_is_known_to_managers_only(
    story: Story, sato: Colleague, colleague: Callable[[str], Colleague]
) -> None:
    """C12-1: what happened stands in no list, no history and no mail."""
    counsellor, manager = colleague("相談員"), colleague("管理者")
    phone = Client()
    booking = agreed_session(phone, story, sato)
    story.move(story.at(9, 55))
    assert phone.post(f"/b/{token_of(booking)}/join/", {"digits": "5678"}).status_code == 303
    story.move(story.at(10, 12))
    written = len(mails_to(story, HANAKO))
    assert "必要" in counsellor.press(booking, "stop", outcome="conduct")
    counsellor.press(booking, "stop", outcome="conduct", category="abuse", note="大声での罵倒")
    assert (booking.state, StopRecord.objects.get().by, story.zoom.control.standing()) == ("stopped", counsellor.user, [])
    assert len(mails_to(story, HANAKO)) == written
    record = f"{BOOKINGS}{booking.pk}/stop-record/"
    assert counsellor.client.post(record).status_code == 403
    assert "大声での罵倒" in text_of(manager.client.post(record))
    for who in (counsellor, manager):
        assert "罵倒" not in text_of(who.look(f"{BOOKINGS}{booking.pk}/change/"))


def test_delay_of_the_office_stops_the_clock(story: Story, sato: Colleague) -> None:
    """A7: nobody is closed for waiting for us, and nothing counts against them."""
    booking = agreed_session(Client(), story, sato)
    all_quiet_until(story, sato, booking, story.at(10, 5))
    assert "ハローワーク側の遅れを記録しました。" in sato.press(booking, "delay")
    story.move(story.at(10, 10))
    story.move(story.at(10, 31))
    booking.refresh_from_db()
    assert booking.state == "confirmed"
    assert "要確認" in text_of(sato.look(CLOSING))
    assert "中止にしました。" in sato.press(booking, "cancel_by_office", outcome="office_device", reason="機器の不具合のため")
    assert (booking.outcome, counted(booking)) == ("office_device", 0)
    assert "相談の中止のお知らせ" in story.subjects_to(HANAKO)[-1]


def test_nobody_is_closed_after_an_outage(story: Story, sato: Colleague) -> None:
    """A7: for twelve minutes of real time nobody watched, over the session's start."""
    booking = agreed_session(Client(), story, sato)
    all_quiet_until(story, sato, booking, story.at(9, 59))
    Heartbeat.objects.update(wall=F("wall") - timedelta(minutes=12))
    story.move(story.at(10, 11))
    booking.refresh_from_db()
    assert (booking.state, len(story.zoom.control.standing())) == ("confirmed", 1)
    page = sato.look(f"{BOOKINGS}today/")
    assert "要確認" in text_of(page)


def test_call_that_says_late_keeps_the_session_open_and_a_joiner_is_never_closed(story: Story, sato: Colleague) -> None:
    """A7: presence and a call beat the timer; staff say in the end how it was."""
    phone = Client()
    booking = agreed_session(phone, story, sato)
    all_quiet_until(story, sato, booking, story.at(10, 5))
    sato.press(booking, "contact", channel="phone", meaning="late", note="電車の遅れ")
    story.move(story.at(10, 11))
    assert phone.post(f"/b/{token_of(booking)}/join/", {"digits": "5678"}).status_code == 303
    story.move(story.at(10, 30))
    booking.refresh_from_db()
    assert booking.state == "confirmed"
    page = sato.look(CLOSING)
    submit(sato.client, page, action="act/complete")
    booking.refresh_from_db()
    assert (booking.state, booking.outcome) == ("completed", "held")
