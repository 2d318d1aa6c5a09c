"""Faults, first cut: whatever dies on the way, afterwards one meeting stands and no mail is lost."""

import os
import signal
import subprocess
import sys

import pytest
from django.test import Client

from booking.models import Booking, Meeting
from booking.operations import bookings
from booking.operations.bookings import Decision
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import Office, make_person
from tests.flows.applying import HANAKO, apply, now_and_wall
from tests.stories import ROOT, Story, Surroundings
from tests.surroundings import wait_until
from toyooka_hw import clock
from toyooka_hw.celery import app
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.flow

KILLED_WHILE_ZOOM_ANSWERS = """
import django; django.setup()
from booking.models import Meeting
from booking.operations import meetings
from toyooka_hw import clock
meetings.ensure_meeting(Meeting.objects.get().pk, now=clock.now(), wall=clock.wall())
"""

BOOKS_WITHOUT_A_BROKER = """
import sys
import django; django.setup()
from datetime import datetime
from booking.operations import applications, bookings
from booking.operations.bookings import Decision
from tests.cast import application
from consent.models import TermsVersion
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person, User
start, person, staff = datetime.fromisoformat(sys.argv[1]), Person.objects.get(pk=sys.argv[2]), User.objects.get(pk=sys.argv[3])
times = {"now": clock.now(), "wall": clock.wall()}
booking = applications.request(person, application(TermsVersion.objects.get(), start), **times)
booking = bookings.confirm(booking.pk, Decision("registered", staff), **times)
print(booking.state, booking.number)
"""


def test_answer_lost_after_creation_is_adopted(story: Story, office_at_work: Office) -> None:
    booking = apply(Client(), story)
    story.zoom.control.fault("lose_answer", on="create", count=1)
    bookings.confirm(booking.pk, Decision("registered", office_at_work.staff), **now_and_wall())
    wait_until(lambda: Meeting.objects.filter(attempts=1, outbox_state="wanted").exists(), what="the unclear answer")
    Meeting.objects.update(next_try_at=clock.wall())
    story.sweep("booking.sweep_meetings")
    story.settle()
    (made,) = story.zoom.control.meetings()
    assert Meeting.objects.get().meeting_id == made["id"]  # the only meeting ever made


def test_worker_killed_between_claim_and_settle(story: Story, surroundings: Surroundings, office_at_work: Office) -> None:
    """SIGKILL while Zoom's answer is on its way: the lease ends, the sweep adopts what was made."""
    booking = apply(Client(), story)
    app.control.cancel_consumer("celery")  # the session's worker looks away; the doomed one takes the job
    try:
        story.zoom.control.fault("delay", on="create", count=1, seconds=30)
        bookings.confirm(booking.pk, Decision("registered", office_at_work.staff), **now_and_wall())
        doomed = subprocess.Popen(
            [sys.executable, "-c", KILLED_WHILE_ZOOM_ANSWERS],
            cwd=ROOT,
            env=surroundings.environment | {"DJANGO_SETTINGS_MODULE": "toyooka_hw.settings"},
        )
        wait_until(story.zoom.control.meetings, what="the meeting at Zoom")
        os.kill(doomed.pid, signal.SIGKILL)
        doomed.wait()
        assert Meeting.objects.get().outbox_state == "claimed"
        Meeting.objects.update(leased_until=clock.wall())  # its lease ends
    finally:
        story.zoom.control.clear_faults()
        app.control.add_consumer("celery")
    story.sweep("booking.sweep_meetings")
    story.settle()
    assert (Meeting.objects.get().outbox_state, len(story.zoom.control.meetings())) == ("done", 1)


def test_broker_down_at_the_moment_of_booking_loses_nothing(story: Story, surroundings: Surroundings, office_at_work: Office) -> None:
    """The nudges are lost, the rows are not: the person gets a 受付番号, mail and meeting follow with the next sweep."""
    person = make_person(email=HANAKO)
    agree(person, Shown(office_at_work.version.pk, "同意します。", clock.now()), document=COUNSELLING, now=clock.now())
    cut_off = surroundings.environment | {"REDIS_URL": "redis://127.0.0.1:1/0", "DJANGO_SETTINGS_MODULE": "toyooka_hw.settings"}
    told = subprocess.run(
        [sys.executable, "-c", BOOKS_WITHOUT_A_BROKER, story.at(10).isoformat(), str(person.pk), str(office_at_work.staff.pk)],
        cwd=ROOT,
        env=cut_off,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == f"confirmed {Booking.objects.get().number}"
    assert (OutgoingMail.objects.filter(outbox_state="wanted").count(), Meeting.objects.get().outbox_state) == (2, "wanted")
    story.sweep("mail.sweep", "booking.sweep_meetings")
    story.settle()
    assert (len(story.subjects_to(HANAKO)), len(story.zoom.control.standing())) == (2, 1)
