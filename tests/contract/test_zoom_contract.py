"""Client and simulator keep to Zoom's words (C4): everything they say to each other fits our schema and the published specification."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from booking.video.port import MeetingSpec, VideoError
from booking.video.zoom import ZoomMeetings
from tests.contract import exchanges
from tests.simulator import Control, SimulatorHandle
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.demo.simulator.switches import LUCK

HOST = "counsellor@example.jp"
SPEC = MeetingSpec(HOST, "職業相談", datetime(2031, 1, 14, 1, 0, tzinfo=UTC), 30, "8f14e45fceea", "Kq7mZ2xw9A")
QUIET: dict[str, Any] = {"app_active": True, "per_second": {}, "per_day": {}, "trouble_share": 0}
LATER = MeetingSpec(HOST, "職業相談", SPEC.starts_at + timedelta(days=1), 30, "8f14e45fceea", "Kq7mZ2xw9A")


def tell_the_whole_story(zoom: SimulatorHandle) -> list[dict[str, Any]]:
    """Every verb once, then every kind of host, and every kind of refusal."""
    client, control = ZoomMeetings(zoom.config()), zoom.control
    made = client.create(SPEC)
    client.find(HOST, SPEC.reference, SPEC.starts_at.date())
    client.update(made.meeting_id, LATER)
    open_room(client, made.meeting_id)
    client.delete(made.meeting_id)
    recover(zoom, made.meeting_id)
    client.delete(made.meeting_id)
    control.switch(basic_hosts=["basic@example.jp"], inactive_hosts=["gone@example.jp"], unknown_hosts=["nobody@example.jp"])
    assert [ask_for(zoom, host) for host in (HOST, "basic@example.jp", "gone@example.jp", "nobody@example.jp")] == [200, 200, 200, 404]
    for meeting_id, declare in refusals(control, made.meeting_id):
        declare()
        with pytest.raises(VideoError):
            client.get(meeting_id)
        control.clear_faults()
        control.switch(**QUIET)
    return control.calls()


def open_room(client: ZoomMeetings, meeting_id: int) -> None:
    table, _, key = client.host_link(meeting_id).partition("?zak=")
    requests.post(f"{table}/start", data={"zak": key}, timeout=PATIENCE_SECONDS).raise_for_status()


def ask_for(zoom: SimulatorHandle, host: str) -> int:
    return call(zoom, "GET", f"/users/{host}").status_code


def recover(zoom: SimulatorHandle, meeting_id: int) -> None:
    call(zoom, "PUT", f"/meetings/{meeting_id}/status", {"action": "recover"}).raise_for_status()


def call(zoom: SimulatorHandle, method: str, path: str, body: Any = None) -> requests.Response:
    """Ask for what the client has no verb for."""
    config = zoom.config()
    form = {"grant_type": "account_credentials", "account_id": config.account_id}
    answer = requests.post(config.token_url, data=form, auth=(config.client_id, config.client_secret), timeout=PATIENCE_SECONDS)
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return requests.request(method, f"{config.api_url}{path}", json=body, headers=headers, timeout=PATIENCE_SECONDS)


def refusals(control: Control, gone: int) -> list[tuple[int, Callable[[], None]]]:
    return [
        (gone, lambda: None),
        *((1, lambda limit=limit: control.fault("throttle", limit=limit)) for limit in ("second", "account_day", "host_day")),
        (1, lambda: control.fault("refuse", code=3161, message="Your user account is not allowed meeting hosting capabilities.")),
        (1, lambda: control.fault("outage")),
        (1, lambda: control.fault("reject_token")),
        (1, lambda: (control.fault("reject_token"), control.fault("reject_client"))),
        (1, lambda: control.switch(app_active=False)),
        (1, lambda: control.switch(per_second={"Light": 0})),
        (1, lambda: control.switch(per_day={"Light": 0})),
        *((1, lambda kind=kind: control.switch(trouble_share=1, trouble_kinds=[kind])) for kind in LUCK),
    ]


def test_the_whole_story_covers_every_operation_and_kind_of_answer(zoom: SimulatorHandle) -> None:
    calls = tell_the_whole_story(zoom)

    assert {call["operation"] for call in calls} == set(exchanges.SHAPES)
    assert {call["status"] for call in calls} == {200, 201, 204, 400, 401, 404, 429, 503}


def test_every_exchange_fits_our_schema(zoom: SimulatorHandle) -> None:
    assert exchanges.against_our_schema(tell_the_whole_story(zoom)) == []


@pytest.fixture(scope="module")
def specification() -> Any:
    if not exchanges.PUBLISHED.exists():
        pytest.skip("Zoom's published OpenAPI description is not at hand (ZOOM_OPENAPI names its place)")
    return exchanges.published_specification()


def test_every_exchange_fits_the_published_specification(zoom: SimulatorHandle, specification: Any) -> None:
    assert exchanges.against_published(specification, tell_the_whole_story(zoom)) == []


BREAKS = {
    "a misspelt setting": ("create", lambda call: call["request"]["settings"].update(wating_room=True)),
    "a leaked host": ("create", lambda call: call["request"].update(user_id=HOST)),
    "a start with an offset": ("create", lambda call: call["request"].update(start_time="10:00+09:00")),
    "a long topic": ("create", lambda call: call["request"].update(topic="x" * 201)),
    "an id as text": ("get", lambda call: call["response"].update(id="88951112559")),
    "a page too large": ("list", lambda call: call["response"].update(page_size="many")),
}


@pytest.fixture
def broken(zoom: SimulatorHandle, request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    operation, spoil = BREAKS[request.param]
    client = ZoomMeetings(zoom.config())
    client.create(SPEC)
    client.find(HOST, SPEC.reference, SPEC.starts_at.date())
    call = deepcopy(zoom.control.calls(operation)[0])
    spoil(call)
    return [call]


@pytest.mark.parametrize("broken", BREAKS, indirect=True)
def test_our_schema_notices(broken: list[dict[str, Any]]) -> None:
    assert len(exchanges.against_our_schema(broken)) == 1


@pytest.mark.parametrize("broken", BREAKS, indirect=True)
def test_the_published_specification_notices(broken: list[dict[str, Any]], specification: Any) -> None:
    assert len(exchanges.against_published(specification, broken)) == 1
