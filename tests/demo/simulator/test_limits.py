"""Zoom's limits per second, by kinds of calls."""

import pytest

from booking.video.port import TryLater
from booking.video.zoom import ZoomMeetings
from tests.demo.simulator.test_messages import SPEC
from tests.simulator import SimulatorHandle
from toyooka_hw.demo.simulator.limits import Limits


def test_each_kind_has_its_own_limit() -> None:
    limits, most = Limits(), {"Light": 2, "Medium": 1}
    asked = ["create", "get", "list", "delete", "user", "token"]
    assert [limits.admits(operation, most, 10.0) for operation in asked] == [True, True, False, True, False, True]


def test_second_goes_by() -> None:
    limits = Limits()
    assert [limits.admits("get", {"Light": 1}, moment) for moment in (10.0, 10.9, 11.0)] == [True, False, True]


def test_call_beyond_the_limit_is_told_to_wait(zoom: SimulatorHandle) -> None:
    client = ZoomMeetings(zoom.config())
    zoom.control.switch(per_second={"Medium": 0})
    with pytest.raises(TryLater, match="per-second rate limit") as refused:
        client.create(SPEC)
    assert (refused.value.unclear, zoom.control.meetings()) == (False, [])
    zoom.control.switch(per_second={})
    assert client.create(SPEC).reference == SPEC.reference
