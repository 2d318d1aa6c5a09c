"""What the simulated Zoom tells of its rooms, and how it delivers: signed, and again where nobody answers in time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests

from booking.video import webhooks
from booking.video.port import MeetingSpec
from booking.video.zoom import ZoomMeetings
from tests.rooms import EVENTS_OF_ROOMS, Room, key_of
from tests.simulator import SimulatorHandle
from tests.surroundings import wait_until
from toyooka_hw import clock

SPEC = MeetingSpec("sato@zoom.example.jp", "オンライン職業相談", datetime(2031, 1, 14, 1, 0, tzinfo=UTC), 30, "8f14e45fceea", "Kq7mZ2xw9A")
SECRET = "between-zoom-and-us"


@dataclass
class Listener:
    """Somebody who listens. ``answers``: the statuses to give, one after the other; then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    forged: list[bytes] = field(default_factory=list)

    def take(self, headers: dict[str, str], body: bytes) -> int:
        try:
            webhooks.check(SECRET, headers["x-zm-request-timestamp"], headers["x-zm-signature"], body, wall=clock.wall())
        except webhooks.Forged:
            self.forged.append(body)
        self.bodies.append(body)
        return self.answers.pop(0) if self.answers else 200

    @property
    def events(self) -> list[str]:
        return [webhooks.read(SECRET, webhooks.content_of(body)).event for body in self.bodies]


@pytest.fixture
def listener(zoom: SimulatorHandle) -> Iterator[Listener]:
    """The simulator tells this listener what happens in its rooms."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = listener.take({name.lower(): value for name, value in self.headers.items()}, body)
            content = webhooks.content_of(body)
            answer = (
                b""
                if content["event"] != webhooks.CHALLENGE
                else str(webhooks.answer_to_challenge(SECRET, content)).replace("'", '"').encode()
            )
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    listener.url = f"http://127.0.0.1:{server.server_port}/"
    target = {"webhook_url": listener.url, "webhook_secret": SECRET, "webhook_pauses": [0.01, 0.01, 0.01]}
    zoom.control.switch(**target, webhook_events=EVENTS_OF_ROOMS)
    yield listener
    server.shutdown()
    server.server_close()


@pytest.fixture
def room(zoom: SimulatorHandle) -> Room:
    client = ZoomMeetings(zoom.config())
    return Room(client, client.create(SPEC))


def arrived(listener: Listener, count: int) -> list[str]:
    wait_until(lambda: len(listener.bodies) >= count, what=f"{count} messages")
    return sorted(listener.events)


def test_guest_who_is_early_waits_for_the_host(listener: Listener, room: Room) -> None:
    guest = room.enter()
    assert arrived(listener, 1) == ["meeting.participant_jbh_waiting"]
    room.leaves(guest)
    assert arrived(listener, 2)[1] == "meeting.participant_jbh_waiting_left"


def test_session_is_told_from_the_start_to_the_end(listener: Listener, room: Room) -> None:
    room.host_does("start")
    guest = room.enter()
    room.host_does("admit", person=key_of(guest))
    room.host_does("end")
    assert arrived(listener, 9) == [
        "meeting.ended",
        "meeting.participant_admitted",
        "meeting.participant_joined",
        "meeting.participant_joined",
        "meeting.participant_joined_waiting_room",
        "meeting.participant_left",
        "meeting.participant_left",
        "meeting.participant_left_waiting_room",
        "meeting.started",
    ]
    assert listener.forged == []


def test_host_is_told_from_the_guest_by_the_id(listener: Listener, room: Room) -> None:
    room.host_does("start")
    arrived(listener, 2)
    notices = [webhooks.read(SECRET, webhooks.content_of(body)) for body in listener.bodies]
    assert [notice.is_host for notice in notices if notice.event == "meeting.participant_joined"] == [True]


def test_every_start_is_another_instance(listener: Listener, room: Room) -> None:
    for action in ("start", "end", "start"):
        room.host_does(action)
    arrived(listener, 6)
    notices = [webhooks.read(SECRET, webhooks.content_of(body)) for body in listener.bodies]
    assert len({notice.instance for notice in notices if notice.event == "meeting.started"}) == 2
    assert {notice.meeting_number for notice in notices} == {room.info.meeting_id}


def test_pressed_twice_is_told_once(listener: Listener, room: Room, zoom: SimulatorHandle) -> None:
    for action in ("start", "start", "end", "end", "record", "summary"):
        room.host_does(action)
    assert sorted(each["content"]["event"] for each in zoom.control.messages()) == [
        "meeting.ended",
        "meeting.participant_joined",
        "meeting.participant_left",
        "meeting.started",
    ]


def test_recording_is_told_and_shown(listener: Listener, room: Room) -> None:
    room.host_does("start")
    assert room.host_does("record").text.count("録画しています。") == 1
    assert room.host_does("record").text.count("録画しています。") == 0
    room.host_does("summary")
    assert [event for event in arrived(listener, 5) if "participant" not in event] == [
        "meeting.started",
        "meeting.summary_completed",
        "recording.started",
        "recording.stopped",
    ]


def test_message_is_sent_again_until_it_is_taken(listener: Listener, room: Room, zoom: SimulatorHandle) -> None:
    listener.answers = [500, 401]
    room.enter()
    wait_until(lambda: zoom.control.messages()[0]["answers"] == [500, 401, 200], what="the third try")
    assert len(set(listener.bodies)) == 1


def test_message_is_dropped_after_four_tries(listener: Listener, room: Room, zoom: SimulatorHandle) -> None:
    zoom.control.switch(webhook_url="http://127.0.0.1:1/")
    room.enter()
    wait_until(lambda: zoom.control.messages()[0]["answers"] == [0, 0, 0, 0], what="the last try")
    assert listener.bodies == []


def test_address_proves_that_it_knows_the_secret(listener: Listener, zoom: SimulatorHandle) -> None:
    zoom.control.challenge()
    zoom.control.switch(webhook_secret="another")
    with pytest.raises(requests.HTTPError, match="502"):
        zoom.control.challenge()


def test_nobody_is_told_where_nobody_listens(room: Room, zoom: SimulatorHandle) -> None:
    room.enter()
    assert zoom.control.messages() == []
