"""Many people, one place (architecture §5): exactly one request, all others told kindly. With the guard off, it must fail.

Small by default; ``--rounds 50 --racers 200 -s`` prints what docs/proofs keeps.
"""

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random, SystemRandom
from threading import Barrier

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from booking.models import Booking, BookingEvent, Hold
from booking.operations import bookings
from booking.operations.bookings import Decision
from booking.operations.calendar import set_policy
from booking.operations.transitions import StateChanged
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import MORNING, SESSION, Office, make_person
from tests.flows.applying import HANAKO, apply, at_the_last_step, now_and_wall
from tests.flows.racing import race, racers, requests, without_constraints
from tests.pages import submit
from tests.stories import Story
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw import clock
from toyooka_hw.accounts.models import User
from toyooka_hw.mail.models import OutgoingMail

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
PROCESSES = 4


@pytest.fixture
def crowd(office: Office, request: pytest.FixtureRequest) -> list[int]:
    people = [make_person(f"競争 第{place}走者", f"racer{place}@example.jp") for place in range(request.config.getoption("--racers"))]
    for person in people:
        agree(person, Shown(office.version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    return [person.pk for person in people]


def test_one_place_goes_to_one_person(office: Office, crowd: list[int], pytestconfig: pytest.Config) -> None:
    """Round after round, because whoever got the place gives it back; each step is told by one mail."""
    set_policy("capacity_per_start", "1", by=office.staff, reason="試験", now=MORNING)
    rounds, seed = pytestconfig.getoption("rounds"), pytestconfig.getoption("seed") or SystemRandom().randrange(1, 2**31)
    dice, said, winners = Random(seed), Counter[str](), Counter[int]()
    with racers(PROCESSES) as ready:
        for round_ in range(rounds):
            told = ready.run(requests(crowd, SESSION, MORNING, office.version.pk, round_=round_), dice)
            assert Counter(told) == {"taken": 1, "SlotRefused": len(crowd) - 1}
            requested = Booking.objects.get(state="requested")
            assert (requested.applicant_id, Hold.objects.get().booking_id) == (crowd[told.index("taken")], requested.pk)
            bookings.withdraw(requested.pk, now=MORNING, wall=MORNING)
            said.update(told)
            winners[requested.applicant_id] += 1
    happened = BookingEvent.objects.order_by("pk")
    assert list(happened.values_list("event", flat=True)) == ["request", "withdraw"] * rounds
    assert list(OutgoingMail.objects.order_by("pk").values_list("key", flat=True)) == [event.mail_key for event in happened]
    print(f"\n{rounds} rounds of {len(crowd)} people for one place, seed {seed}")
    print(f"   told: {', '.join(f'{what} {times}' for what, times in sorted(said.items()))}")
    print(f"   {len(winners)} different people got it; steps {happened.count()}, mails {OutgoingMail.objects.count()}")


def test_racer_who_tells_of_a_person_is_heard(crowd: list[int]) -> None:
    """All other races find the racers' log silent."""
    tell = partial(logging.getLogger("booking.anywhere").warning, "look: %s", "競争")
    with pytest.raises(AssertionError, match=r"log of the racers: Person\.full_name"), racers(1) as ready:
        ready.run([tell])


def test_two_places_go_to_two_people(office: Office, crowd: list[int]) -> None:
    told = race(crowd, SESSION, MORNING, office.version.pk, processes=PROCESSES)
    assert Counter(told) == {"taken": 2, "SlotRefused": len(crowd) - 2}
    assert Hold.objects.values("counsellor").distinct().count() == 2


def test_last_press_of_many_at_once_is_kind_to_all(story: Story, office_at_work: Office) -> None:
    """Through the pages: one receipt, everybody else is sent back to the slots with a sentence that says why."""
    set_policy("capacity_per_start", "1", by=office_at_work.staff, reason="試験", now=clock.now())
    phones = [Client() for _ in range(6)]
    last_pages = [at_the_last_step(phone, story, f"racer{place}@example.jp") for place, phone in enumerate(phones)]
    barrier = Barrier(len(phones))

    def press(phone: Client, page: HttpResponse) -> HttpResponse:
        barrier.wait(timeout=PATIENCE_SECONDS)
        try:
            return submit(phone, page)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(phones)) as threads:
        told = list(threads.map(press, phones, last_pages))
    receipts = [page for page in told if "お申込みを受け付けました" in page.content.decode()]
    kind = [page for page in told if "ほかの方の申込みにより" in page.content.decode()]
    assert ({page.status_code for page in told}, len(receipts), len(kind)) == ({200}, 1, len(phones) - 1)
    assert (Booking.objects.count(), Hold.objects.count()) == (1, 1)


def test_two_staff_confirm_at_once_is_one_meeting_and_one_mail(story: Story, office_at_work: Office) -> None:
    booking = apply(Client(), story)
    story.settle()
    staff = [office_at_work.sato.user, office_at_work.tanaka.user] * 3
    barrier = Barrier(len(staff))

    def press(user: User) -> str:
        barrier.wait(timeout=PATIENCE_SECONDS)
        try:
            bookings.confirm(booking.pk, Decision("registered", user), **now_and_wall())
        except StateChanged as refusal:
            return refusal.by
        finally:
            connection.close()
        return "confirmed"

    with ThreadPoolExecutor(len(staff)) as threads:
        told = list(threads.map(press, staff))
    story.settle()
    winner = booking.events.get(event="confirm").by
    assert Counter(told) == {"confirmed": 1, str(winner): len(staff) - 1}
    assert len(story.zoom.control.meetings()) == 1
    assert [subject for subject in story.subjects_to(HANAKO) if "確定しました" in subject] == story.subjects_to(HANAKO)[-1:]


def test_without_the_guard_the_place_is_given_away_twice(office: Office, crowd: list[int]) -> None:
    """Negative control: no locks, no second look, no constraints – and the race is lost, so the tests above can fail."""
    set_policy("capacity_per_start", "1", by=office.staff, reason="試験", now=MORNING)
    with without_constraints(Hold, "at_a_time", mend=Hold.objects.all().delete):
        told = race(crowd, SESSION, MORNING, office.version.pk, processes=PROCESSES, guarded=False)
    assert told.count("taken") > 1
