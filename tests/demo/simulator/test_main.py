"""The simulator as a program: it starts, stops at once, and finds at the next start what it knew."""

import json
import signal
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from booking.video.port import MeetingSpec, TryLater
from booking.video.zoom import ZoomMeetings
from tests.simulator import SimulatorHandle, simulator_program
from tests.surroundings import wait_until
from toyooka_hw.demo.simulator.state import State

SPEC = MeetingSpec("sato@zoom.example.jp", "相談", datetime(2031, 1, 14, 1, 0, tzinfo=UTC), 30, "8f14e45fceea", "Kq7mZ2xw9A")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_second_start_at_the_same_address_finds_what_the_first_knew(tmp_path: Path, stop: signal.Signals) -> None:
    data_dir = tmp_path / "データ 1"
    with simulator_program(data_dir) as program:
        client = ZoomMeetings(program.handle.config())
        program.handle.control.switch(webhook_url="http://127.0.0.1:1/", daily_limit=2)
        made = client.create(SPEC)
        known = memory(program.handle)
        assert program.stop(stop) == (-stop if stop == signal.SIGKILL else 0)
        program.start()

        assert (memory(program.handle), client.get(made.meeting_id)) == (known, made)
        client.create(replace(SPEC, reference="another"))
        with pytest.raises(TryLater, match="daily rate limit"):
            client.create(replace(SPEC, reference="onetoomany"))
        assert len(program.handle.control.messages()) == 1  # the address is still known; what was sent before is forgotten
    assert (data_dir / "zoom.json").stat().st_mode & 0o077 == 0


def memory(simulator: SimulatorHandle) -> object:
    return simulator.control.meetings(), simulator.control.tally()["create"]["calls"]


def test_what_was_made_stands_though_nobody_heard_the_answer(tmp_path: Path) -> None:
    """SIGKILL while the answer is on its way."""
    with simulator_program(tmp_path) as program:
        program.handle.control.fault("delay", on="create", seconds=60)
        client, refused = ZoomMeetings(program.handle.config()), []

        def ask() -> None:
            with pytest.raises(TryLater) as caught:
                client.create(SPEC)
            refused.append(caught.value.unclear)

        caller = Thread(target=ask)
        caller.start()
        wait_until(program.handle.control.meetings, what="the meeting at Zoom")
        program.stop()
        caller.join()
        program.start()

        assert refused == [True]
        assert [info.reference for info in client.find(SPEC.host, SPEC.reference, SPEC.starts_at.date())] == [SPEC.reference]


def test_file_of_an_earlier_version_is_understood(tmp_path: Path) -> None:
    with simulator_program(tmp_path) as program:
        made = ZoomMeetings(program.handle.config()).create(SPEC)
    file = tmp_path / "zoom.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["meetings"][0]["host_keys"] = {}
    for later in (content["meetings"][0].pop("seal"), content["switches"].pop("plan"), content.pop("tally")):
        assert later is not None

    assert list(State.load(content).meetings) == [made.meeting_id]
