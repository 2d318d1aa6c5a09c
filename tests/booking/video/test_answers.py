"""How long Zoom asks us to wait, read from headers and words as Zoom has sent them."""

import json
from datetime import timedelta

import pytest
import requests

from booking.video.answers import body, failure, wait

HOST_DAY = "You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this particular user."
NOON = "Tue, 14 Jan 2031 12:00:00 GMT"


def answer(headers: dict[str, str], message: str = "") -> requests.Response:
    """A reply as requests would hand it over."""
    response = requests.Response()
    response.status_code = 429
    response.headers.update(headers)
    response._content = json.dumps({"code": 429, "message": message}).encode()
    return response


@pytest.mark.parametrize(
    ("headers", "message", "expected"),
    [
        ({}, "", None),
        ({"Retry-After": "7"}, "", timedelta(seconds=7)),
        ({"Retry-After": "0"}, "", timedelta(0)),
        ({"Retry-After": "99999999999999999999"}, "", timedelta(days=1)),
        ({"Date": NOON, "Retry-After": "2031-01-15T00:00:00Z"}, "", timedelta(hours=12)),
        ({"Date": NOON, "Retry-After": "2031-01-14T11:00:00Z"}, "", timedelta(0)),
        ({"Date": NOON, "Retry-After": "2031-03-01T00:00:00Z"}, "", timedelta(days=1)),
        ({"Date": NOON, "Retry-After": "Tue, 14 Jan 2031 12:00:30 GMT"}, "", timedelta(seconds=30)),
        ({"Date": NOON, "Retry-After": "soon"}, "", None),
        ({"Date": NOON}, HOST_DAY, timedelta(hours=12)),
        ({"Date": "Tue, 14 Jan 2031 23:59:59 GMT"}, HOST_DAY, timedelta(seconds=1)),
        ({}, HOST_DAY, timedelta(hours=1)),
    ],
)
def test_wait(headers: dict[str, str], message: str, expected: timedelta | None) -> None:
    assert wait(answer(headers, message)) == expected


@pytest.mark.parametrize("content", [b"", b"<html/>", b"[1]", b"null", b"\xff\xfe"])
def test_body_of_anything_but_an_object_is_empty(content: bytes) -> None:
    response = requests.Response()
    response._content = content

    assert body(response) == {}


def test_number_of_a_meeting_in_zooms_words_is_left_out() -> None:
    """C6-2-3a: staff read these words in lists; with the number somebody could knock at the door."""
    assert str(failure(answer({}, "Meeting 85312345678 is not found."))) == "HTTP 429, code 429: Meeting … is not found."
