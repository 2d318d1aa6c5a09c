"""How often something came from one network address: counted by whoever stands behind it, and no door when Redis is down."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from tests.cast import MORNING
from toyooka_hw import counter

HOUR = timedelta(hours=1)


def count(client: str, what: str = "presses", later: timedelta = timedelta()) -> int:
    return counter.times(what, client, within=HOUR, wall=MORNING + later)


def test_each_address_and_each_thing_is_counted_for_itself() -> None:
    assert [count("203.0.113.7"), count("203.0.113.7"), count("203.0.113.8"), count("203.0.113.7", "codes")] == [1, 2, 1, 1]


def test_count_begins_anew_with_the_next_stretch_of_the_clock() -> None:
    assert [count("203.0.113.7"), count("203.0.113.7", later=HOUR)] == [1, 1]


def test_subscriber_of_ipv6_is_one_whichever_address_they_take() -> None:
    assert [count(each) for each in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")] == [1, 2, 1]


@pytest.mark.parametrize("client", ["", "203.0.113.7"])
def test_what_cannot_be_counted_is_none(settings: Settings, client: str) -> None:
    nowhere = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES |= {"default": nowhere}
    assert count(client) == 0
