"""Bookings that staff enter: for somebody who phones, and the next one while the session runs (C0-3, C6-1-2n, A1, A2)."""

from datetime import timedelta

import pytest
from django.test import Client

from booking.models import Booking
from consent.models import Consent, Method
from tests.flows.applying import HANAKO
from tests.flows.at_work import BOOKINGS, REGISTERED, Colleague, agreed_session
from tests.stories import Story
from tests.visitor import text_of
from toyooka_hw.accounts.models import Person

pytestmark = pytest.mark.flow
NEW = f"{BOOKINGS}enter/new/"
CALLER = {"full_name": "但馬 太郎", "job_seeker_number": "２８０９０ー１０００１", "phone": "０７９６−２３−０１０１", "source": "phone"}


def test_caller_without_a_mailbox_is_entered_confirmed_and_told_the_numbers_by_phone(story: Story, sato: Colleague) -> None:
    """The terms were told by phone; on the phone list nobody stands who was told at once."""
    story.move(story.at(0) - timedelta(hours=1))  # the public form is closed, staff go by the end of the day (A1)
    refused = sato.fill(sato.look(NEW), **CALLER, starts_at=story.at(10).isoformat())
    assert ("規約をご案内し、同意を得てから" in text_of(refused), Booking.objects.count()) == (True, 0)
    wish = {"starts_at": story.at(10).isoformat(), "guided": "on", "confirm_now": "on", **REGISTERED}
    assert "予約を入力しました" in text_of(sato.fill(sato.look(NEW), **CALLER, **wish))
    booking = Booking.objects.get()
    assert (booking.state, booking.source, Consent.objects.get().method) == ("confirmed", "phone", Method.STAFF_PHONE)
    assert (len(story.zoom.control.standing()), story.mailbox.mails()) == (1, [])
    assert "お電話でお知らせする方はいません。" in text_of(sato.look(f"{BOOKINGS}calls/"))

    story.move(story.at(9, 55))
    shown = text_of(sato.client.post(f"{BOOKINGS}{booking.pk}/codes/"))
    meeting = booking.meeting
    meeting.refresh_from_db()
    assert (meeting.grouped_id.replace(" ", "") in shown.replace("-", ""), meeting.passcode in shown) == (True, True)
    assert booking.participants.get().code_deliveries.get().by == sato.user


def test_booking_for_the_same_day_needs_its_reason(story: Story, sato: Colleague) -> None:
    """A2: 00:00 of the day is the limit, on the page and behind it."""
    story.move(story.at(9))
    wish = {"starts_at": story.at(11).isoformat(), "guided": "on", "confirm_now": "on", **REGISTERED}
    assert "理由を入力してください。" in text_of(sato.fill(sato.look(NEW), **CALLER, **wish))
    assert (Booking.objects.count(), Person.objects.count()) == (0, 0)
    sato.fill(sato.look(NEW), **CALLER, **wish, reason="本日が応募の締切")
    line = Booking.objects.get().events.get(event="confirm")
    assert (line.override, line.reason, line.by) == (True, "本日が応募の締切", sato.user)


def test_next_session_is_agreed_while_this_one_runs(story: Story, sato: Colleague) -> None:
    """C6-1-2n: everything known is carried over; the running session stands beside the next one."""
    booking = agreed_session(Client(), story, sato)
    story.move(story.at(10, 20))
    page = sato.look(f"{BOOKINGS}{booking.pk}/next/")
    assert "同意に変わりがないことを確かめて" in text_of(page)
    following = story.on_open_day(7, hour=14)
    answer = sato.fill(page, starts_at=following.isoformat(), guided="on", counsellor=booking.counsellor_id, confirm_now="on", **REGISTERED)
    made = Booking.objects.exclude(pk=booking.pk).get()
    assert ("予約を入力しました" in text_of(answer), made.state, made.source, made.starts_at) == (
        True,
        "confirmed",
        "in_session",
        following,
    )
    assert (made.applicant, made.counsellor, made.applicant.job_seeker_number) == (booking.applicant, booking.counsellor, "28090-1234567")
    assert ("予約が確定しました" in story.subjects_to(HANAKO)[-1], len(story.zoom.control.standing())) == (True, 2)
    sato.press(booking, "complete")
    assert (booking.state, len(story.zoom.control.standing())) == ("completed", 1)
