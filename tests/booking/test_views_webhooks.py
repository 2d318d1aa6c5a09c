"""The address to which Zoom tells what happens: whom it believes, what it keeps, what it answers."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from booking.models import Booking, ZoomNotice
from booking.views.webhooks import LARGEST_BODY
from tests.cast import SESSION
from tests.zoom_notices import GUEST, RUN, message, post

pytestmark = pytest.mark.django_db
ADDRESS = "/zoom/webhook"


def test_message_is_stored_without_who_it_is_about() -> None:
    answer = post(message("meeting.participant_joined", SESSION, person=GUEST), SESSION)
    (notice,) = ZoomNotice.objects.values()
    assert (answer.status_code, answer.content, dict(answer.cookies)) == (200, b"", {})
    assert (notice["event"], notice["happened_at"], notice["received_at"], notice["instance"]) == (
        "meeting.participant_joined",
        SESSION,
        SESSION,
        RUN,
    )
    assert [word for word in ("花子", "hanako", "55AA", "16778240") if word in str(notice)] == []


def test_same_event_told_again_is_one_row_and_answered_alike() -> None:
    told = message("meeting.participant_joined", SESSION, person=GUEST)
    answers = [post(told, SESSION + timedelta(minutes=each)).status_code for each in (0, 5, 25, 85)]
    assert (answers, ZoomNotice.objects.count()) == ([200] * 4, 1)


def test_challenge_is_answered_and_not_stored() -> None:
    asked = {"event": "endpoint.url_validation", "event_ts": 1626230691572, "payload": {"plainToken": "qgg8vlvZRS6UYooatFL8Aw"}}
    answer = post(asked, SESSION)
    assert (answer.status_code, answer["Content-Type"], ZoomNotice.objects.count()) == (200, "application/json", 0)
    assert answer.json()["plainToken"] == "qgg8vlvZRS6UYooatFL8Aw"
    assert len(answer.json()["encryptedToken"]) == 64


def test_what_zoom_did_not_sign_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        answer = post(message("meeting.participant_joined", SESSION, person=GUEST), SESSION, secret="guessed")
    assert (answer.status_code, answer.content, ZoomNotice.objects.count()) == (401, b"", 0)
    assert [record.getMessage() for record in caplog.records if record.name.startswith("booking")] == [
        "webhook.refused status=401 reason=Forged"
    ]
    assert [word for word in ("花子", "hanako", "98765432101") if word in caplog.text] == []


def test_without_a_secret_everything_is_refused(settings: Settings) -> None:
    settings.ZOOM_WEBHOOK_SECRET = ""
    assert (post(message("meeting.started", SESSION), SESSION, secret="").status_code, ZoomNotice.objects.count()) == (401, 0)


def test_unsigned_message_is_refused() -> None:
    assert Client().post(ADDRESS, b"{}", content_type="application/json").status_code == 401


@pytest.mark.parametrize("minutes", [-6, 6])
def test_message_signed_long_ago_or_ahead_is_refused(minutes: int) -> None:
    signed_at = SESSION + timedelta(minutes=minutes)
    assert (post(message("meeting.started", SESSION), SESSION, signed_at=signed_at).status_code, ZoomNotice.objects.count()) == (403, 0)


@pytest.mark.parametrize("body", [b"<xml/>", b"[]", b"{}", b'{"event": "meeting.started"}'])
def test_signed_body_that_tells_nothing_is_a_bad_request(body: bytes) -> None:
    assert (post(body, SESSION).status_code, ZoomNotice.objects.count()) == (400, 0)


def test_large_body_is_refused_unread() -> None:
    assert (post(b" " * (LARGEST_BODY + 1), SESSION).status_code, ZoomNotice.objects.count()) == (413, 0)


def test_address_only_takes_what_is_posted() -> None:
    assert Client().get(ADDRESS).status_code == 405


def test_message_costs_the_same_however_many_there_are(confirmed: Booking) -> None:
    def queries_of(minute: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            post(message("meeting.ended", SESSION + timedelta(minutes=minute)), SESSION + timedelta(minutes=minute))
        return len([query for query in seen.captured_queries if "SAVEPOINT" not in query["sql"]])

    first = queries_of(0)
    for minute in range(1, 5):
        post(message("meeting.ended", SESSION + timedelta(minutes=minute)), SESSION + timedelta(minutes=minute))
    assert (first, queries_of(9)) == (2, 2)
