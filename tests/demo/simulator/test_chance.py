"""Chance at the simulated Zoom: trouble in a share of the calls, answers that take their time, lists that lag; the same for the same seed."""

from collections import Counter
from typing import Any

import pytest
import requests

from booking.video.port import VideoError
from booking.video.token import shared_tokens
from booking.video.zoom import ZoomMeetings
from tests.contract.test_zoom_contract import HOST, SPEC
from tests.simulator import SimulatorHandle
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.demo.simulator.chance import draw
from toyooka_hw.demo.simulator.switches import LUCK, Switches

UNLUCKY = Switches(trouble_share=0.1, seed=7, latency=[0.1, 0.4])
CALLS = range(1, 1001)


def kinds(switches: Switches, operation: str) -> list[str]:
    lucks = [draw(switches, operation, number) for number in CALLS]
    return [luck.fault.kind if luck.fault else "" for luck in lucks]


def test_the_same_seed_draws_the_same_and_another_draws_another() -> None:
    assert kinds(UNLUCKY, "create") == kinds(UNLUCKY, "create")
    assert kinds(UNLUCKY, "create") != kinds(Switches(trouble_share=0.1, seed=8), "create")
    assert kinds(UNLUCKY, "create") != kinds(UNLUCKY, "get")


def test_about_the_share_asked_for_meets_trouble_of_every_kind() -> None:
    met = Counter(kinds(UNLUCKY, "create"))

    assert set(met) == {"", *LUCK}
    assert 70 < len(CALLS) - met[""] < 130


def test_answers_take_between_the_seconds_asked_for() -> None:
    seconds = [draw(UNLUCKY, "create", number).seconds for number in CALLS]

    assert (0.1 <= min(seconds) < 0.11, 0.39 < max(seconds) <= 0.4) == (True, True)


def test_without_switches_nothing_is_left_to_chance() -> None:
    assert {draw(Switches(), "create", number) for number in CALLS} == {draw(Switches(), "get", 1)}


def outcomes(zoom: SimulatorHandle) -> list[str]:
    """What became of some creations, one after the other, with one call in two in trouble."""
    zoom.control.reset()
    shared_tokens.cache_clear()  # or the second time would begin with a token of the first
    zoom.control.switch(trouble_share=0.5, seed=3)
    client, seen = ZoomMeetings(zoom.config()), []
    for _ in range(8):
        try:
            client.create(SPEC)
            seen.append("made")
        except VideoError as error:
            seen.append(str(error))
    return seen


def test_the_same_calls_meet_the_same_trouble_which_is_counted(zoom: SimulatorHandle) -> None:
    assert outcomes(zoom) == outcomes(zoom)

    tally, seen = zoom.control.tally()["create"], Counter(each["status"] for each in zoom.control.calls("create"))
    assert {status: tally[str(status)] for status in seen} == seen
    assert (tally["calls"], tally.get("outage", 0), tally.get("throttle", 0)) == (sum(seen.values()), seen[503], seen[429])


def test_new_meeting_stands_in_the_list_a_while_later_but_is_there_at_once(zoom: SimulatorHandle) -> None:
    zoom.control.switch(now="2031-01-10T00:00:00+00:00", list_lag=30)
    client = ZoomMeetings(zoom.config())
    made = client.create(SPEC)

    def found(now: str) -> list[int]:
        zoom.control.switch(now=now)
        return [info.meeting_id for info in client.find(HOST, SPEC.reference, SPEC.starts_at.date())]

    assert client.get(made.meeting_id) == made
    assert [found(f"2031-01-10T00:00:{second}+00:00") for second in (29, 30)] == [[], [made.meeting_id]]


@pytest.mark.parametrize(
    "switches",
    [
        {"plan": "platinum"},
        {"trouble_kinds": ["delay"]},
        {"trouble_kinds": []},
        {"trouble_share": 2},
        {"latency": [2, 1]},
        {"latency": [1]},
    ],
)
def test_switch_that_makes_no_sense_is_refused(zoom: SimulatorHandle, switches: dict[str, Any]) -> None:
    assert requests.post(f"{zoom.url}/_control/switches", json=switches, timeout=PATIENCE_SECONDS).status_code == 400
