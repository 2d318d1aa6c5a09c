"""A simulated Zoom whose every exchange is held against our schema, and the client that talks to it."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from booking.video.port import MeetingSpec
from booking.video.zoom import ZoomMeetings
from tests.contract.exchanges import against_our_schema
from tests.simulator import SimulatorHandle, running_simulator

JAPAN = timezone(timedelta(hours=9))
HOST = "counsellor@example.jp"


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[SimulatorHandle]:
    with running_simulator(tmp_path) as handle:
        yield handle
        assert against_our_schema(handle.control.calls()) == []


@pytest.fixture
def client(simulator: SimulatorHandle) -> ZoomMeetings:
    return ZoomMeetings(simulator.config())


@pytest.fixture
def spec() -> MeetingSpec:
    """Ten o'clock in Japan on an ordinary Tuesday."""
    return MeetingSpec(HOST, "オンライン職業相談", datetime(2031, 1, 14, 10, 0, tzinfo=JAPAN), 30, "8f14e45fceea", "Kq7mZ2xw9A")
