"""Zoom does not do: the session goes to the telephone, or to a meeting that staff made by hand; no meeting is left standing (issue 6, point 7)."""

import subprocess
import sys

import pytest
from django.test import Client

from booking.links import token_of
from booking.models import Booking, Meeting
from booking.operations import bookings, meetings
from booking.operations.bookings import Decision
from booking.operations.meetings.ensuring import SESSION_TOPIC
from booking.video.port import MeetingInfo, MeetingSpec
from tests.cast import Office
from tests.flows.applying import HANAKO, apply, now_and_wall
from tests.flows.at_work import BOOKINGS, REGISTERED, Colleague, agreed_session, calendar_of, mails_to
from tests.stories import ROOT, Story, Surroundings, worker_away
from tests.surroundings import wait_until
from tests.visitor import text_of
from toyooka_hw import clock
from toyooka_hw.accounts.operations import verify_person

pytestmark = pytest.mark.flow
OPENED = "/admin/booking/booking/look/phone/"


ENSURES = """
import django; django.setup()
from booking.models import Meeting
from booking.operations import meetings
from toyooka_hw import clock
meetings.ensure_meeting(Meeting.objects.get().pk, now=clock.now(), wall=clock.wall())
"""


def made_by_hand(booking: Booking) -> MeetingInfo:
    """What staff make at Zoom's own site: a meeting without our reference."""
    assert booking.host is not None
    return meetings.zoom(wall=clock.wall()).create(
        MeetingSpec(booking.host.email, SESSION_TOPIC, booking.starts_at, 30, "by-hand", "Hand1234xy")
    )


def typed(info: MeetingInfo) -> dict[str, str]:
    return {"join_url": info.join_url, "meeting_id": str(info.meeting_id), "passcode": info.passcode}


def test_session_is_held_by_telephone(story: Story, sato: Colleague) -> None:
    phone = Client()
    booking = agreed_session(phone, story, sato)
    verify_person(booking.applicant, registered_phone="+819012345678", by=sato.user, now=clock.now())
    before, address = calendar_of(mails_to(story, HANAKO)[-1]), f"/b/{token_of(booking)}/"
    assert "電話で行うことにしました。メールでお知らせします。" in sato.press(booking, "by_phone", reason="Zoomの障害")
    told = mails_to(story, HANAKO)[-1]
    after = calendar_of(told)
    assert ("相談はお電話で行います" in told.subject, "5678" in told.text, story.zoom.control.standing()) == (True, False, [])
    assert (after["UID"], after["DTSTART"], int(after["SEQUENCE"]) > int(before["SEQUENCE"])) == (before["UID"], before["DTSTART"], True)

    story.move(story.at(9, 0))
    assert mails_to(story, HANAKO)[-1].text.count("おかけします。") == 1  # the reminder says so, too
    story.move(story.at(9, 55))
    assert "お電話で相談します" in text_of(phone.get(address))
    assert phone.post(f"{address}join/", {"digits": "5678"}).headers["Location"] == address
    assert "090-1234-5678" not in text_of(sato.look(f"{BOOKINGS}today/"))
    sato.client.post(f"{OPENED}{booking.applicant_id}/")
    assert "090-1234-5678" in text_of(sato.look(f"{BOOKINGS}today/"))

    story.move(story.at(10, 20))
    booking.refresh_from_db()
    assert (booking.state, mails_to(story, HANAKO)[-1].subject.count("キャンセル")) == ("confirmed", 0)
    sato.press(booking, "complete", outcome="held_by_phone")
    assert (booking.state, booking.outcome, story.zoom.control.standing()) == ("completed", "held_by_phone", [])


def test_switch_while_the_meeting_is_being_made_leaves_none_standing(
    story: Story, surroundings: Surroundings, sato: Colleague, office_at_work: Office
) -> None:
    """A worker has made it and waits for Zoom's answer when staff press."""
    booking = apply(Client(), story)
    with worker_away():
        story.zoom.control.fault("delay", on="create", count=1, seconds=30)
        bookings.confirm(booking.pk, Decision(REGISTERED["eligibility"], office_at_work.staff), **now_and_wall())
        environment = surroundings.environment | {"DJANGO_SETTINGS_MODULE": "toyooka_hw.settings"}
        with subprocess.Popen([sys.executable, "-c", ENSURES], cwd=ROOT, env=environment) as slow:
            wait_until(story.zoom.control.meetings, what="the meeting at Zoom")
            assert Meeting.objects.get().outbox_state == "claimed"
            sato.client.post(f"{BOOKINGS}{booking.pk}/act/by_phone/")
            story.zoom.control.clear_faults()
            slow.wait()
        assert (Meeting.objects.get().exists, len(story.zoom.control.standing())) == (True, 1)  # it settled what it had made
    story.sweep("booking.sweep_meetings")
    story.settle()
    booking.refresh_from_db()
    assert (booking.is_by_phone, len(story.zoom.control.meetings()), story.zoom.control.standing()) == (True, 1, [])
    assert sato.press(booking, "by_zoom").count("Zoomで行うことに戻しました。") == 1
    (stands,) = story.zoom.control.standing()
    assert Meeting.objects.get().meeting_id == stands["id"]


def test_link_by_hand_leads_in_and_leaves_nothing_of_the_portals_own(story: Story, sato: Colleague) -> None:
    """The answer was lost: the portal's own meeting stands half-made when staff help themselves, and goes when the session is over."""
    phone = Client()
    booking = apply(phone, story)
    with worker_away():
        booking = bookings.confirm(booking.pk, Decision(REGISTERED["eligibility"], sato.user), **now_and_wall())
        info = made_by_hand(booking)
        story.zoom.control.fault("lose_answer", on="create", count=1)
        meetings.ensure_meeting(booking.meeting.pk, **now_and_wall())
        assert (Meeting.objects.get().outbox_state, len(story.zoom.control.standing())) == ("wanted", 2)
    assert "手入力のリンクで行うことにしました。" in sato.press(booking, "manual_link", **typed(info))
    story.move(story.at(9, 55))
    joined = phone.post(f"/b/{token_of(booking)}/join/", {"digits": "5678"})
    assert (joined.status_code, joined.headers["Location"]) == (303, info.join_url)
    assert sato.go_in(booking).headers["Location"] == info.join_url
    assert len(story.zoom.control.standing()) == 2
    story.move(story.at(10, 20))
    Meeting.objects.update(next_try_at=clock.wall())  # the wait after the unclear answer is over
    sato.press(booking, "complete", outcome="held")
    (left,) = story.zoom.control.standing()
    assert (left["id"], Meeting.objects.get().to_delete_by_hand) == (info.meeting_id, True)  # the portal never deletes what people made
    assert "Zoomのサイトで削除するミーティング（1件）" in text_of(sato.look(f"{BOOKINGS}today/"))
