"""What the log says of requests: never the token of a personal link."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from booking.links import token_of
from booking.models import Booking
from tests.cast import SESSION
from tests.visitor import at_time


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the portal's own handler writes."""
    handler = next(each for each in logging.getLogger().handlers if each.name == "console")
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


def test_refused_form_of_a_personal_page_is_logged_without_its_token(confirmed: Booking, log: io.StringIO) -> None:
    with at_time(SESSION):
        Client(enforce_csrf_checks=True).post(f"/b/{token_of(confirmed)}/join/")
    assert ("/b/***/join/" in log.getvalue(), token_of(confirmed) in log.getvalue()) == (True, False)


@pytest.mark.parametrize("below", ["", "nowhere/"])
def test_link_that_finds_nothing_is_logged_without_its_token(confirmed: Booking, log: io.StringIO, below: str) -> None:
    token = token_of(confirmed)
    Booking.objects.update(link_generation=2)
    with at_time(SESSION):
        Client().get(f"/b/{token}/{below}")
    assert (f"Not Found: /b/***/{below}" in log.getvalue(), token in log.getvalue()) == (True, False)


def test_traceback_is_written_without_the_token(log: io.StringIO) -> None:
    try:
        int("https://portal.example.jp/b/12-1.abc_DEF/")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: %s", "/b/12-1.abc_DEF/")
    assert ("invalid literal" in log.getvalue(), "12-1" in log.getvalue()) == (True, False)
