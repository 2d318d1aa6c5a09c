"""Zoom's limits: by second and day and kind of call as the account's plan has them, and a host's hundred changes a day."""

import pytest
import requests

from booking.video.port import TryLater
from booking.video.zoom import ZoomMeetings
from tests.contract.test_zoom_contract import HOST, call
from tests.demo.simulator.test_messages import SPEC
from tests.simulator import SimulatorHandle
from toyooka_hw.demo.simulator.limits import KINDS, Limits
from toyooka_hw.demo.simulator.switches import Switches


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


def test_kinds_are_those_of_zooms_pages() -> None:
    assert [operation for operation, kind in KINDS.items() if kind == "Medium"] == ["create", "list"]
    assert [operation for operation, kind in KINDS.items() if kind == "Light"] == ["get", "update", "delete", "end", "user"]


@pytest.mark.parametrize(
    ("plan", "a_second", "a_day", "host_day", "at_once"),
    [
        ("", {}, {}, None, 1),
        ("free", {"Light": 4, "Medium": 2, "Heavy": 1}, {"Light": 6000, "Medium": 2000, "Heavy": 1000}, 100, 1),
        ("pro", {"Light": 30, "Medium": 20, "Heavy": 10}, {}, 100, 1),
        ("business", {"Light": 80, "Medium": 60, "Heavy": 40}, {}, 100, 2),
    ],
)
def test_plan_sets_what_zoom_publishes(
    plan: str, a_second: dict[str, int], a_day: dict[str, int], host_day: int | None, at_once: int
) -> None:
    switches = Switches(plan=plan, basic_hosts=["basic@example.jp"])

    assert (switches.a_second, switches.a_day, switches.host_day, switches.running_at_once(HOST)) == (a_second, a_day, host_day, at_once)
    assert switches.running_at_once("basic@example.jp") == 1


def test_what_is_named_goes_before_the_plan() -> None:
    switches = Switches(plan="pro", per_second={"Medium": 1}, per_day={"Light": 5}, daily_limit=3)

    assert (switches.a_second["Medium"], switches.a_second["Light"], switches.a_day, switches.host_day) == (1, 30, {"Light": 5}, 3)


def rates(answer: requests.Response) -> dict[str, str]:
    """The headers about limits, without their common beginning."""
    return {name.removeprefix("X-RateLimit-"): value for name, value in answer.headers.items() if name.startswith(("X-Rate", "Retry"))}


def test_answer_says_how_much_is_left(zoom: SimulatorHandle) -> None:
    zoom.control.switch(plan="pro")

    assert rates(call(zoom, "GET", f"/users/{HOST}")) == {"Category": "Light", "Type": "QPS", "Limit": "30", "Remaining": "29"}


def test_each_kind_of_refusal_has_its_headers(zoom: SimulatorHandle) -> None:
    zoom.control.switch(now="2031-01-10T12:34:56+00:00", plan="pro")
    new, path = {"topic": "相談"}, f"/users/{HOST}/meetings"

    zoom.control.switch(per_second={"Medium": 0})
    second = call(zoom, "POST", path, new)
    zoom.control.switch(per_second={}, per_day={"Medium": 0})
    account_day = call(zoom, "POST", path, new)
    zoom.control.switch(per_day={}, daily_limit=0)
    host_day = call(zoom, "POST", path, new)

    assert [(answer.status_code, answer.json()["code"]) for answer in (second, account_day, host_day)] == [(429, 429)] * 3
    spent = {"Category": "Medium", "Limit": "0", "Remaining": "0"}
    assert rates(second) == spent | {"Type": "QPS"}
    assert rates(account_day) == spent | {"Type": "Daily-limit", "Retry-After": "2031-01-11T00:00:00Z"}
    # only the words tell this one
    assert rates(host_day) == {"Category": "Light", "Limit": "6000", "Remaining": "5893"}
    assert "daily rate limit (100) of Meeting Create/Update API requests" in host_day.json()["message"]


def test_making_and_changing_count_and_deleting_does_not_until_midnight_utc(zoom: SimulatorHandle) -> None:
    zoom.control.switch(now="2031-01-10T23:59:59+00:00", daily_limit=3)
    made = call(zoom, "POST", f"/users/{HOST}/meetings", {"topic": "相談"}).json()
    address = f"/meetings/{made['id']}"

    def change() -> int:
        return call(zoom, "PATCH", address, {"topic": "面談"}).status_code

    refused = call(zoom, "POST", f"/users/{HOST}/meetings", {"topic": "x" * 201}).status_code
    counted = [refused, change(), change(), call(zoom, "POST", f"/users/{HOST.upper()}/meetings", {}).status_code]
    free = [call(zoom, "GET", address).status_code, call(zoom, "DELETE", address).status_code]
    other = call(zoom, "POST", "/users/another@example.jp/meetings", {}).status_code
    zoom.control.switch(now="2031-01-11T00:00:00+00:00")

    assert (counted, free, other) == ([400, 204, 429, 429], [200, 204], 201)
    assert call(zoom, "POST", f"/users/{HOST}/meetings", {}).status_code == 201
