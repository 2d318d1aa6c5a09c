"""Reminders with everything real: two beats at once, a session that is moved or cancelled meanwhile, the order of what arrives."""

from datetime import timedelta
from functools import partial
from random import Random

import pytest
from django.test import Client

from booking.models import Booking
from booking.operations import bookings, sessions
from booking.operations.bookings import Decision
from booking.operations.reminders import remind
from tests.cast import SESSION, Office
from tests.flows.applying import HANAKO, apply, now_and_wall
from tests.flows.racing import racers
from tests.stories import Story
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.flow
TOMORROW = "【ハローワーク豊岡】明日の相談のご案内（10:00～）"
SOON = "【ハローワーク豊岡】まもなく相談を開始します（10:00～）"
EVE = SESSION - timedelta(hours=25)


def booked(story: Story, office: Office) -> Booking:
    booking = apply(Client(), story)
    return bookings.confirm(booking.pk, Decision("registered", office.staff), **now_and_wall())


def test_person_is_reminded_once_however_often_beat_asks(story: Story, office_at_work: Office) -> None:
    booked(story, office_at_work)
    story.settle()
    before = story.subjects_to(HANAKO)
    story.move(story.at(9) - timedelta(days=1))
    story.sweep(*["booking.send_reminders"] * 5)
    story.settle()
    story.move(story.at(9))
    story.sweep(*["booking.send_reminders"] * 5)
    story.settle()
    assert story.subjects_to(HANAKO)[len(before) :] == [TOMORROW, SOON]


def test_cancelled_session_is_reminded_of_to_nobody(story: Story, office_at_work: Office) -> None:
    booking = booked(story, office_at_work)
    story.move(story.at(8, 55) - timedelta(days=1))
    sessions.cancel_by_office(booking.pk, reason="停電", by=office_at_work.staff, **now_and_wall())
    story.settle()
    before = story.subjects_to(HANAKO)
    story.move(story.at(9) - timedelta(days=1))
    story.move(story.at(9))
    assert story.subjects_to(HANAKO) == before


@pytest.mark.django_db(transaction=True)
def test_beats_at_once_and_a_cancellation_write_each_mail_once(confirmed: Booking, office: Office) -> None:
    """Whoever comes first: one reminder or none, one cancellation, and no error reaches a sweep."""
    dice = Random(20270407)
    cancel = partial(sessions.cancel_by_office, confirmed.pk, reason="停電", by=office.staff, now=EVE, wall=EVE)
    with racers(2) as ready:
        told = ready.run([*[partial(remind, now=EVE, wall=EVE)] * 5, cancel], dice)
    assert told == ["taken"] * 6
    written = OutgoingMail.objects.filter(key__startswith="reminder:").count()
    assert (written in (0, 1), OutgoingMail.objects.filter(subject__contains="中止").count()) == (True, 1)
