"""The number of a request: where it comes from, and everywhere it stands."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from celery.signals import before_task_publish
from django.core.handlers.exception import response_for_exception
from django.test import Client, RequestFactory
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.toyooka_hw.test_logs import log
from toyooka_hw import request_id
from toyooka_hw.wake import wake

__all__ = ["log"]

pytestmark = pytest.mark.django_db
MADE = re.compile(r"[0-9a-f]{32}")
PROXYS = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("offered", [PROXYS, PROXYS.upper(), "01234567-89ab-cdef-0123-456789abcdef"])
def test_proxys_number_is_taken_over(offered: str) -> None:
    assert Client().get("/healthz", headers={"X-Request-ID": offered}).headers["X-Request-ID"] == PROXYS


@pytest.mark.parametrize("offered", ["", "090-1234-5678", "hanako@example.jp", PROXYS + "0", PROXYS + "\n", "x" * 32])
def test_anything_else_is_not(offered: str) -> None:
    numbers = [Client().get("/healthz", headers={"X-Request-ID": offered}).headers["X-Request-ID"] for _twice in range(2)]
    assert [bool(MADE.fullmatch(number)) for number in numbers] == [True, True]
    assert len({*numbers, offered}) == 3


def test_every_line_of_a_request_carries_its_number(log: io.StringIO) -> None:
    Client().get("/nowhere/", headers={"X-Request-ID": PROXYS})
    logging.getLogger("booking.anywhere").warning("sweep.row_failed row=%s", 1)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["event"], line.get("request")) for line in lines] == [
        ("request.done", PROXYS),
        ("Not Found: /nowhere/", PROXYS),
        ("sweep.row_failed", None),
    ]


def test_error_page_names_what_can_be_read_out(settings: Settings) -> None:
    """500 and 400, with as much of the number as the log is searched by."""
    settings.DEBUG = False
    request_id.work_for(PROXYS)
    page = response_for_exception(RequestFactory().get("/"), ValueError("090-1234-5678")).content.decode()
    refused = Client(headers={"Host": "nobody knows"}).get("/").content.decode()
    assert "問い合わせ番号 <code>01234567</code>" in page
    assert re.search(r"問い合わせ番号 <code>[0-9a-f]{8}</code>", refused)


def test_task_that_a_request_wakes_is_told_its_number(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    """Heard as it is sent: what lies in the queue may be another test's worker's."""
    sent = []

    def hear(headers: dict[str, str], **_message: object) -> None:
        sent.append(headers)

    request_id.work_for(PROXYS)
    before_task_publish.connect(hear, weak=False)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            wake("mail.sweep")
    finally:
        before_task_publish.disconnect(hear)
    assert [headers[request_id.TASK_HEADER] for headers in sent] == [PROXYS]


@pytest.fixture(autouse=True)
def behind_the_proxy(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]


def test_only_the_proxy_is_believed(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    assert Client().get("/healthz", headers={"X-Request-ID": PROXYS}).headers["X-Request-ID"] != PROXYS


@pytest.fixture(autouse=True)
def afterwards_for_nobody() -> Iterator[None]:
    yield
    request_id.work_for("")
