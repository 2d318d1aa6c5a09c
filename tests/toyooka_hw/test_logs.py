"""What the log says: one event as JSON to a line, and never a person's data, the token of a personal link or the words of an error."""

import ast
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from booking.links import token_of
from booking.models import Booking
from tests.cast import SESSION, Office
from tests.seminars import guest, published, register
from tests.visitor import at_time

ROOT = Path(__file__).resolve().parents[2]


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
    line = json.loads(log.getvalue())
    assert (line["event"], line["error"]) == ("Internal Server Error: /b/***/", "ValueError")
    assert line["where"][-1].endswith(" test_traceback_is_written_without_the_token")
    assert ("invalid literal" in log.getvalue(), "12-1" in log.getvalue()) == (False, False)


def test_what_came_of_what_is_told_by_kind_alone(log: io.StringIO) -> None:
    """A statement that fails quotes the row, and a text that does not parse is what somebody typed."""
    try:
        try:
            int("但馬 花子")
        except ValueError as cause:
            raise LookupError("花子 090-1234-5678") from cause
    except LookupError:
        logging.getLogger("booking.anywhere").exception("sweep.row_failed row=%s", 5)
    line = json.loads(log.getvalue())
    assert (line["event"], line["row"], line["error"]) == ("sweep.row_failed", 5, "LookupError < ValueError")
    assert "花子" not in log.getvalue()


def test_every_event_is_one_line_with_its_facts(log: io.StringIO) -> None:
    logging.getLogger("booking.anywhere").warning("meeting.later meeting=%s attempts=%s error=%s", 7, 3, "TryLater")
    logging.getLogger("somebody.elses").info("two\nlines of 50%")
    first, second = (json.loads(line) for line in log.getvalue().splitlines())
    assert first.pop("at").endswith("+00:00")
    assert first == {
        "level": "WARNING",
        "logger": "booking.anywhere",
        "event": "meeting.later",
        "meeting": 7,
        "attempts": 3,
        "error": "TryLater",
    }
    assert (second["level"], second["event"]) == ("INFO", "two\nlines of 50%")


@pytest.mark.parametrize(
    "said",
    [
        "hanako.tajima+hw@mail.example.jp",
        "hanako%40example.jp",
        "090-1234-5678",
        "09012345678",
        "0796231234",
        "+819012345678",
        "+81-90-1234-5678",
    ],
)
def test_mailboxes_and_phone_numbers_are_masked_whoever_writes_them(log: io.StringIO, said: str) -> None:
    logging.getLogger("some.library").warning("refused: %s, for good", said)
    assert json.loads(log.getvalue())["event"] == "refused: ***, for good"


@pytest.mark.parametrize("said", ["2026-11-29", "0123-4567", "00000010", "550e8400-e29b-41d4-a716-446655440000", "127.0.0.1:5432"])
def test_dates_and_numbers_of_things_stay(log: io.StringIO, said: str) -> None:
    logging.getLogger("some.library").warning("seen %s", said)
    assert json.loads(log.getvalue())["event"] == f"seen {said}"


def test_what_celery_quotes_is_left_out(log: io.StringIO) -> None:
    facts: dict[str, Any] = {
        "name": "mail.deliver",
        "id": "5d3c",
        "description": "raised unexpected",
        "exc": "KeyError('但馬 花子')",
        "kwargs": "花子",
        "return_value": "花子",
    }
    logging.getLogger("celery.app.trace").error("Task %(name)s[%(id)s] %(description)s: %(exc)s %(kwargs)s %(return_value)s", facts)
    assert json.loads(log.getvalue())["event"] == "Task mail.deliver[5d3c] raised unexpected: KeyError *** ***"


# --- what our own code writes -----------------------------------------------------------------------------------------------

FORM = re.compile(r"[a-z_]+\.[a-z_]+(?: [a-z_]+=%s)*")
# How facts are named in the code: keys, counts, kinds. A name, an address or a text is none of them.
FACTS = {
    "pk",
    "booking_id",
    "__name__",
    "attempts",
    "value",
    "row",
    "name",
    "task",
    "key",
    "reason",
    "view",
    "method",
    "status_code",
    "what",
}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    for folder in ("toyooka_hw", "booking", "consent"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "logger":
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.func.attr, node


def test_our_own_lines_are_events_with_named_facts() -> None:
    wrong, seen = [], 0
    for where, verb, call in calls():
        message, *facts = call.args[1:] if verb == "log" else call.args
        texts = [ast.unparse(fact).split(".")[-1] for fact in facts]
        fit = isinstance(message, ast.Constant) and FORM.fullmatch(str(message.value)) and set(texts) <= {*FACTS, "round(seconds * 1000)"}
        seen += 1
        wrong += [] if fit else [where]
    assert (wrong, seen > 15) == ([], True)


# --- the request's line ------------------------------------------------------------------------------------------------------


def test_request_is_noted_by_its_view_without_its_address(confirmed: Booking, log: io.StringIO) -> None:
    with at_time(SESSION):
        Client().get(f"/b/{token_of(confirmed)}/?q=%E8%8A%B1%E5%AD%90")
    (line,) = [json.loads(each) for each in log.getvalue().splitlines() if "request.done" in each]
    assert {name: line[name] for name in ("logger", "view", "method", "status")} == {
        "logger": "toyooka_hw.middleware",
        "view": "booking",
        "method": "GET",
        "status": 200,
    }
    assert (set(line) - {"at", "level", "logger", "event"}, line["ms"] >= 0) == ({"request", "view", "method", "status", "ms"}, True)


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "view"), [("/nowhere/hanako/", "none"), ("/static/portal.css", "static"), ("/admin/", "admin:index")])
def test_view_has_a_name_whatever_was_asked_for(log: io.StringIO, path: str, view: str) -> None:
    Client().get(path).close()
    assert [json.loads(each)["view"] for each in log.getvalue().splitlines() if "request.done" in each] == [view]


@pytest.mark.django_db
def test_probes_fill_no_log(log: io.StringIO) -> None:
    Client().get("/healthz")
    assert log.getvalue() == ""


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
    assert json.loads(log.getvalue())["event"] == f"no answer from {written}"


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
