"""The main job, told with PostgreSQL, Redis, a Celery worker, SMTP and the simulated Zoom: C0–C6, C12, A1, A6, A7."""

import re

import pytest
from django.conf import settings
from django.test import Client

from booking.links import token_of
from booking.models import Booking, Meeting
from booking.operations import bookings, sessions
from booking.operations.bookings import Decision
from consent.models import Consent, Method
from tests.cast import Office
from tests.flows.applying import HANAKO, apply, now_and_wall
from tests.pages import submit
from tests.stories import MINUTES, Story
from tests.surroundings import wait_until
from toyooka_hw import clock

pytestmark = pytest.mark.flow


def confirm(story: Story, office: Office, booking: Booking) -> None:
    bookings.confirm(booking.pk, Decision("registered", office.staff), **now_and_wall())
    story.settle()


def test_from_the_slot_page_to_a_session_held(story: Story, office_at_work: Office) -> None:
    phone = Client()
    booking = apply(phone, story)
    story.settle()
    assert (booking.applicant.job_seeker_number, booking.applicant.stated_phone) == ("28090-1234567", "+819012345678")
    assert [row.method for row in Consent.objects.order_by("pk")] == [Method.CHECKBOX, Method.DEEMED_APPLICATION]

    confirm(story, office_at_work, booking)
    (made,) = story.zoom.control.standing()
    assert made["fields"]["start_time"] == story.at(10).astimezone(tz=clock.wall().tzinfo).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert story.subjects_to(HANAKO)[1:] == [
        "【ハローワーク豊岡】オンライン職業相談のお申込みを受け付けました（予約は未確定です）",
        f"【ハローワーク豊岡】予約が確定しました（{booking.starts_at.month}月{story.session_day.day}日（木）10:00）",
    ]
    confirmation = story.mailbox.mails()[-1]
    link = re.search(rf"{re.escape(settings.PORTAL_URL)}(/b/\S+)", confirmation.text)
    assert link
    meeting = Meeting.objects.get()
    assert (meeting.join_url in confirmation.text, str(made["id"]) in confirmation.text) == (False, False)

    story.move(story.at(9, 50))
    other_phone = Client()
    page = other_phone.get(link[1])
    joined = other_phone.post(link[1] + "join/", {"digits": "5678"})
    assert (page.status_code, joined.status_code, joined.headers["Location"]) == (200, 303, meeting.join_url)
    assert booking.participants.get().first_joined_at is not None

    story.move(story.at(10, 12))
    booking.refresh_from_db()
    assert booking.state == "confirmed"  # presence beats the timer
    sessions.complete(booking.pk, by=office_at_work.staff, **now_and_wall())
    story.settle()
    booking.refresh_from_db()
    assert (booking.state, story.zoom.control.standing()) == ("completed", [])


def test_no_sign_of_life_becomes_a_cancellation_without_contact(story: Story, office_at_work: Office) -> None:
    booking = apply(Client(), story)
    confirm(story, office_at_work, booking)
    story.move(story.at(9, 58))
    sessions.counsellor_seen(booking.pk, by=office_at_work.staff, now=clock.now())
    story.move(story.at(10, 5))
    booking.refresh_from_db()
    assert booking.state == "confirmed"
    story.move(story.at(10, 10))
    booking.refresh_from_db()
    assert booking.state == "cancelled_no_contact"
    assert "キャンセルについて" not in story.subjects_to(HANAKO)[-1]
    story.move(story.at(10, 20))  # more than five minutes after the closing
    assert story.subjects_to(HANAKO)[-1].startswith("【ハローワーク豊岡】予約のキャンセルについて")
    assert story.zoom.control.standing() == []


def test_unconfirmed_request_expires_at_midnight_with_a_mail(story: Story) -> None:
    booking = apply(Client(), story)
    story.move(story.at(0) - MINUTES)
    booking.refresh_from_db()
    assert booking.state == "requested"
    story.move(story.at(0))
    booking.refresh_from_db()
    assert (booking.state, story.subjects_to(HANAKO)[-1]) == ("expired", "【ハローワーク豊岡】日程を確定できませんでした")


def test_proposed_time_is_accepted_on_the_personal_page(story: Story, office_at_work: Office) -> None:
    phone = Client()
    booking = apply(phone, story)
    times = [story.at(13), story.at(14, 30)]
    bookings.propose(booking.pk, times, eligibility="registered", by=office_at_work.staff, **now_and_wall())
    story.settle()
    address = f"/b/{token_of(booking)}/"
    submit(phone, phone.get(address), action="answer", choice=times[1].isoformat())
    story.settle()
    booking.refresh_from_db()
    assert (booking.state, booking.starts_at, len(story.zoom.control.standing())) == ("confirmed", times[1], 1)


def test_zoom_down_for_a_while_leaves_one_meeting_and_no_mail_lost(story: Story, office_at_work: Office) -> None:
    booking = apply(Client(), story)
    story.zoom.control.fault("outage", on="create", count=2)
    bookings.confirm(booking.pk, Decision("registered", office_at_work.staff), **now_and_wall())
    wait_until(lambda: Meeting.objects.filter(attempts=1, outbox_state="wanted").exists(), what="the first failed try")
    wait_until(lambda: "予約が確定しました" in story.subjects_to(HANAKO)[-1], what="the mail, which never waits for Zoom")
    for outcome in ({"attempts": 2, "outbox_state": "wanted"}, {"outbox_state": "done"}):
        Meeting.objects.update(next_try_at=clock.wall())  # its time comes
        story.sweep("booking.sweep_meetings")
        wait_until(Meeting.objects.filter(**outcome).exists, what=f"the next try: {outcome}")
    assert len(story.zoom.control.standing()) == 1
