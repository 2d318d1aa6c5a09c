"""The simulated Zoom's pages, by keyboard and at a phone's width: a host changes a meeting by hand, and runs one at a time."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from booking.video.zoom import ZoomMeetings
from tests.contract.test_zoom_contract import SPEC
from tests.rooms import Room
from tests.simulator import SimulatorHandle


@pytest.fixture
def room(zoom: SimulatorHandle) -> Room:
    client = ZoomMeetings(zoom.config())
    return Room(client, client.create(SPEC))


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).press("Enter")


def test_host_changes_the_meeting_by_hand(page: Page, room: Room, zoom: SimulatorHandle, look: Callable[[Page, str], None]) -> None:
    page.goto(room.client.host_link(room.info.meeting_id))
    look(page, "zoom-host")
    page.get_by_label("待機室を使う").focus()
    page.keyboard.press("Space")
    press(page, "設定を保存")
    expect(page.get_by_label("待機室を使う")).not_to_be_checked()
    page.get_by_label("開始日時").fill("2031-01-15T09:30")
    press(page, "開始日時を変更")
    expect(page.get_by_text("2031年1月15日（水） 09:30（30分）")).to_be_visible()
    page.get_by_label("開始日時").fill("2001-01-15T09:30")
    press(page, "開始日時を変更")
    expect(page.get_by_text("これからの日時を入力してください。")).to_be_visible()
    look(page, "zoom-host-past")
    press(page, "このミーティングを削除")
    expect(page.get_by_role("heading", name="このミーティングは終了しました")).to_be_visible()
    assert [each["settings"]["waiting_room"] for each in zoom.control.meetings()] == [False]


def test_host_ends_one_meeting_for_another(page: Page, room: Room, look: Callable[[Page, str], None]) -> None:
    other = Room(room.client, room.client.create(replace(SPEC, reference="0cc175b9c0f1")))
    other.host_does("start")
    seat = room.enter()
    page.goto(seat.url)
    look(page, "zoom-seat-busy")
    page.goto(room.client.host_link(room.info.meeting_id))
    press(page, "ミーティングを開始")
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "zoom-host-busy")
    press(page, "開催中のミーティングを終了して開始")
    expect(page.get_by_text("ミーティングを開催しています。", exact=True)).to_be_visible()
    look(page, "zoom-host-running")
