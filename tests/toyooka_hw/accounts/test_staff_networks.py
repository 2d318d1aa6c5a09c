"""Where the office names its networks, the staff's pages are not to be found from elsewhere (japan.md §4.3)."""

import pytest
from django.test import Client
from pytest_django import Settings

from tests.cast import MORNING, Office
from tests.visitor import at_time, text_of

pytestmark = pytest.mark.django_db
STAFF_PATHS = ("/admin/login/", "/admin/", "/admin/welcome/x/", "/admin/nowhere/", "/admin/booking/today/")


@pytest.fixture(autouse=True)
def named(settings: Settings) -> None:
    settings.STAFF_NETWORKS = ["10.20.0.0/16"]


def statuses(address: str, **headers: str) -> list[int]:
    with at_time(MORNING):
        return [Client().get(path, REMOTE_ADDR=address, headers=headers).status_code for path in STAFF_PATHS]


def test_from_elsewhere_nothing_is_there() -> None:
    assert statuses("203.0.113.7") == [404] * 5
    page = Client().get("/admin/login/", REMOTE_ADDR="203.0.113.7")
    assert ("ページが見つかりません" in text_of(page), "職員" in text_of(page)) == (True, False)


def test_claiming_to_be_inside_does_not_help() -> None:
    assert statuses("203.0.113.7", **{"X-Forwarded-For": "10.20.3.4"}) == [404] * 5


def test_from_the_office_the_entrance_is_open() -> None:
    assert statuses("10.20.3.4")[:2] == [200, 302]


def test_proxy_says_who_comes_from_the_office(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["172.30.0.2"]
    assert statuses("172.30.0.2", **{"X-Forwarded-For": "10.20.3.4"})[:2] == [200, 302]
    assert statuses("172.30.0.2", **{"X-Forwarded-For": "203.0.113.7"})[:2] == [404, 404]


def test_public_pages_are_open_to_all(office: Office) -> None:
    with at_time(MORNING):
        assert Client().get("/slots/", REMOTE_ADDR="203.0.113.7").status_code == 200


def test_without_a_name_every_network_may_come(settings: Settings) -> None:
    settings.STAFF_NETWORKS = []
    assert statuses("203.0.113.7")[:2] == [200, 302]
