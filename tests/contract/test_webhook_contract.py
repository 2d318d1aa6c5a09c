"""What the simulated Zoom tells is what Zoom tells: its messages and Zoom's published examples fit one schema of ours."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from booking.video.zoom import ZoomMeetings
from tests.contract import exchanges
from tests.contract.test_zoom_contract import LATER, SPEC, recover
from tests.rooms import EVENTS_OF_ROOMS, Room, key_of
from tests.simulator import SimulatorHandle

HERE = Path(__file__).parent
WORDS = Registry().with_resource("zoom.schema.json", Resource.from_contents(exchanges.SCHEMA))
SCHEMA = Draft202012Validator(json.loads((HERE / "webhook.schema.json").read_text(encoding="utf-8")), registry=WORDS)
SAMPLES = sorted((HERE.parents[2] / "shared" / "zoom" / "webhooks").glob("*.json"))
ALL = sorted([*EVENTS_OF_ROOMS, "meeting.created", "meeting.deleted", "meeting.recovered", "meeting.updated"])


def problems(content: dict[str, Any]) -> list[str]:
    return [f"{content['event']}: {error.json_path} {error.message}" for error in SCHEMA.iter_errors(content)]


@pytest.fixture
def told(zoom: SimulatorHandle) -> list[dict[str, Any]]:
    """Everything that can happen to a meeting and in its room. Nobody listens: what is sent is noted all the same."""
    zoom.control.switch(webhook_url="http://127.0.0.1:1/", webhook_pauses=[])
    client = ZoomMeetings(zoom.config())
    room = Room(client, client.create(SPEC))
    early = room.enter("早く 来た")
    room.leaves(early)
    waiting = room.enter("城崎 太郎")
    room.host_does("start")
    room.host_does("admit", person=key_of(waiting))
    room.leaves(room.enter("竹野 次郎"))
    room.host_does("record")
    room.host_does("summary")
    room.host_does("end")
    zoom.control.change_by_hand(room.info.meeting_id, topic="面談", password="Another1", settings={"waiting_room": False})
    client.update(room.info.meeting_id, LATER)
    client.delete(room.info.meeting_id)
    recover(zoom, room.info.meeting_id)
    zoom.control.delete_by_hand(room.info.meeting_id)
    return [each["content"] for each in zoom.control.messages()]


def test_story_of_a_room_tells_every_kind_of_event(told: list[dict[str, Any]]) -> None:
    assert sorted({content["event"] for content in told}) == ALL


def test_every_message_of_the_simulator_fits_our_schema(told: list[dict[str, Any]]) -> None:
    assert [problem for content in told for problem in problems(content)] == []


@pytest.mark.parametrize("path", SAMPLES or [None], ids=lambda path: path.stem if path else "none")
def test_published_example_fits_our_schema(path: Path | None) -> None:
    if path is None:
        pytest.skip("Zoom's published examples are not at hand")
    assert problems(json.loads(path.read_text(encoding="utf-8-sig"))) == []


SPOILT = {
    "no old state": ("meeting.updated", lambda payload: payload.pop("old_object")),
    "nobody who did it": ("meeting.deleted", lambda payload: payload.pop("operator")),
    "an id as text": ("meeting.deleted", lambda payload: payload["object"].update(id=str(payload["object"]["id"]))),
    "no link": ("meeting.created", lambda payload: payload["object"].pop("join_url")),
    "a setting nobody knows": ("meeting.updated", lambda payload: payload["object"]["settings"].update(wating_room=True)),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_our_schema_notices_what_is_wrong_about_a_change(told: list[dict[str, Any]], spoilt: str) -> None:
    event, spoil = SPOILT[spoilt]
    content = deepcopy(next(each for each in told if each["event"] == event))
    spoil(content["payload"])
    assert len(problems(content)) == 1


@pytest.mark.parametrize("spoil", ["no moment", "no meeting", "no participant", "an unknown field"])
def test_our_schema_notices(told: list[dict[str, Any]], spoil: str) -> None:
    content = deepcopy(next(each for each in told if each["event"] == "meeting.participant_joined"))
    meeting = content["payload"]["object"]
    {
        "no moment": lambda: content.pop("event_ts"),
        "no meeting": lambda: meeting.pop("id"),
        "no participant": lambda: meeting.pop("participant"),
        "an unknown field": lambda: meeting["participant"].update(user_nmae="x"),
    }[spoil]()
    assert len(problems(content)) == 1
