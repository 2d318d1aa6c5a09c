"""The simulated rooms: a guest and a host meet, by hand, through pages without scripts."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests

from booking.video.port import MeetingSpec
from booking.video.zoom import ZoomMeetings
from tests.rooms import Room, post
from tests.simulator import SimulatorHandle
from tests.surroundings import PATIENCE_SECONDS

SPEC = MeetingSpec("sato@zoom.example.jp", "オンライン職業相談", datetime(2031, 1, 14, 1, 0, tzinfo=UTC), 30, "8f14e45fceea", "Kq7mZ2xw9A")


def get(address: str) -> requests.Response:
    return requests.get(address, timeout=PATIENCE_SECONDS)


def heading(page: requests.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text)
    assert found
    return found[1]


@pytest.fixture
def room(zoom: SimulatorHandle) -> Room:
    client = ZoomMeetings(zoom.config())
    return Room(client, client.create(SPEC))


def test_a_guest_waits_is_admitted_and_leaves(room: Room) -> None:
    seat = room.enter().url
    assert heading(get(seat)) == "開始をお待ちください"

    room.host_does("start")
    assert heading(get(seat)) == "待機室でお待ちください"

    room.host_does("admit", person=seat.rpartition("/")[2])
    assert heading(get(seat)) == "入室しています"

    assert heading(post(f"{seat}/leave")) == "退室しました"


def test_nobody_is_admitted_before_the_start(room: Room) -> None:
    seat = room.enter().url

    room.host_does("admit", person=seat.rpartition("/")[2])

    assert heading(get(seat)) == "開始をお待ちください"


def test_the_host_sees_who_waits_and_sends_out(room: Room) -> None:
    seat = room.enter("城崎 太郎").url

    table = room.host_does("start")
    assert table.text.count("<span>城崎 太郎</span>") == 1

    room.host_does("remove", person=seat.rpartition("/")[2])
    assert heading(get(seat)) == "退室しました"


def test_the_end_sends_everybody_out(room: Room) -> None:
    seat = room.enter().url
    room.host_does("start")

    room.host_does("end")

    assert heading(get(seat)) == "退室しました"


@pytest.mark.parametrize(("passcode", "status"), [("Kq7mZ2xw9A", 200), ("wrong", 422), ("", 422)])
def test_the_passcode_opens_the_door_too(room: Room, passcode: str, status: int) -> None:
    assert room.enter(passcode=passcode).status_code == status


def test_a_wrong_passcode_is_told_kindly_and_the_name_stays(room: Room) -> None:
    page = room.enter("城崎 太郎", passcode="wrong")

    assert "<title>エラー：ミーティングへの参加｜" in page.text
    assert 'value="城崎 太郎"' in page.text
    assert "パスコードが正しくありません。" in page.text


@pytest.mark.parametrize("name", ["", "　", "あ" * 65])
def test_a_name_is_asked_for(room: Room, name: str) -> None:
    assert room.enter(name).status_code == 422


def test_a_changed_passcode_makes_the_old_link_ask_for_it(room: Room) -> None:
    fields = {each: getattr(SPEC, each) for each in ("host", "topic", "starts_at", "minutes", "reference")}
    room.client.update(room.info.meeting_id, MeetingSpec(passcode="Another1", **fields))

    assert 'id="pwd"' in get(room.info.join_url).text
    assert room.enter().status_code == 422


def test_a_deleted_meeting_says_that_it_is_over(room: Room) -> None:
    seat = room.enter().url
    room.client.delete(room.info.meeting_id)

    assert {heading(get(address)) for address in (room.info.join_url, seat)} == {"このミーティングは終了しました"}


@pytest.mark.parametrize("key", ["", "invented"])
def test_the_hosts_table_needs_its_key(room: Room, key: str) -> None:
    table = room.client.host_link(room.info.meeting_id).partition("?")[0]

    assert [get(f"{table}?zak={key}").status_code, post(f"{table}/start", zak=key).status_code] == [403, 403]


def test_a_host_link_cannot_be_made_to_last(room: Room) -> None:
    link = room.client.host_link(room.info.meeting_id)
    name, stamp, seal = link.rpartition("=")[2].split(".")

    forged = [f"{name}.{stamp.replace('-', '0-')}.{seal}", f"{name}.{stamp}", f"{name}..{seal}", f"{name}.{stamp}.", "鍵.鍵.鍵"]
    assert {get(link.replace(f"{name}.{stamp}.{seal}", key)).status_code for key in forged} == {403}


def test_a_host_link_ends_after_two_hours(room: Room, zoom: SimulatorHandle) -> None:
    zoom.control.switch(now="2031-01-14T00:00:00+00:00")
    link = ZoomMeetings(zoom.config()).host_link(room.info.meeting_id)
    assert get(link).status_code == 200

    zoom.control.switch(now="2031-01-14T02:00:00+00:00")
    assert get(link).status_code == 403


def test_looking_changes_nothing(room: Room, zoom: SimulatorHandle) -> None:
    link = room.client.host_link(room.info.meeting_id)
    before = zoom.control.meetings()

    for address in (zoom.url, room.info.join_url, link):
        assert get(address).status_code == 200

    assert zoom.control.meetings() == before


def test_every_page_says_that_it_is_not_the_real_thing_and_keeps_its_address_to_itself(room: Room, zoom: SimulatorHandle) -> None:
    pages = [get(zoom.url), get(room.info.join_url), room.enter(), room.host_does("start")]

    assert [page.text.count("<strong>デモ用の模擬Zoom</strong>") for page in pages] == [1] * 4
    assert {page.headers["Referrer-Policy"] for page in pages} == {"no-referrer"}
    assert {page.headers["Cache-Control"] for page in pages} == {"no-store"}
    assert ["zak=" in page.text for page in pages] == [False, False, False, True]


def test_a_name_is_shown_as_text(room: Room) -> None:
    room.enter("<b>花子</b>")

    assert "&lt;b&gt;花子&lt;/b&gt;" in room.host_does("start").text


# --- one meeting at a time ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def other(room: Room) -> Room:
    """Another meeting of the same host, which is running."""
    other = Room(room.client, room.client.create(replace(SPEC, reference="0cc175b9c0f1")))
    other.host_does("start")
    return other


def status_of(room: Room) -> str:
    return room.client.get(room.info.meeting_id).status


def test_second_meeting_of_a_host_asks_to_end_the_first(room: Room, other: Room) -> None:
    guest = other.enter()
    asked = room.host_does("start")

    assert (asked.status_code, status_of(room), status_of(other)) == (409, "waiting", "started")
    assert asked.text.count("<title>エラー：主催者の画面｜") == 1
    assert heading(get(room.enter().url)) == "開始をお待ちください"
    assert "担当者は別のミーティングを開催しています。" in get(room.enter().url).text

    assert room.host_does("start", end_other="1").status_code == 200
    assert (status_of(room), status_of(other), heading(get(guest.url))) == ("started", "waiting", "退室しました")


def test_business_host_runs_two_at_once_a_basic_one_never(room: Room, other: Room, zoom: SimulatorHandle) -> None:
    zoom.control.switch(plan="business", basic_hosts=[SPEC.host])
    assert room.host_does("start").status_code == 409

    zoom.control.switch(basic_hosts=[])
    assert room.host_does("start").status_code == 200
    assert (status_of(room), status_of(other)) == ("started", "started")


def test_host_who_presses_twice_is_not_in_the_own_way(room: Room) -> None:
    assert [room.host_does("start").status_code, room.host_does("start").status_code] == [200, 200]


# --- changed by hand ---------------------------------------------------------------------------------------------------------------


def settings_of(zoom: SimulatorHandle) -> tuple[bool, str]:
    (meeting,) = zoom.control.meetings()
    return meeting["settings"]["waiting_room"], meeting["settings"]["auto_recording"]


def test_host_switches_the_waiting_room_off_and_recording_on(room: Room, zoom: SimulatorHandle) -> None:
    room.host_does("set", auto_recording="on")
    assert settings_of(zoom) == (False, "cloud")

    room.host_does("set", waiting_room="on")
    assert settings_of(zoom) == (True, "none")


def test_host_moves_the_meeting(room: Room) -> None:
    page = room.host_does("move", start="2031-01-15T09:30")

    assert room.client.get(room.info.meeting_id).starts_at == datetime(2031, 1, 15, 0, 30, tzinfo=UTC)
    assert 'value="2031-01-15T09:30"' in page.text


@pytest.mark.parametrize("start", ["2001-01-01T10:00", "soon", ""])
def test_start_that_has_passed_or_cannot_be_read_is_refused(room: Room, start: str) -> None:
    page = room.host_does("move", start=start)

    assert (page.status_code, room.client.get(room.info.meeting_id).starts_at) == (409, SPEC.starts_at)
    assert "これからの日時を入力してください。" in page.text


def test_host_deletes_the_meeting(room: Room, zoom: SimulatorHandle) -> None:
    assert heading(room.host_does("delete")) == "このミーティングは終了しました"
    assert zoom.control.standing() == []


@pytest.mark.parametrize("action", ["move", "delete"])
def test_running_meeting_is_neither_moved_nor_deleted(room: Room, zoom: SimulatorHandle, action: str) -> None:
    room.host_does("start")
    page = room.host_does(action, start="2031-01-15T09:30")

    assert (page.status_code, room.client.get(room.info.meeting_id).starts_at) == (409, SPEC.starts_at)
    assert len(zoom.control.standing()) == 1
