"""What the simulated Zoom tells is what Zoom tells: its messages and Zoom's published examples fit one schema of ours."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from booking.video.zoom import ZoomMeetings
from tests.contract.test_zoom_contract import SPEC
from tests.rooms import Room, key_of
from tests.simulator import SimulatorHandle

HERE = Path(__file__).parent
SCHEMA = Draft202012Validator(json.loads((HERE / "webhook.schema.json").read_text(encoding="utf-8")))
SAMPLES = sorted((HERE.parents[2] / "shared" / "zoom" / "webhooks").glob("*.json"))
ALL = [
    "meeting.ended",
    "meeting.participant_admitted",
    "meeting.participant_jbh_waiting",
    "meeting.participant_jbh_waiting_left",
    "meeting.participant_joined",
    "meeting.participant_joined_waiting_room",
    "meeting.participant_left",
    "meeting.participant_left_waiting_room",
    "meeting.started",
    "meeting.summary_completed",
    "recording.started",
    "recording.stopped",
]


def problems(content: dict[str, Any]) -> list[str]:
    return [f"{content['event']}: {error.json_path} {error.message}" for error in SCHEMA.iter_errors(content)]


@pytest.fixture
def told(zoom: SimulatorHandle) -> list[dict[str, Any]]:
    """Everything that can happen in a room, once. Nobody listens: what is sent is noted all the same."""
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
