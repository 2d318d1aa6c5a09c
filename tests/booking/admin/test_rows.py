"""The clock beside a session that has begun (C6-1-4b)."""

from datetime import datetime, timedelta

import pytest

from booking.admin.rows import clock_of, minutes_and_seconds, time_left
from booking.models import Booking, Participant
from booking.operations import sessions
from booking.rules.policy import Policy
from tests.cast import MORNING, SESSION, Office

pytestmark = pytest.mark.django_db


def left(booking: Booking, now: datetime) -> str:
    clock = clock_of(booking, Policy(), now=now)
    return clock.left if clock else ""


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (timedelta(seconds=-1), ""),
        (timedelta(0), "10:00"),
        (timedelta(minutes=5, seconds=48), "4:12"),
        (timedelta(minutes=9, seconds=59), "0:01"),
        (timedelta(minutes=10), ""),
    ],
)
def test_clock_runs_from_the_start_until_the_grace_is_over(confirmed: Booking, since: timedelta, expected: str) -> None:
    assert left(confirmed, SESSION + since) == expected


def test_clock_stops_when_the_person_came(confirmed: Booking) -> None:
    Participant.objects.update(first_joined_at=SESSION)
    assert left(confirmed, SESSION + timedelta(minutes=1)) == ""


def test_clock_stops_when_the_person_phoned(office: Office, confirmed: Booking) -> None:
    now = SESSION + timedelta(minutes=1)
    sessions.record_contact(confirmed.pk, channel="phone", meaning="late", by=office.staff, now=now, wall=now)
    assert left(confirmed, now) == ""


def test_words_from_before_the_confirmation_do_not_stop_it(requested: Booking, confirmed: Booking) -> None:
    confirmed.contacts.create(channel="phone", meaning="unclear", at=MORNING)
    assert left(confirmed, SESSION) == "10:00"


def test_request_has_no_clock(requested: Booking) -> None:
    assert left(requested, SESSION) == ""


def test_half_a_second_is_not_shown_as_a_whole_one() -> None:
    assert minutes_and_seconds(timedelta(minutes=4, seconds=12, milliseconds=900)) == "4:12"


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(hours=49), "期限まであと2日"),
        (timedelta(hours=47, minutes=59), "期限まであと47時間"),
        (timedelta(minutes=59), "期限まであと59分"),
        (timedelta(0), "期限を過ぎています"),
    ],
)
def test_time_left_in_words(before: timedelta, words: str) -> None:
    assert time_left(SESSION, now=SESSION - before) == words
