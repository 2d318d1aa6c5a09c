"""The slot page on a phone that has never been here: few requests, few bytes, even where nothing on the way compresses them."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.cast import MORNING, Office
from tests.first_load import first_load
from tests.visitor import at_time

pytestmark = pytest.mark.django_db
AT_MOST = 60_000  # bytes in all
STATIC = "/static/"


def body_of(address: str) -> bytes:
    """Of a page, or of a static file as it lies in the sources."""
    if not address.startswith(STATIC):
        return Client().get(address).content
    found = finders.find(address.removeprefix(STATIC))
    assert isinstance(found, str), address
    return Path(found).read_bytes()


def test_first_load_of_the_slot_page_is_small(office: Office) -> None:
    with at_time(MORNING):
        load = first_load("/slots/", body_of, lambda address: len(body_of(address)))
    assert load.total < AT_MOST, load.sizes
    assert load.stylesheets == 1
    assert load.scripts <= 2
    assert not [address for address in load.sizes if not address.startswith("/")]
