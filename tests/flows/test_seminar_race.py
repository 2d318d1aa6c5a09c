"""Seats that many people want at once: never more than there are, a waiting list with an end and in its order, everybody told exactly once.

Small by default; ``--rounds 50 --racers 100 -s`` prints what docs/proofs keeps.
"""

import time
from collections import Counter
from datetime import timedelta
from functools import partial
from itertools import pairwise
from random import Random, SystemRandom
from uuid import UUID

import pytest

from booking.models import Registration, RegistrationEvent, Seminar
from booking.operations.seminars import seats
from booking.operations.seminars.seats import Sheet
from consent.operations import Shown
from tests.cast import MORNING, Office
from tests.flows.racing import PAUSE_WITHOUT_GUARD, Press, racers
from tests.seminars import LABEL, STARTS, published, terms
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
TAKING = ["seated", "offered"]


def crowd(count: int, round_: int) -> list[Person]:
    people = [
        Person(full_name=f"競争 第{number}走者", email=f"race{round_}-{number}@example.jp", created_at=MORNING) for number in range(count)
    ]
    return Person.objects.bulk_create(people)


def register(person_id: int, seminar_id: int, version: int) -> None:
    """One person's press; the key belongs to the form that they opened."""
    sheet = Sheet(Shown(version, LABEL, MORNING), UUID(int=person_id * 1000 + seminar_id))
    seats.register(Person.objects.get(pk=person_id), seminar_id, sheet, now=MORNING, wall=MORNING)


def seats_unguarded() -> None:
    """Nobody waits for anybody: the seminar is read without its lock, and the window between looking and writing is wide."""
    from booking.operations.seminars import seats as module

    def read(seminar_id: int) -> Seminar:
        return Seminar.objects.select_related("counsellor", "host").get(pk=seminar_id)

    look = module.queue_of

    def slowly(seminar: Seminar) -> object:
        found = look(seminar)
        time.sleep(PAUSE_WITHOUT_GUARD)  # widens the window between looking and writing
        return found

    module.locked, module.queue_of = read, slowly


def over_filled(seminar: Seminar) -> int:
    """How many have a seat beyond those that there are."""
    return max(0, seminar.registrations.filter(seat__in=TAKING).count() - seminar.capacity)


def out_of_order(seminar: Seminar) -> list[int]:
    """Who waits although somebody who came to the line later was offered a seat first."""
    offers = RegistrationEvent.objects.filter(registration__seminar=seminar, to_seat="offered").order_by("pk")
    offered = list(offers.values_list("registration_id", flat=True))
    return [later for earlier, later in pairwise(offered) if later < earlier]


def told_wrongly(seminar: Seminar) -> list[str]:
    """Whose mails are not exactly one for each step that is told: an offer that was declined or lapsed is, being shut out is not."""
    steps = RegistrationEvent.objects.filter(registration__seminar=seminar).exclude(to_seat="removed")
    wanted = Counter(steps.values_list("registration__person__email", flat=True))
    written = Counter(OutgoingMail.objects.filter(to__in=list(wanted)).values_list("to", flat=True))
    return sorted(address for address in wanted | written if wanted[address] != written[address])


def tally(seminar: Seminar) -> Counter[str]:
    """How the seminar's places stand, what happened to them and how much was told, for what the run prints."""
    found = Counter(f"in the end {seat}" for seat in seminar.registrations.values_list("seat", flat=True))
    found["steps"] = RegistrationEvent.objects.filter(registration__seminar=seminar).count()
    found["steps that made an offer"] = RegistrationEvent.objects.filter(registration__seminar=seminar, to_seat="offered").count()
    found["mails"] = OutgoingMail.objects.filter(key__startswith=f"seminar:{seminar.pk}:").count()
    return found


