"""What the log says of requests: never the token of a personal link."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from booking.links import token_of
from booking.models import Booking
from tests.cast import SESSION, Office
from tests.seminars import guest, published, register
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


@pytest.mark.parametrize(
    "asked",
    [
        "/admin/accounts/person/?q=%E8%8A%B1%E5%AD%90&p=1",
        "/admin/booking/booking/enter/?start=2027-04-08T10:00&q=%E8%8A%B1%E5%AD%90",
        "/admin/accounts/person/5/change/?_changelist_filters=q%3D%25E8%258A%25B1",
        "/admin/login/?next=/admin/accounts/person/%3Fp%3D1%26q%3D%25E8%258A%25B1",
    ],
)
def test_what_staff_search_for_is_no_part_of_the_log(log: io.StringIO, asked: str) -> None:
    """Names, phone numbers and addresses are searched for; whose they are stands in no log."""
    logging.getLogger("django.server").info('"%s" %s %s', f"GET {asked} HTTP/1.1", "200", "99")
    line = log.getvalue()
    assert ("%E8" in line, "%25E8" in line, "***" in line, "200 99" in line) == (False, False, True, True)


def test_link_of_a_registration_is_logged_without_its_token(office: Office, log: io.StringIO) -> None:
    token = token_of(register(published(office), guest()))
    with at_time(SESSION):
        Client(enforce_csrf_checks=True).post(f"/e/{token}/join/")
    assert ("/e/***/join/" in log.getvalue(), token in log.getvalue()) == (True, False)


def test_traceback_is_written_without_the_token(log: io.StringIO) -> None:
    try:
        int("https://portal.example.jp/b/12-1.abc_DEF/")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: %s", "/b/12-1.abc_DEF/")
    assert ("invalid literal" in log.getvalue(), "12-1" in log.getvalue()) == (True, False)


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://api.zoom.us/v2/meetings/85312345678", "https://api.zoom.us/v2/meetings/***"),
        ("https://us06web.zoom.us/j/85312345678?pwd=aB3xYz.1", "https://us06web.zoom.us/j/***"),
        ("https://us06web.zoom.us/s/85312345678?zak=eyJ0eXAi", "https://us06web.zoom.us/s/***"),
        ("https://us06web.zoom.us/wc/join/85312345678?pwd=a", "https://us06web.zoom.us/wc/join/***"),
    ],
)
def test_meetings_address_is_written_without_id_and_key(log: io.StringIO, address: str, written: str) -> None:
    """C6-2-3a."""
    logging.getLogger("booking.anywhere").warning("no answer from %s", address)
    assert log.getvalue().rstrip().endswith(f"no answer from {written}")


@pytest.mark.parametrize("name", ["urllib3.connectionpool", "django.db.backends"])
def test_clients_and_statements_keep_silent_at_every_level(log: io.StringIO, name: str) -> None:
    """Their lines carry meetings' ids, and whatever is stored (C6-2-3a)."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    try:
        logging.getLogger(name).debug("GET /v2/meetings/%s", 85312345678)
    finally:
        root.setLevel(level)
    assert log.getvalue() == ""
