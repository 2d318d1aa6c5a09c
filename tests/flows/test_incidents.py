"""Zoom away for hours, with everything real: board and page say so, one mail at its beginning and one at its end. Two beats at once are one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import F
from django.test import Client

from booking.models import Booking, Incident, Meeting
from booking.operations import bookings, incidents
from booking.operations.bookings import Decision
from tests.cast import MORNING, Office
from tests.flows.applying import apply, now_and_wall
from tests.flows.at_work import Colleague, ask, mails_to
from tests.flows.racing import without_constraints
from tests.flows.test_waiting import while_another_waits
from tests.stories import Story, worker_rests
from tests.surroundings import PATIENCE_SECONDS, wait_until
from tests.visitor import text_of
from toyooka_hw import clock
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import ensure_roles
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.flow
TODAY = "/admin/booking/booking/today/"
STATUS = "/admin/booking/booking/status/"
KANRI = "kanri@office.example.jp"
LATE = "Zoomミーティングの準備が遅れています"


@pytest.fixture
def manager(office_at_work: Office) -> User:
    """Somebody to whom the watch writes."""
    ensure_roles()
    user = User.objects.create_user("kanri", email=KANRI, display_name="管理", is_staff=True)
    user.groups.add(Group.objects.get(name="管理者"))
    return user


def look(story: Story, desk: Colleague) -> tuple[list[str], bool, bool]:
    """Beat's minute comes; what the manager was written, whether 今日 warns and whether the status page names it."""
    story.sweep("booking.sweep_meetings", "booking.watch")
    wait_until(worker_rests, what="the watch to have looked")
    told = [mail.subject.partition("】")[2] for mail in mails_to(story, KANRI)]
    return told, "システムの状態：1件の問題" in text_of(desk.look(TODAY)), LATE in text_of(desk.look(STATUS)).partition("動いているか")[0]


def test_zoom_is_away_for_hours(story: Story, sato: Colleague, manager: User, office_at_work: Office) -> None:
    apply(Client(), story)
    for number, hour in ((1, 11), (2, 14)):
        ask(story, office_at_work, f"但馬 {number}郎", f"{number}@example.jp", story.at(hour))
    story.zoom.control.fault("outage")
    for booking in Booking.objects.all():
        bookings.confirm(booking.pk, Decision("registered", office_at_work.staff), **now_and_wall())
    assert look(story, sato) == ([], False, False)
    for minutes in (10, 60, 180):
        Meeting.objects.update(waits_since=clock.wall() - timedelta(minutes=minutes), next_try_at=clock.wall())
        assert look(story, sato) == ([f"システムの問題：{LATE}"], True, True)
    assert (Incident.objects.get().count, story.zoom.control.meetings()) == (3, [])

    story.zoom.control.clear_faults()
    Meeting.objects.update(next_try_at=clock.wall())
    assert look(story, sato) == ([f"システムの問題：{LATE}"], True, True)  # it is back, and may be away again in a moment
    assert len(story.zoom.control.standing()) == 3
    Incident.objects.update(opened_at=F("opened_at") - timedelta(hours=3), seen_at=F("seen_at") - timedelta(minutes=15))
    assert look(story, sato) == ([f"システムの問題：{LATE}", f"解消しました：{LATE}"], False, False)


# --- two beats at once --------------------------------------------------------------------------------------------------


def watch() -> None:
    incidents.watch(now=MORNING, wall=MORNING)


def watch_elsewhere() -> None:
    """On a connection of its own."""
    try:
        watch()
    finally:
        connection.close()


@pytest.fixture
def given_up(manager: User) -> None:
    """A mail that nobody could be sent."""
    moments = dict.fromkeys(("written_at", "queued_at", "next_try_at"), MORNING)
    OutgoingMail.objects.create(key="code:1", to="a@example.jp", message_id="1", outbox_state="failed", **moments)


def written() -> tuple[int, int]:
    """How many incidents, and how many mails about them."""
    return Incident.objects.count(), OutgoingMail.objects.filter(key__startswith="incident:").count()


@pytest.mark.django_db(transaction=True)
def test_second_beat_waits_for_the_first_and_writes_nothing(given_up: None) -> None:
    with while_another_waits(watch) as second:
        watch()
    second.result()
    assert written() == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_both_beats_write_where_nothing_keeps_them_apart(given_up: None) -> None:
    """Negative control: without the constraint there are two incidents, and two mails."""
    with without_constraints(Incident, "one_open", mend=Incident.objects.all().delete):
        with ThreadPoolExecutor(1) as threads, transaction.atomic():
            watch()
            threads.submit(watch_elsewhere).result(timeout=PATIENCE_SECONDS)
        assert written() == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_second_beat_that_ends_it_writes_nothing(given_up: None) -> None:
    watch()
    OutgoingMail.objects.filter(key="code:1").update(outbox_state="done")
    after = MORNING + incidents.CALM

    def end() -> None:
        incidents.watch(now=after, wall=after)

    with while_another_waits(end) as second:
        end()
    second.result()
    assert written() == (1, 2)