def test_last_seat_goes_to_one(office: Office) -> None:
    seminar = published(office, capacity=1)
    two = crowd(2, 0)
    with racers(2) as ready:
        told = ready.run([partial(register, person.pk, seminar.pk, terms().pk) for person in two])
    assert (told, sorted(seminar.registrations.values_list("seat", flat=True))) == (["taken"] * 2, ["seated", "waiting"])


def test_crowd_and_withdrawals_never_take_more_than_the_seats(office: Office, pytestconfig: pytest.Config) -> None:
    rounds, many = pytestconfig.getoption("rounds"), pytestconfig.getoption("racers")
    seed = pytestconfig.getoption("seed") or SystemRandom().randrange(1, 2**31)
    dice, version = Random(seed), terms().pk
    places, seen = max(2, many // 10), Counter[str]()
    print(f"\n{rounds} rounds of {many} people for {places} seats, seed {seed}")
    with racers(2) as ready:
        for round_ in range(rounds):
            starts = STARTS + timedelta(days=7 * round_)
            ends = starts + timedelta(hours=1)
            seminar = published(office, capacity=places, waiting_places=2 * places, starts_at=starts, ends_at=ends)
            first = [partial(register, person.pk, seminar.pk, version) for person in crowd(many, round_)]
            told = Counter(ready.run(first, dice))
            assert told == {"taken": 3 * places, "RegistrationClosed": many - 3 * places}
            everybody = list(Registration.objects.filter(seminar=seminar).order_by("pk").values_list("pk", flat=True))
            leaving = dice.sample(everybody, places)
            second: list[Press] = [partial(seats.withdraw, pk, now=MORNING, wall=MORNING) for pk in leaving]
            second += [partial(seats.sweep_seats, now=MORNING, wall=MORNING)] * 3
            assert set(ready.run(second, dice)) == {"taken"}
            assert (over_filled(seminar), out_of_order(seminar), told_wrongly(seminar)) == (0, [], [])
            waiting = seminar.registrations.filter(seat="waiting").exists()
            assert not waiting or seminar.registrations.filter(seat__in=TAKING).count() == places  # no seat stands empty
            seen.update(tally(seminar))
    print("   over all rounds: " + ", ".join(f"{what} {count}" for what, count in sorted(seen.items())))


def test_offers_answered_and_run_out_at_once_move_on_in_order(office: Office, pytestconfig: pytest.Config) -> None:
    """Those who were offered a seat answer, both ways, while the sweep takes back what nobody answered in time."""
    seminar, version = published(office, capacity=3), terms().pk
    with racers(2) as ready:
        ready.run([partial(register, person.pk, seminar.pk, version) for person in crowd(12, 0)])
        for row in seminar.registrations.filter(seat="seated").order_by("pk"):
            seats.withdraw(row.pk, now=MORNING, wall=MORNING)
        offered = list(seminar.registrations.filter(seat="offered").order_by("pk").values_list("pk", flat=True))
        late = MORNING + timedelta(hours=24)
        answers: list[Press] = [partial(seats.answer, offered[0], accept=True, now=late - timedelta(seconds=1), wall=MORNING)] * 2
        answers += [partial(seats.answer, offered[1], accept=False, now=late - timedelta(seconds=1), wall=MORNING)]
        answers += [partial(seats.sweep_seats, now=late, wall=MORNING)] * 3
        ready.run(answers, Random(pytestconfig.getoption("seed")))
    assert (over_filled(seminar), out_of_order(seminar), told_wrongly(seminar)) == (0, [], [])
    assert seminar.registrations.filter(seat__in=TAKING).count() == 3


def test_crowd_without_the_lock_overfills(office: Office) -> None:
    """The negative control: the same crowd, and nobody waits for the seminar's row."""
    seminar, version = published(office, capacity=2), terms().pk
    with racers(2, unguarded=seats_unguarded) as ready:
        ready.run([partial(register, person.pk, seminar.pk, version) for person in crowd(8, 0)])
    assert over_filled(seminar) > 0
