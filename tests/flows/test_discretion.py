"""The logs of every story tell of nobody (``logs_tell_of_nobody``); here is shown that they would be heard if they did, and how they hang together."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from booking.links import token_of
from booking.models import Booking
from tests.discretion import Discretion
from tests.flows.applying import HANAKO, apply, newest_code
from tests.pages import submit
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.audit.operations import record
from toyooka_hw.wake import wake

pytestmark = pytest.mark.flow
PROXYS = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def booking(story: Story, discretion: Discretion) -> Booking:
    """花子 has asked for a session."""
    booking = apply(Client(), story)
    story.settle()
    assert discretion.told() == []
    return booking


@pytest.mark.tells
@pytest.mark.parametrize(
    ("say", "home"),
    [
        (lambda booking: booking.applicant.full_name, "Person.full_name"),
        (lambda _booking: "ではハナコの花子さん", "Person.full_name"),
        (lambda booking: booking.applicant.job_seeker_number.replace("-", ""), "Person.job_seeker_number"),
        (lambda booking: booking.topic, "Booking.topic"),
        (lambda booking: f"/bookings/{token_of(booking)}", "a personal link"),
        (lambda booking: record("見る", booking, by=None, now=clock.now(), reason="ご家族の入院").reason, "AuditEntry.reason"),
    ],
)
def test_what_is_told_of_a_person_is_heard(booking: Booking, discretion: Discretion, say: Callable[[Booking], object], home: str) -> None:
    logging.getLogger("booking.anywhere").warning("look: %s", say(booking))
    assert f"log of the portal: {home}" in discretion.told()


@pytest.mark.tells
def test_code_from_the_mailbox_is_heard(story: Story, booking: Booking, discretion: Discretion) -> None:
    logging.getLogger("booking.anywhere").warning("look: %s", newest_code(story.mailbox))
    assert discretion.told() == ["log of the portal: a code that was mailed"]


@pytest.mark.tells
def test_what_the_worker_is_told_is_heard(story: Story, booking: Booking, discretion: Discretion) -> None:
    """Arguments of tasks stand in the worker's log, so they are numbers of rows alone."""
    wake("mail.sweep", told="花子")
    story.settle()
    assert discretion.told() == ["log of the worker: Person.full_name"]


def test_mailboxes_and_phones_never_get_so_far(booking: Booking, discretion: Discretion) -> None:
    for said in (HANAKO, booking.applicant.stated_phone, "090-1234-5678"):
        logging.getLogger("booking.anywhere").warning("look: %s", said)
    assert "look: ***" in discretion.written.getvalue()


def test_worker_writes_lines_with_the_number_of_the_request_that_woke_it(
    story: Story, worker: Path, booking: Booking, settings: Settings
) -> None:
    """From the proxy's number to the mail that went out over it; what beat wakes has a number of its own."""
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    begin = worker.stat().st_size
    phone = Client(headers={"X-Request-ID": PROXYS})
    submit(phone, phone.get("/sign-in/mine/"), email=HANAKO)
    story.sweep("booking.heartbeat")
    story.settle()
    lines = [json.loads(line) for line in worker.read_bytes()[begin:].splitlines()]
    numbers = {line["event"].split("[")[0]: line.get("request", "") for line in lines if " succeeded in " in line["event"]}
    assert numbers["Task mail.deliver"] == PROXYS
    assert len(numbers["Task booking.heartbeat"]) == len(PROXYS)
    assert numbers["Task booking.heartbeat"] != PROXYS
