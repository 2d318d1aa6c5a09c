"""Zoom's surprises, which the client must live with, and the handle for tests."""

from typing import Any

import pytest
import requests

from tests.simulator import SimulatorHandle
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.demo.simulator.app import create_app

HOST = "sato@zoom.example.jp"
NOW = "2031-01-10T00:00:00+00:00"


@pytest.fixture
def create(zoom: SimulatorHandle) -> Any:
    """Ask for a meeting with exactly this body."""
    zoom.control.switch(now=NOW)
    config = zoom.config()
    form = {"grant_type": "account_credentials", "account_id": config.account_id}
    answer = requests.post(config.token_url, data=form, auth=(config.client_id, config.client_secret), timeout=PATIENCE_SECONDS)
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def ask(body: Any) -> requests.Response:
        return requests.post(f"{config.api_url}/users/{HOST}/meetings", json=body, headers=headers, timeout=PATIENCE_SECONDS)

    return ask


@pytest.mark.parametrize(
    ("asked", "understood"),
    [
        ({"start_time": "2031-01-14T10:00:00Z", "timezone": "Asia/Tokyo"}, "2031-01-14T10:00:00Z"),
        ({"start_time": "2031-01-14T10:00:00", "timezone": "Asia/Tokyo"}, "2031-01-14T01:00:00Z"),
        ({"start_time": "2031-01-14T10:00:00"}, "2031-01-14T01:00:00Z"),
        ({"start_time": "2031-01-14T10:00:00+09:00"}, "2031-01-10T00:00:00Z"),
        ({"start_time": "NaN"}, "2031-01-10T00:00:00Z"),
        ({}, "2031-01-10T00:00:00Z"),
    ],
)
def test_a_start_that_cannot_be_read_silently_becomes_now(create: Any, asked: dict[str, str], understood: str) -> None:
    assert create(asked).json()["start_time"] == understood


def test_what_is_not_sent_follows_the_accounts_defaults(create: Any) -> None:
    settings = create({}).json()["settings"]

    assert (settings["auto_start_meeting_summary"], settings["email_notification"]) == (True, True)


def test_no_passcode_forces_the_waiting_room_and_that_forbids_early_entry(create: Any) -> None:
    settings = create({"settings": {"waiting_room": False, "join_before_host": True}}).json()["settings"]

    assert (settings["waiting_room"], settings["join_before_host"]) == (True, False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"topic": "x" * 201}, "topic"),
        ({"agenda": "x" * 2001}, "agenda"),
        ({"password": "x" * 11}, "password"),
        ({"type": 5}, "type"),
        ({"duration": "long"}, "duration"),
        ({"timezone": "Asia/Toyooka", "start_time": "2031-01-14T10:00:00"}, "timezone"),
        ({"settings": {"auto_recording": "always"}}, "settings.auto_recording"),
        ({"settings": []}, "settings"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named(create: Any, body: dict[str, Any], field: str) -> None:
    answer = create(body)

    assert (answer.status_code, answer.json()["code"], [error["field"] for error in answer.json()["errors"]]) == (400, 300, [field])


def test_a_body_that_is_no_object_is_refused(create: Any) -> None:
    assert create([1]).json() == {"code": 300, "message": "Request Body should be a valid JSON object."}


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "client_credentials", "account_id": "a"},
        {"grant_type": "account_credentials"},
    ],
)
def test_a_token_request_that_is_incomplete_is_refused_without_a_code(zoom: SimulatorHandle, form: dict[str, str]) -> None:
    answer = requests.post(zoom.config().token_url, data=form, auth=("client", "secret"), timeout=PATIENCE_SECONDS)

    assert (answer.status_code, set(answer.json())) == (400, {"reason", "error"})


def test_the_handle_is_for_this_machine_only() -> None:
    stranger = create_app(None).test_client()

    answer = stranger.get("/_control/meetings", environ_base={"REMOTE_ADDR": "192.0.2.1"})

    assert answer.status_code == 403


@pytest.mark.parametrize(("path", "content"), [("faults", {"kind": "earthquake"}), ("switches", {"gravity": 0})])
def test_the_handle_refuses_what_it_does_not_know(zoom: SimulatorHandle, path: str, content: dict[str, Any]) -> None:
    assert requests.post(f"{zoom.url}/_control/{path}", json=content, timeout=PATIENCE_SECONDS).status_code == 400


def test_reset_forgets_everything_but_who_may_call(zoom: SimulatorHandle, create: Any) -> None:
    """Each process beside the tests holds a token of its own: two refused ones in a row would be a trouble of credentials."""
    create({})
    zoom.control.fault("outage")

    zoom.control.reset()

    assert (zoom.control.meetings(), zoom.control.calls()) == ([], [])
    assert create({}).status_code == 201
