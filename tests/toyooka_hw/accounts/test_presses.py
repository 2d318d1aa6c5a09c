"""A network address that presses without end is turned away kindly; whoever has come in, and Zoom, are not counted (japan.md §4.3)."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from tests.cast import MORNING, SESSION, Office
from tests.toyooka_hw.accounts.conftest import Colleague, at_time, log_in
from tests.visitor import text_of
from tests.zoom_notices import message, post
from toyooka_hw.accounts.middleware import PRESSES_COUNTED_FOR

pytestmark = pytest.mark.django_db
HERE, THERE = "203.0.113.7", "203.0.113.8"


@pytest.fixture(autouse=True)
def three_presses(settings: Settings) -> None:
    settings.PRESSES_PER_ADDRESS = 3


def press(path: str = "/slots/begin/", client: Client | None = None, address: str = HERE, later: timedelta = timedelta()) -> int:
    with at_time(MORNING + later):
        return (client or Client()).post(path, REMOTE_ADDR=address).status_code


def test_one_press_too_many_is_told_kindly_and_when_to_come_back(office: Office) -> None:
    assert [press() for _ in range(3)] == [200, 200, 200]
    with at_time(MORNING):
        page = Client().post("/slots/begin/", REMOTE_ADDR=HERE)
    assert (page.status_code, page["Retry-After"], page["Cache-Control"]) == (429, "600", "no-store")
    assert "10分ほどたってから、もう一度お試しください。お急ぎの方は、お電話ください。" in text_of(page)
    assert "Content-Security-Policy" in page.headers


def test_other_addresses_and_the_next_ten_minutes_are_free(office: Office) -> None:
    assert [press() for _ in range(4)][-1] == 429
    assert (press(address=THERE), press(later=PRESSES_COUNTED_FOR)) == (200, 200)


def test_looking_is_free(office: Office) -> None:
    with at_time(MORNING):
        assert {Client().get("/slots/", REMOTE_ADDR=HERE).status_code for _ in range(4)} == {200}


@pytest.mark.parametrize("entrance", ["/admin/login/", "/admin/welcome/nothing/"])
def test_entrance_of_the_staff_is_counted(entrance: str) -> None:
    """Beside the lock of each account: passwords tried on many accounts come from one address."""
    assert [press(entrance) for _ in range(4)][-1] == 429


def test_staff_at_work_are_not_counted(colleague: Colleague) -> None:
    with at_time(MORNING):
        client = log_in(colleague())[0]
    assert 429 not in {press("/admin/me/app/", client) for _ in range(4)}


def test_zoom_is_not_counted() -> None:
    statuses = {post(message("meeting.started", SESSION, uuid=f"run-{each}"), SESSION).status_code for each in range(4)}
    assert statuses == {200}


def test_without_a_limit_nobody_is_counted(office: Office, settings: Settings) -> None:
    settings.PRESSES_PER_ADDRESS = 0
    assert {press() for _ in range(4)} == {200}
