"""What is believed of Zoom's answer and what is not."""

from dataclasses import replace
from typing import Any

import pytest

from booking.video.meeting import SETTINGS, breaches, differences, meeting_body, meeting_info, reference_in, unsafe_settings
from booking.video.port import MeetingSpec


@pytest.fixture
def answer(spec: MeetingSpec) -> dict[str, Any]:
    return {**meeting_body(spec), "id": 81234567890, "join_url": "https://example.jp/j/81234567890"}


def test_an_answer_without_the_undocumented_fields_is_understood(spec: MeetingSpec, answer: dict[str, Any]) -> None:
    info = meeting_info(answer, spec.host)

    assert (info.meeting_id, info.host, info.status) == (81234567890, spec.host, "waiting")


def test_an_id_as_text_becomes_a_number(spec: MeetingSpec, answer: dict[str, Any]) -> None:
    assert meeting_info({**answer, "id": "81234567890"}, spec.host).meeting_id == 81234567890


@pytest.mark.parametrize(
    "change",
    [{"id": None}, {"id": "x"}, {"join_url": ""}, {"join_url": None}, {"start_time": ""}, {"start_time": "2031-01-14T10:00:00"}],
)
def test_an_incomplete_answer_is_an_error(spec: MeetingSpec, answer: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        meeting_info({**answer, **change}, spec.host)


def test_an_answer_as_asked_has_no_breach(spec: MeetingSpec, answer: dict[str, Any]) -> None:
    assert (differences(answer, spec), breaches(answer, spec)) == ([], [])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"start_time": "2031-01-14T10:00:00Z"}, ["start_time"]),  # the local time taken for UTC
        ({"start_time": "now"}, ["start_time"]),
        ({"password": ""}, ["password"]),
        ({"settings": {}}, ["waiting_room", "join_before_host", "auto_recording"]),
        ({"settings": None}, ["waiting_room", "join_before_host", "auto_recording"]),
        ({"topic": "Zoom meeting"}, []),  # not what makes it unfit
    ],
)
def test_breaches(spec: MeetingSpec, answer: dict[str, Any], change: dict[str, Any], expected: list[str]) -> None:
    assert breaches({**answer, **change}, spec) == expected


def test_settings_of_features_the_account_lacks_may_be_missing(spec: MeetingSpec) -> None:
    silent = {name: value for name, value in SETTINGS.items() if not name.startswith("auto_start")}

    assert unsafe_settings({"settings": silent}, spec) == []


@pytest.mark.parametrize(("wanted", "given", "expected"), [(True, False, ["waiting_room"]), (False, False, []), (False, True, [])])
def test_waiting_room_may_be_safer_than_asked_for_and_never_less(
    spec: MeetingSpec, answer: dict[str, Any], *, wanted: bool, given: bool, expected: list[str]
) -> None:
    spec, settings = replace(spec, waiting_room=wanted), {**SETTINGS, "waiting_room": given}

    assert breaches({**answer, "settings": settings}, spec) == expected
    assert meeting_body(spec)["settings"]["waiting_room"] is wanted


def test_answer_silent_about_the_waiting_room_is_not_believed_even_without_one(spec: MeetingSpec) -> None:
    silent = {name: value for name, value in SETTINGS.items() if name != "waiting_room"}

    assert unsafe_settings({"settings": silent}, replace(spec, waiting_room=False)) == ["waiting_room"]


@pytest.mark.parametrize(
    ("agenda", "expected"),
    [
        ("ref:8f14e45fceea", "8f14e45fceea"),
        ("相談\nref:8f14e45fceea\n", "8f14e45fceea"),
        ("xref:8f14e45fceea", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_reference_in(agenda: str | None, expected: str) -> None:
    assert reference_in({"agenda": agenda}) == expected
