"""Zoom tells the portal what happens in its rooms: over HTTP, signed, stored, acted upon by the worker (A7, C6-1-4b, C12-2)."""

import pytest
from django.test import Client
from pytest_django import Settings

from booking.models import Booking, Meeting, SessionAlarm, ZoomNotice
from booking.operations import bookings
from booking.operations.bookings import Decision
from booking.video.zoom import ZoomMeetings
from tests.cast import Office
from tests.flows.applying import apply, now_and_wall
from tests.rooms import EVENTS_OF_ROOMS, Room
from tests.stories import Story
from tests.surroundings import wait_until
from tests.zoom_notices import SECRET
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.flow


@pytest.fixture
def room(story: Story, office_at_work: Office, settings: Settings) -> Room:
    """The room of a session that was applied for and confirmed; its messages go to the portal."""
    url = f"{settings.PORTAL_URL}/zoom/webhook"
    target = {"webhook_url": url, "webhook_secret": SECRET, "webhook_pauses": [0.2, 0.2, 0.2]}
    story.zoom.control.switch(**target, webhook_events=EVENTS_OF_ROOMS)
    booking = apply(Client(), story)
    bookings.confirm(booking.pk, Decision("registered", office_at_work.staff), **now_and_wall())
    story.settle()
    client = ZoomMeetings(story.zoom.config())
    return Room(client, client.get(Meeting.objects.get().meeting_id or 0))


def heard(story: Story) -> list[str]:
    """Wait until the portal has taken every message and acted upon it; what it was told, in no order."""
    told = story.zoom.control.messages
    wait_until(lambda: all(each["answers"][-1:] == [200] for each in told()), what="the portal to take every message")
    story.settle()
    assert set(ZoomNotice.objects.values_list("outbox_state", flat=True)) <= {OutboxState.DONE}
    return sorted(ZoomNotice.objects.values_list("event", flat=True))


def test_guest_who_never_pressed_the_portals_button_is_not_closed_out(story: Story, room: Room) -> None:
    story.zoom.control.challenge()
    story.move(story.at(9, 55))
    room.enter()
    assert heard(story) == ["meeting.participant_jbh_waiting"]
    story.move(story.at(10, 12))
    booking = Booking.objects.get()
    assert (booking.state, booking.participants.get().first_joined_at is not None) == ("confirmed", True)


def test_recording_is_loud_at_once_and_the_counsellor_is_written_to(story: Story, room: Room, office_at_work: Office) -> None:
    user = office_at_work.sato.user
    user.email = "sato@office.example.jp"
    user.save()
    story.move(story.at(10, 1))
    room.host_does("start")
    room.host_does("record")
    assert heard(story) == ["meeting.participant_joined", "meeting.started", "recording.started"]
    booking = Booking.objects.get()
    assert (booking.counsellor_seen_at is not None, SessionAlarm.objects.get().kind) == (True, "recording")
    assert story.subjects_to(user.email) == ["【ハローワーク豊岡】Zoomの録画が始まりました"]


def test_message_that_somebody_else_signed_changes_nothing(story: Story, room: Room) -> None:
    story.zoom.control.switch(webhook_secret="guessed")
    story.move(story.at(9, 55))
    room.enter()
    wait_until(lambda: story.zoom.control.messages()[0]["answers"] == [401] * 4, what="the last refusal")
    assert (ZoomNotice.objects.count(), Booking.objects.get().participants.get().first_joined_at) == (0, None)
