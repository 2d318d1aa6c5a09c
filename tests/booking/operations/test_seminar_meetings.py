"""A seminar's Zoom meeting by the office's policy: whether people wait until the office has looked at them (S8-2), through the real client."""

from datetime import datetime, timedelta

import pytest

from booking.models import Booking, Meeting
from booking.operations import meetings
from booking.operations.calendar import set_policy
from booking.operations.seminars import joining
from booking.operations.sessions import MeetingNotReady
from tests.cast import MORNING, Office
from tests.rooms import Room
from tests.seminars import STARTS, guest, published, register
from tests.simulator import SimulatorHandle
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
KEY = "seminar_waiting_room"


def decide(office: Office, value: str, *, holds_from: datetime | None = None) -> None:
    set_policy(KEY, value, by=office.staff, reason="所の決定", now=MORNING, holds_from=holds_from)


def sweep(wall: datetime) -> None:
    meetings.sweep_meetings(now=MORNING, wall=wall)


def made(zoom: SimulatorHandle) -> bool:
    """Whether the one meeting that stands at Zoom has a waiting room."""
    (standing,) = zoom.control.standing()
    return bool(standing["settings"]["waiting_room"])


def place_of(zoom: SimulatorHandle) -> str:
    """Where somebody stands who opened the link of a meeting that its host has begun."""
    row = Meeting.objects.get()
    room = Room(meetings.zoom(wall=MORNING), meetings.zoom(wall=MORNING).get(row.meeting_id or 0))
    room.host_does("start")
    room.enter("受付番号")
    ((person,),) = [each["people"] for each in zoom.control.standing()]
    return str(person["place"])


def test_people_wait_at_the_door_unless_the_office_has_decided_otherwise(office: Office, zoom: SimulatorHandle) -> None:
    published(office)
    sweep(MORNING)
    assert (made(zoom), Meeting.objects.get().waiting_room, place_of(zoom)) == (True, True, "waiting")


def test_without_a_waiting_room_people_come_in_once_the_host_is_there(office: Office, zoom: SimulatorHandle) -> None:
    decide(office, "0")
    seminar = published(office)
    sweep(MORNING)
    assert (made(zoom), Meeting.objects.get().waiting_room, place_of(zoom)) == (False, False, "inside")
    assert joining.join(register(seminar, guest()).pk, now=STARTS) == Meeting.objects.get().join_url


def test_policy_is_that_of_the_seminars_day(office: Office, zoom: SimulatorHandle) -> None:
    decide(office, "0", holds_from=STARTS + HOUR)
    published(office)
    published(office, starts_at=STARTS + HOUR, ends_at=STARTS + 2 * HOUR)
    sweep(MORNING)
    rooms = {each["fields"]["start_time"][11:16]: each["settings"]["waiting_room"] for each in zoom.control.standing()}
    assert rooms == {"05:00": True, "06:00": False}


@pytest.mark.parametrize(("before", "after"), [("1", "0"), ("0", "1")])
def test_meeting_that_stands_follows_a_change_of_the_policy(office: Office, zoom: SimulatorHandle, before: str, after: str) -> None:
    """One change at Zoom, the link that people have stays, and then it is at rest."""
    decide(office, before)
    published(office)
    sweep(MORNING)
    link = Meeting.objects.get().join_url
    decide(office, after)
    for hour in (1, 2, 3):
        sweep(MORNING + hour * HOUR)
    row = Meeting.objects.get()
    assert (made(zoom), row.waiting_room, row.join_url, len(zoom.control.calls("update"))) == (after == "1", after == "1", link, 1)


def test_waiting_room_that_the_account_forces_is_safer_and_is_let_be(office: Office, zoom: SimulatorHandle) -> None:
    """Zoom says so of each of our changes; asking it again each time would use up the host's day."""
    zoom.control.switch(locked_settings={"waiting_room": True})
    published(office)
    sweep(MORNING)
    decide(office, "0")
    for hour in (1, 2, 3):
        sweep(MORNING + hour * HOUR)
        meetings.doubt(Meeting.objects.get().pk, wall=MORNING + hour * HOUR)
    row = Meeting.objects.get()
    assert (made(zoom), row.trouble, len(zoom.control.calls("update"))) == (True, "", 1)


def test_waiting_room_that_the_account_forbids_keeps_everybody_out(office: Office, zoom: SimulatorHandle) -> None:
    """Where the office wants one, a room that is open to everybody is not used."""
    zoom.control.switch(locked_settings={"waiting_room": False})
    seminar = published(office)
    sweep(MORNING)
    row = Meeting.objects.get()
    assert (row.outbox_state, row.trouble, zoom.control.standing()) == (OutboxState.FAILED, "unsafe", [])
    with pytest.raises(MeetingNotReady):
        joining.join(register(seminar, guest()).pk, now=STARTS)


def test_waiting_room_taken_away_by_hand_comes_back(office: Office, zoom: SimulatorHandle) -> None:
    published(office)
    sweep(MORNING)
    row = Meeting.objects.get()
    zoom.control.change_by_hand(row.meeting_id or 0, settings={"waiting_room": False})
    meetings.doubt(row.pk, wall=MORNING + HOUR)
    sweep(MORNING + HOUR)
    assert made(zoom) is True


def test_counselling_is_never_without_a_waiting_room(office: Office, confirmed: Booking, zoom: SimulatorHandle) -> None:
    """C12-2: the policy is of seminars alone."""
    decide(office, "0")
    for hour in (1, 2):
        sweep(MORNING + hour * HOUR)
    assert (made(zoom), confirmed.meeting.waiting_room, zoom.control.calls("update")) == (True, True, [])
