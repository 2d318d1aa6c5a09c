"""The client against the simulated Zoom, over real HTTP (C4, C6-1-4)."""

import logging
import socket
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests

from booking.video.alone import Alone
from booking.video.port import Gone, MeetingInfo, MeetingSpec, NotAuthorised, Refused, TryLater, VideoError, ZoomConfig
from booking.video.zoom import ZoomMeetings
from tests.simulator import SECRET, SimulatorHandle
from tests.surroundings import PATIENCE_SECONDS

DAY = date(2031, 1, 14)


def open_room(client: ZoomMeetings, meeting_id: int) -> None:
    """The host opens the meeting through the fresh link."""
    table, _, key = client.host_link(meeting_id).partition("?zak=")
    requests.post(f"{table}/start", data={"zak": key}, timeout=PATIENCE_SECONDS).raise_for_status()


def statuses(simulator: SimulatorHandle, *operations: str) -> list[tuple[str, int]]:
    return [(call["operation"], call["status"]) for call in simulator.control.calls() if call["operation"] in operations]


# --- the verbs ---------------------------------------------------------------------------------------------------------------------


def test_create_sends_japanese_time_as_utc(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    info = client.create(spec)

    sent = simulator.control.calls("create")[0]["request"]
    assert (sent["start_time"], sent["timezone"]) == ("2031-01-14T01:00:00Z", "Asia/Tokyo")
    assert info.starts_at == spec.starts_at == datetime(2031, 1, 14, 1, 0, tzinfo=UTC)


def test_create_returns_the_meeting_as_zoom_made_it(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    info = client.create(spec)

    (made,) = simulator.control.meetings()
    assert info == MeetingInfo(
        meeting_id=made["id"],
        host=spec.host,
        join_url=f"{simulator.url}/j/{made['id']}?pwd={made['door']}",
        passcode=spec.passcode,
        starts_at=spec.starts_at,
        status="waiting",
        reference=spec.reference,
    )


def test_create_asks_for_a_confidential_meeting(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    """C4: no recording, no summaries, nobody in before the counsellor, even where the account's defaults say otherwise."""
    client.create(spec)

    settings = simulator.control.meetings()[0]["settings"]
    confidential = {
        "waiting_room": True,
        "join_before_host": False,
        "auto_recording": "none",
        "auto_start_meeting_summary": False,
        "auto_start_ai_companion_questions": False,
        "continuous_meeting_chat": {"enable": False},
        "question_and_answer": {"enable": False},
        "email_notification": False,
        "meeting_authentication": False,
    }
    assert {name: settings[name] for name in confidential} == confidential


def test_create_with_an_odd_host_address_quotes_it(client: ZoomMeetings, spec: MeetingSpec) -> None:
    host = "相談+a?b#c%d@example.jp"

    assert client.create(replace(spec, host=host)).host == host


def test_create_in_the_middle_of_a_second_is_taken_as_that_second(client: ZoomMeetings, spec: MeetingSpec) -> None:
    info = client.create(replace(spec, starts_at=spec.starts_at.replace(microsecond=999_999)))

    assert info.starts_at == spec.starts_at


def test_find_returns_complete_meetings_of_the_reference_oldest_first(
    client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec
) -> None:
    simulator.control.switch(now="2031-01-10T00:00:00+00:00")
    first = client.create(spec)
    simulator.control.switch(now="2031-01-10T00:01:00+00:00")
    second = client.create(spec)
    client.create(replace(spec, reference=spec.reference + "0"))
    client.create(replace(spec, host="another@example.jp"))

    assert client.find(spec.host, spec.reference, DAY) == [first, second]


def test_find_reads_every_page(client: ZoomMeetings, spec: MeetingSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("booking.video.zoom._PAGE_SIZE", 2)
    made = [client.create(replace(spec, reference=f"r{number}")) for number in range(5)]

    assert [client.find(spec.host, info.reference, DAY) for info in made] == [[info] for info in made]


def test_find_leaves_out_what_has_been_deleted(client: ZoomMeetings, spec: MeetingSpec) -> None:
    client.delete(client.create(spec).meeting_id)

    assert client.find(spec.host, spec.reference, DAY) == []


def test_find_of_a_running_meeting_never_ends_it(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    info = client.create(spec)
    simulator.control.fault("override_settings", on="update", count=1)
    with pytest.raises(Refused):
        client.update(info.meeting_id, replace(spec, topic="変更"))
    open_room(client, info.meeting_id)

    assert client.find(spec.host, spec.reference, DAY) == [replace(info, status="started")]


def test_get_tells_whether_it_is_running(client: ZoomMeetings, spec: MeetingSpec) -> None:
    info = client.create(spec)
    open_room(client, info.meeting_id)

    assert client.get(info.meeting_id) == replace(info, status="started")


def test_update_moves_the_meeting_and_keeps_its_link(client: ZoomMeetings, spec: MeetingSpec) -> None:
    info = client.create(spec)
    later = replace(spec, starts_at=spec.starts_at + timedelta(days=1))

    client.update(info.meeting_id, later)

    assert client.get(info.meeting_id) == replace(info, starts_at=later.starts_at)


def test_update_without_a_difference_spends_none_of_the_hosts_requests(
    client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec
) -> None:
    info = client.create(spec)

    client.update(info.meeting_id, spec)

    assert statuses(simulator, "update") == []


def test_update_anew_is_sent_although_nothing_is_unsafe(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    info, open_to_all = client.create(spec), replace(spec, waiting_room=False)

    client.update(info.meeting_id, open_to_all)
    assert statuses(simulator, "update") == []
    client.update(info.meeting_id, open_to_all, anew=True)

    assert [each["settings"]["waiting_room"] for each in simulator.control.standing()] == [False]


def test_update_to_a_past_start_that_zoom_ignores_is_refused(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    info = client.create(spec)
    simulator.control.switch(now="2031-01-20T00:00:00+00:00")

    with pytest.raises(Refused, match="start_time"):
        client.update(info.meeting_id, replace(spec, starts_at=spec.starts_at + timedelta(days=1)))


def test_end_sends_everybody_out(client: ZoomMeetings, spec: MeetingSpec) -> None:
    info = client.create(spec)
    open_room(client, info.meeting_id)

    client.end(info.meeting_id)

    assert client.get(info.meeting_id).status == "waiting"


def test_delete_of_a_running_meeting_ends_it_first(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    info = client.create(spec)
    open_room(client, info.meeting_id)

    client.delete(info.meeting_id)

    assert statuses(simulator, "end", "delete") == [("end", 204), ("delete", 204)]
    assert simulator.control.standing() == []


def test_delete_while_it_is_being_started_is_for_later(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    info = client.create(spec)
    simulator.control.fault("refuse", on="delete", code=3002, message="Sorry, you cannot delete this meeting since it is in progress.")

    with pytest.raises(TryLater):
        client.delete(info.meeting_id)


def test_host_link_is_fresh_each_time(client: ZoomMeetings, spec: MeetingSpec) -> None:
    meeting_id = client.create(spec).meeting_id

    assert client.host_link(meeting_id) != client.host_link(meeting_id)


# --- what Zoom makes of it ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ({"waiting_room": False}, "waiting_room"),
        ({"join_before_host": True}, "join_before_host"),
        ({"auto_recording": "cloud"}, "auto_recording"),
        ({"auto_start_meeting_summary": True}, "auto_start_meeting_summary"),
        ({"auto_start_ai_companion_questions": True}, "auto_start_ai_companion_questions"),
        ({"continuous_meeting_chat": {"enable": True}}, "continuous_meeting_chat"),
        ({"use_pmi": True}, "use_pmi"),
        ({"meeting_authentication": True}, "meeting_authentication"),
    ],
)
def test_create_with_an_overridden_safety_setting_deletes_and_refuses(
    client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec, override: dict[str, Any], named: str
) -> None:
    simulator.control.fault("override_settings", settings=override)

    with pytest.raises(Refused, match=f": {named}$"):
        client.create(spec)

    assert [meeting["deleted"] for meeting in simulator.control.meetings()] == [True]


def test_create_that_cannot_undo_says_what_is_left_behind(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    simulator.control.fault("override_settings")
    simulator.control.fault("outage", on="delete")

    with pytest.raises(Refused) as caught:
        client.create(spec)

    (left,) = simulator.control.standing()
    assert f"meeting {left['id']} is left behind" in str(caught.value)


# --- unclear and passing trouble ---------------------------------------------------------------------------------------------------


def test_create_whose_answer_is_lost_is_unclear_and_can_be_adopted(
    client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec
) -> None:
    simulator.control.fault("lose_answer", on="create", count=1)

    with pytest.raises(TryLater) as caught:
        client.create(spec)
    (adopted,) = client.find(spec.host, spec.reference, DAY)

    assert caught.value.unclear
    assert [meeting["id"] for meeting in simulator.control.meetings()] == [adopted.meeting_id]


def test_create_answered_too_late_is_unclear(simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    impatient = ZoomMeetings(simulator.config(timeout_seconds=1))
    simulator.control.fault("delay", on="create", seconds=60)

    with pytest.raises(TryLater) as caught:
        impatient.create(spec)

    assert caught.value.unclear


def test_create_during_an_outage_is_unclear(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    simulator.control.fault("outage", on="create")

    with pytest.raises(TryLater) as caught:
        client.create(spec)

    assert (caught.value.unclear, caught.value.after) == (True, None)


@pytest.mark.parametrize("kind", ["non_json", "late_error"])
def test_create_answered_with_something_else_than_the_meeting_is_unclear(
    client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec, kind: str
) -> None:
    simulator.control.fault(kind, on="create")

    with pytest.raises(TryLater) as caught:
        client.create(spec)

    assert (caught.value.unclear, len(simulator.control.standing())) == (True, 1)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_create_that_never_left_is_clear(simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    nowhere = ZoomMeetings(replace(simulator.config(), api_url=f"http://127.0.0.1:{unused_port()}/v2"))

    with pytest.raises(TryLater) as caught:
        nowhere.create(spec)

    assert not caught.value.unclear


@pytest.mark.parametrize("kind", ["outage", "non_json", "lose_answer", "late_error"])
def test_get_in_trouble_is_for_later_but_never_unclear(
    client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec, kind: str
) -> None:
    meeting_id = client.create(spec).meeting_id
    simulator.control.fault(kind, on="get")

    with pytest.raises(TryLater) as caught:
        client.get(meeting_id)

    assert not caught.value.unclear


@pytest.mark.parametrize("limit", ["account_day", "host_day"])
def test_a_used_up_day_waits_until_midnight_utc(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec, limit: str) -> None:
    """The wait counts from the reply's own date; the simulator stamps real time, so only its bounds are the same everywhere."""
    simulator.control.fault("throttle", on="create", limit=limit)

    with pytest.raises(TryLater) as caught:
        client.create(spec)

    assert caught.value.after is not None
    assert timedelta(0) <= caught.value.after <= timedelta(days=1)
    assert not caught.value.unclear


def test_a_burst_names_no_wait(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    simulator.control.fault("throttle", on="create", limit="second")

    with pytest.raises(TryLater) as caught:
        client.create(spec)

    assert (caught.value.after, caught.value.unclear) == (None, False)


def test_the_hosts_hundredth_request_of_the_day_was_the_last(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    simulator.control.switch(daily_limit=1)
    client.create(spec)

    with pytest.raises(TryLater, match="daily rate limit"):
        client.create(spec)
    client.create(replace(spec, host="another@example.jp"))


# --- lasting trouble ---------------------------------------------------------------------------------------------------------------


def test_create_for_an_unknown_host_is_refused(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    simulator.control.switch(unknown_hosts=[spec.host])

    with pytest.raises(Refused, match="1001"):
        client.create(spec)


@pytest.mark.parametrize("code", [200, 300, 1010, 3000, 3003, 3161])
def test_lasting_refusals_are_refused(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec, code: int) -> None:
    simulator.control.fault("refuse", on="create", code=code, message="No.")

    with pytest.raises(Refused, match=f"HTTP 400, code {code}: No."):
        client.create(spec)


@pytest.mark.parametrize("verb", ["get", "end", "delete", "host_link"])
def test_a_missing_meeting_is_gone(client: ZoomMeetings, verb: str) -> None:
    with pytest.raises(Gone):
        getattr(client, verb)(12345678901)


def test_update_of_a_missing_meeting_is_gone(client: ZoomMeetings, spec: MeetingSpec) -> None:
    with pytest.raises(Gone):
        client.update(12345678901, spec)


def test_delete_of_an_ended_meeting_is_gone(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    meeting_id = client.create(spec).meeting_id
    simulator.control.fault("refuse", on="delete", code=3007, message="Sorry, you cannot delete this meeting since it has ended.")

    with pytest.raises(Gone):
        client.delete(meeting_id)


# --- the token ---------------------------------------------------------------------------------------------------------------------


def test_one_token_serves_many_calls_and_clients(simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    for _ in range(3):
        ZoomMeetings(simulator.config()).create(spec)

    assert statuses(simulator, "token") == [("token", 200)]


@pytest.mark.parametrize(("kind", "details"), [("reject_token", {}), ("refuse", {"status": 400, "code": 124, "message": "Invalid"})])
def test_a_refused_token_is_renewed_and_the_call_made_once_more(
    client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec, kind: str, details: dict[str, Any]
) -> None:
    simulator.control.fault(kind, on="create", count=1, **details)

    client.create(spec)

    first = details.get("status", 401)
    assert statuses(simulator, "token", "create") == [("token", 200), ("create", first), ("token", 200), ("create", 201)]


def test_a_token_refused_twice_is_not_authorised(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    simulator.control.fault("reject_token")

    with pytest.raises(NotAuthorised):
        client.create(spec)
    assert statuses(simulator, "create") == [("create", 401), ("create", 401)]


def test_a_token_near_its_end_is_renewed_before_the_call(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    simulator.control.switch(token_seconds=300)
    client.create(spec)
    client.create(spec)

    assert statuses(simulator, "token", "create") == [("token", 200), ("create", 201)] * 2


def test_a_missing_scope_is_named_and_not_tried_again(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    simulator.control.switch(missing_scopes=["meeting:write:meeting:admin"])

    with pytest.raises(NotAuthorised, match=r"does not contain scopes:\[meeting:write:meeting:admin\]"):
        client.create(spec)
    assert statuses(simulator, "create") == [("create", 400)]


def test_wrong_credentials_are_not_authorised(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    simulator.control.fault("reject_client")

    with pytest.raises(NotAuthorised, match="invalid_client"):
        client.create(spec)


@pytest.mark.parametrize("kind", ["outage", "non_json", "lose_answer", "late_error", "throttle"])
def test_trouble_at_the_token_is_for_later_and_clear(
    client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec, kind: str
) -> None:
    simulator.control.fault(kind, on="token")

    with pytest.raises(TryLater) as caught:
        client.create(spec)
    assert not caught.value.unclear


def test_credentials_beyond_latin_letters_can_be_sent(simulator: SimulatorHandle, spec: MeetingSpec) -> None:
    ZoomMeetings(replace(simulator.config(), client_secret="ひみつ")).create(spec)

    assert statuses(simulator, "token") == [("token", 200)]


# --- nothing secret gets out -------------------------------------------------------------------------------------------------------


def test_no_secret_in_representations_messages_or_logs(
    client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    info = client.create(spec)
    key = client.host_link(info.meeting_id).partition("zak=")[2]
    said = [repr(client), repr(spec), repr(info), repr(simulator.config()), *(failed(client, simulator, spec, kind) for kind in TROUBLE)]

    door = simulator.control.meetings()[0]["door"]
    secrets = [SECRET, key, door, spec.passcode, client._tokens.current(Alone()).value]
    assert [secret for secret in secrets if secret in "\n".join([*said, caplog.text])] == []


TROUBLE = ["outage", "lose_answer", "late_error", "reject_token", "non_json", "throttle", "override_settings"]


def failed(client: ZoomMeetings, simulator: SimulatorHandle, spec: MeetingSpec, kind: str) -> str:
    """All that an error report would show of this failure, causes and contexts included."""
    simulator.control.clear_faults()
    simulator.control.fault(kind, on="create")
    with pytest.raises(VideoError) as caught:
        client.create(spec)
    return f"{caught.value!r} {caught.value} {caught.value.__cause__!r} {caught.value.__context__!r} {vars(caught.value)}"


def test_a_config_does_not_show_its_secret() -> None:
    config = ZoomConfig("account", "client", SECRET, "http://127.0.0.1/v2", "http://127.0.0.1/oauth/token")

    assert repr(config) == (
        "ZoomConfig(account_id='account', client_id='client', api_url='http://127.0.0.1/v2', "
        "token_url='http://127.0.0.1/oauth/token', timeout_seconds=10)"
    )
