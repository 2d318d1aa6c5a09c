"""What the simulated Zoom tells of its meetings themselves: made, changed, deleted; by calls and by hand."""

from typing import Any

import pytest
import requests

from booking.video.port import Gone
from booking.video.zoom import ZoomMeetings
from tests.contract.test_zoom_contract import LATER, SPEC, recover
from tests.rooms import Room
from tests.simulator import SimulatorHandle
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.demo.simulator.changes import OWNER


@pytest.fixture
def room(zoom: SimulatorHandle) -> Room:
    """A meeting, just made. Nobody listens: what is sent is noted all the same."""
    zoom.control.switch(webhook_url="http://127.0.0.1:1/", webhook_pauses=[])
    client = ZoomMeetings(zoom.config())
    return Room(client, client.create(SPEC))


def told(zoom: SimulatorHandle) -> list[tuple[str, str]]:
    """Each event and who caused it."""
    return [(each["content"]["event"], each["content"]["payload"]["operator"]) for each in zoom.control.messages()]


def last(zoom: SimulatorHandle) -> dict[str, Any]:
    payload: dict[str, Any] = zoom.control.messages()[-1]["content"]["payload"]
    return payload


def test_calls_are_told_as_the_apps_owners_doing(zoom: SimulatorHandle, room: Room) -> None:
    room.client.update(room.info.meeting_id, LATER)
    room.client.delete(room.info.meeting_id)
    recover(zoom, room.info.meeting_id)
    recover(zoom, room.info.meeting_id)

    events = ["meeting.created", "meeting.updated", "meeting.deleted", "meeting.recovered"]
    assert told(zoom) == [(event, OWNER) for event in events]


def test_new_meeting_is_told_with_its_link_and_number(zoom: SimulatorHandle, room: Room) -> None:
    created = last(zoom)["object"]

    assert (created["id"], created["join_url"], created["password"]) == (room.info.meeting_id, room.info.join_url, SPEC.passcode)


def test_change_tells_only_what_is_different(zoom: SimulatorHandle, room: Room) -> None:
    zoom.control.change_by_hand(room.info.meeting_id, topic="面談", duration=30, settings={"auto_recording": "cloud", "audio": "both"})

    number = room.info.meeting_id
    assert last(zoom)["object"] == {"id": number, "topic": "面談", "settings": {"auto_recording": "cloud", "audio": "both"}}
    assert last(zoom)["old_object"] == {"id": number, "topic": SPEC.topic, "settings": {"auto_recording": "none", "audio": "voip"}}
    assert last(zoom)["operator"] == SPEC.host


@pytest.mark.parametrize("change", [{}, {"topic": SPEC.topic}, {"start_time": "2001-01-01T00:00:00Z"}])
def test_change_of_nothing_is_not_told(zoom: SimulatorHandle, room: Room, change: dict[str, Any]) -> None:
    zoom.control.change_by_hand(room.info.meeting_id, **change)

    assert told(zoom) == [("meeting.created", OWNER)]


def test_deleted_by_hand_is_gone_even_while_people_are_in_it(zoom: SimulatorHandle, room: Room) -> None:
    room.host_does("start")
    zoom.control.delete_by_hand(room.info.meeting_id)

    assert [each["content"]["event"] for each in zoom.control.messages()][-2:] == ["meeting.ended", "meeting.deleted"]
    assert last(zoom)["operator"] == SPEC.host
    with pytest.raises(Gone):
        room.client.get(room.info.meeting_id)


@pytest.mark.parametrize(("number", "body", "status"), [(1, {}, 404), (None, {"topic": "x" * 201}, 400)])
def test_hand_refuses_what_zoom_would_refuse(
    zoom: SimulatorHandle, room: Room, number: int | None, body: dict[str, Any], status: int
) -> None:
    address = f"{zoom.url}/_control/meetings/{number or room.info.meeting_id}"

    assert requests.patch(address, json=body, timeout=PATIENCE_SECONDS).status_code == status


def test_only_what_was_subscribed_to_is_sent(zoom: SimulatorHandle, room: Room) -> None:
    zoom.control.switch(webhook_events=["meeting.deleted"])
    room.client.update(room.info.meeting_id, LATER)
    room.client.delete(room.info.meeting_id)

    assert [event for event, _by in told(zoom)] == ["meeting.created", "meeting.deleted"]
