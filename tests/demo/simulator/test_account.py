"""The simulated account: who its hosts are, what its administrator locked, whether the app still holds."""

from typing import Any

import pytest

from booking.video.port import NotAuthorised, Refused
from booking.video.zoom import ZoomMeetings
from tests.contract.test_zoom_contract import HOST, LATER, SPEC, call
from tests.simulator import SimulatorHandle

LOCKED = {"waiting_room": False, "auto_recording": "cloud"}


@pytest.mark.parametrize(
    ("switches", "kind", "status"),
    [({}, 2, "active"), ({"basic_hosts": [HOST]}, 1, "active"), ({"inactive_hosts": [HOST]}, 2, "inactive")],
)
def test_host_is_described(zoom: SimulatorHandle, switches: dict[str, Any], kind: int, status: str) -> None:
    zoom.control.switch(**switches)
    answer = call(zoom, "GET", f"/users/{HOST}").json()

    assert (answer["email"], answer["type"], answer["status"]) == (HOST, kind, status)


@pytest.mark.parametrize("switch", ["unknown_hosts", "inactive_hosts"])
def test_host_who_is_not_there_gets_no_meeting(zoom: SimulatorHandle, switch: str) -> None:
    zoom.control.switch(**{switch: [HOST]})

    with pytest.raises(Refused, match="code 1001: User does not exist"):
        ZoomMeetings(zoom.config()).create(SPEC)


def test_locked_settings_win_silently_over_calls_and_hands(zoom: SimulatorHandle) -> None:
    made = call(zoom, "POST", f"/users/{HOST}/meetings", {"password": "Kq7mZ2xw9A", "settings": {"waiting_room": True}}).json()
    zoom.control.switch(locked_settings=LOCKED)
    address = f"/meetings/{made['id']}"

    assert call(zoom, "PATCH", address, {"settings": {"waiting_room": True}}).status_code == 204
    changed = call(zoom, "GET", address).json()["settings"]
    zoom.control.change_by_hand(made["id"], settings={"waiting_room": True})
    by_hand = call(zoom, "GET", address).json()["settings"]
    new = call(zoom, "POST", f"/users/{HOST}/meetings", {"settings": {"waiting_room": True}}).json()["settings"]

    assert made["settings"]["waiting_room"] is True
    assert [{name: settings[name] for name in LOCKED} for settings in (changed, by_hand, new)] == [LOCKED] * 3


def test_client_leaves_no_meeting_behind_whose_waiting_room_is_locked_off(zoom: SimulatorHandle) -> None:
    zoom.control.switch(locked_settings={"waiting_room": False})

    with pytest.raises(Refused, match="waiting_room"):
        ZoomMeetings(zoom.config()).create(SPEC)
    assert zoom.control.standing() == []


def test_deactivated_app_loses_its_tokens_at_once_and_comes_back_without_them(zoom: SimulatorHandle) -> None:
    client = ZoomMeetings(zoom.config())
    made = client.create(SPEC)

    zoom.control.switch(app_active=False)
    with pytest.raises(NotAuthorised, match="Invalid client_id or client_secret"):
        client.get(made.meeting_id)
    refused = [(each["operation"], each["status"], set(each["response"])) for each in zoom.control.calls()[-2:]]
    zoom.control.switch(app_active=True)

    assert refused == [("get", 401, {"code", "message"}), ("token", 400, {"reason", "error"})]
    assert client.get(made.meeting_id) == made
    assert [(each["operation"], each["status"]) for each in zoom.control.calls()[-2:]] == [("token", 200), ("get", 200)]


def test_revoked_tokens_are_replaced(zoom: SimulatorHandle) -> None:
    client = ZoomMeetings(zoom.config())
    made = client.create(SPEC)

    zoom.control.revoke_tokens()
    client.update(made.meeting_id, LATER)

    answered = [(each["operation"], each["status"]) for each in zoom.control.calls()[2:5]]
    assert answered == [("get", 401), ("token", 200), ("get", 200)]
