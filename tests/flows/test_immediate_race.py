"""Immediate sessions against reserved ones, colleagues and their own person, at the same moment: never both, nobody is lost.

Small by default; ``--rounds 200 -s`` prints what docs/proofs keeps.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from random import Random, SystemRandom

import pytest

from booking.models import Booking, BookingEvent, Hold, ZoomHost
from booking.operations import applications, bookings, immediate
from booking.operations.bookings import Decision
from booking.rules.calendar import Calendar, tokyo_date
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import Office, application, at, make_person, make_regular, now_please
from tests.flows.racing import Press, Racers, places_unguarded, racers, requests_unguarded, states_unguarded, without_constraints
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
PROCESSES, HANDS = 2, 2
TABS = 9
LATE = "当日の調整"  # a confirmation of the day itself says why (A2)
FULL, STATE, SECOND, TAKEN = "SlotRefused", "StateChanged", "AlreadyWaiting", ("taken", 1)
Outcome = tuple[str, tuple[tuple[str, int], ...]]  # what stands afterwards, and how many hands were told what


@dataclass(frozen=True)
class Ring:
    """Where two meet: an office with a spare Zoom host, and a day of its own for every round."""

    story: Story
    office: Office
    spare: ZoomHost
    racers: Racers
    rounds: int
    seed: int

    def days(self) -> Iterator[tuple[date, Random]]:
        """The days of the rounds, and the dice that say who is a little slower there."""
        calendar, day, dice = Calendar(), tokyo_date(self.story.opening), Random(self.seed)
        for _round in range(self.rounds):
            day = calendar.next_open_day(day)
            yield day, dice

    def reserved(self, day: date) -> Booking:
        """Somebody's request for 10:00, made the day before; it holds 佐藤 and her host."""
        eve = at(Calendar().previous_open_day(day), 9, 30)
        someone = make_person("予約 太郎", f"reserved-{day}@example.jp")
        agree(someone, Shown(self.office.version.pk, "同意します。", eve), document=COUNSELLING, now=eve)
        wish = application(self.office.version, at(day, 10), full_name="予約 太郎")
        return applications.request(someone, wish, now=eve, wall=clock.wall())

    def regular(self, day: date) -> Person:
        """Somebody who may ask for a session on this day; 田中 stands by."""
        immediate.switch(self.office.tanaka.pk, on=True, by=self.office.tanaka.user, now=at(day, 9, 40))
        return make_regular(self.office, "即時 花子", f"now-{day}@example.jp", now=self.story.opening)

    def asked(self, day: date) -> Booking:
        """Somebody's request for a session now, sent at 9:44."""
        moment = at(day, 9, 44)
        return immediate.request(self.regular(day), now_please(self.office.version, moment), now=moment, wall=clock.wall())

    def run(self, presses: Sequence[Press], dice: Random) -> list[str]:
        return self.racers.run(presses, dice)

    def report(self, what: str, seen: Counter[Outcome]) -> None:
        """What the option ``-s`` shows, and docs/proofs keeps."""
        print(f"\n{what}: {self.rounds} rounds, seed {self.seed}")
        for (stands, told), rounds in sorted(seen.items()):
            print(f"  {rounds:4d} × {stands}; told: {', '.join(f'{name} {hands}' for name, hands in told)}")


@pytest.fixture
def ring(story: Story, office_at_work: Office, request: pytest.FixtureRequest) -> Iterator[Ring]:
    spare = ZoomHost.objects.create(email="spare@zoom.example.jp", name="予備のライセンス")
    story.zoom.control.switch(daily_limit=None)
    rounds, seed = request.config.getoption("--rounds"), request.config.getoption("--seed") or SystemRandom().randrange(1, 10**6)
    with racers(PROCESSES) as ready:
        yield Ring(story, office_at_work, spare, ready, rounds, seed)


def confirming(ring: Ring, booking: Booking, *, counsellor: int, host: int) -> Press:
    """田中 confirms the reserved request for this counsellor and host, at 9:45."""
    decision = Decision("registered", ring.office.tanaka.user, counsellor, host, LATE)
    return partial(bookings.confirm, booking.pk, decision, **times_of(booking))


def accepting(ring: Ring, booking: Booking, *, counsellor: int, host: int | None = None) -> Press:
    """That counsellor accepts the request for 9:45 to 10:15."""
    user = {each.pk: each.user for each in (ring.office.sato, ring.office.tanaka)}[counsellor]
    return partial(immediate.accept, booking.pk, counsellor=counsellor, host=host, by=user, **times_of(booking))


def times_of(booking: Booking) -> dict[str, datetime]:
    return {"now": at(tokyo_date(booking.starts_at), 9, 45), "wall": clock.wall()}


def for_one_counsellor(ring: Ring, reserved: Booking, asked: Booking) -> list[Press]:
    """Both want 田中, each with a Zoom host of its own."""
    hers, tanaka = reserved.holds.get().host_id, ring.office.tanaka.pk
    return [confirming(ring, reserved, counsellor=tanaka, host=hers), accepting(ring, asked, counsellor=tanaka, host=ring.spare.pk)]


def for_one_host(ring: Ring, reserved: Booking, asked: Booking) -> list[Press]:
    """Both want the spare Zoom host, each with a counsellor of its own."""
    spare, sato, tanaka = ring.spare.pk, ring.office.sato.pk, ring.office.tanaka.pk
    return [confirming(ring, reserved, counsellor=sato, host=spare), accepting(ring, asked, counsellor=tanaka, host=spare)]


Duel = Callable[[Ring, Booking, Booking], list[Press]]
duels = pytest.mark.parametrize("duel", [for_one_counsellor, for_one_host])


@duels
def test_reserved_confirmation_and_acceptance_never_both(ring: Ring, duel: Duel) -> None:
    """C6-1-1b against C6-2-1c: one session stands, each of the other hands is told by a refusal with a name; every mail is sent once."""
    seen: Counter[Outcome] = Counter()
    for day, dice in ring.days():
        reserved, asked = ring.reserved(day), ring.asked(day)
        told = ring.run(duel(ring, reserved, asked) * HANDS, dice)
        confirmed = Booking.objects.filter(pk__in=[reserved.pk, asked.pk], state="confirmed")
        seen[" and ".join(each.get_kind_display() for each in confirmed), counted(told)] += 1
    ring.report(f"reserved and immediate, {duel.__name__}", seen)
    assert {told for _stands, told in seen} == {((FULL, HANDS), (STATE, HANDS - 1), TAKEN)}
    assert {stands for stands, _told in seen} <= {"予約型", "いますぐの相談"}
    assert_told_once(ring)


def test_two_counsellors_accept_and_one_gets_it(ring: Ring) -> None:
    seen: Counter[Outcome] = Counter()
    for day, dice in ring.days():
        asked = ring.asked(day)
        hands = [accepting(ring, asked, counsellor=each.pk) for each in (ring.office.sato, ring.office.tanaka)] * HANDS
        told = ring.run(hands, dice)
        asked.refresh_from_db()
        winner = ("佐藤", "田中")[told.index("taken") % 2]
        assert (str(asked.counsellor), asked.holds.count()) == (winner, 1)
        seen[winner, counted(told)] += 1
    ring.report("two counsellors, one request", seen)
    assert {told for _winner, told in seen} == {((STATE, 2 * HANDS - 1), TAKEN)}
    assert_told_once(ring)


def test_request_sent_from_many_tabs_at_once_is_one(ring: Ring) -> None:
    seen: Counter[Outcome] = Counter()
    for day, dice in ring.days():
        person, moment = ring.regular(day), at(day, 9, 44)
        tab = partial(immediate.request, person, now_please(ring.office.version, moment), now=moment, wall=clock.wall())
        told = ring.run([tab] * TABS, dice)
        seen[f"requests: {Booking.objects.filter(applicant=person).count()}", counted(told)] += 1
    ring.report(f"one person, {TABS} tabs", seen)
    assert set(seen) == {("requests: 1", ((SECOND, TABS - 1), TAKEN))}
    assert_told_once(ring)


def test_request_withdrawn_while_it_is_accepted_is_one_of_the_two(ring: Ring) -> None:
    seen: Counter[Outcome] = Counter()
    for day, dice in ring.days():
        asked = ring.asked(day)
        withdrawing = partial(bookings.withdraw, asked.pk, **times_of(asked))
        told = ring.run([accepting(ring, asked, counsellor=ring.office.tanaka.pk), withdrawing] * HANDS, dice)
        asked.refresh_from_db()
        first = told.index("taken") % 2
        assert (asked.state, asked.holds.count()) == (("confirmed", 1), ("withdrawn", 0))[first]
        seen[asked.state, counted(told)] += 1
    ring.report("accepted and withdrawn", seen)
    assert {told for _state, told in seen} == {((STATE, 2 * HANDS - 1), TAKEN)}
    assert_told_once(ring)


def counted(told: list[str]) -> tuple[tuple[str, int], ...]:
    """How many hands were told what."""
    return tuple(sorted(Counter(told).items()))


def assert_told_once(ring: Ring) -> None:
    """Everything that happened was told by one mail, which arrived once; each session that stands has one meeting, and nothing overlaps."""
    ring.story.settle()
    happened = sorted(event.mail_key for event in BookingEvent.objects.all())
    assert sorted(OutgoingMail.objects.values_list("key", flat=True)) == happened
    arrived = sorted(mail.message_id for mail in ring.story.mailbox.mails())
    assert arrived == sorted(OutgoingMail.objects.values_list("message_id", flat=True))
    assert len(ring.story.zoom.control.meetings()) == Booking.objects.filter(state="confirmed").count()


# --- negative controls: the guards away, and every one of these races is lost, so the tests above can fail ---------------------


@pytest.fixture
def unguarded(ring: Ring, request: pytest.FixtureRequest) -> Iterator[Ring]:
    with racers(PROCESSES, unguarded=request.param) as careless:
        yield replace(ring, racers=careless)


@duels
@pytest.mark.parametrize("unguarded", [places_unguarded], indirect=True)
def test_without_the_guard_both_take_the_place(unguarded: Ring, duel: Duel) -> None:
    day, _dice = next(unguarded.days())
    reserved, asked = unguarded.reserved(day), unguarded.asked(day)
    with without_constraints(Hold, "at_a_time", mend=Hold.objects.all().delete):
        told = unguarded.racers.run(duel(unguarded, reserved, asked))
    assert told == ["taken", "taken"]


@pytest.mark.parametrize("unguarded", [states_unguarded], indirect=True)
def test_without_the_guard_both_counsellors_get_it(unguarded: Ring) -> None:
    asked = unguarded.asked(next(unguarded.days())[0])
    told = unguarded.racers.run(
        [accepting(unguarded, asked, counsellor=each.pk) for each in (unguarded.office.sato, unguarded.office.tanaka)]
    )
    assert told == ["taken", "taken"]


@pytest.mark.parametrize("unguarded", [states_unguarded], indirect=True)
def test_without_the_guard_a_withdrawn_request_is_accepted(unguarded: Ring) -> None:
    asked = unguarded.asked(next(unguarded.days())[0])
    withdrawing = partial(bookings.withdraw, asked.pk, **times_of(asked))
    told = unguarded.racers.run([accepting(unguarded, asked, counsellor=unguarded.office.tanaka.pk), withdrawing])
    assert told == ["taken", "taken"]


@pytest.mark.parametrize("unguarded", [requests_unguarded], indirect=True)
def test_without_the_guard_a_person_waits_twice(unguarded: Ring) -> None:
    day, _dice = next(unguarded.days())
    person, moment = unguarded.regular(day), at(day, 9, 44)
    tab = partial(immediate.request, person, now_please(unguarded.office.version, moment), now=moment, wall=clock.wall())

    def mend() -> None:
        Booking.objects.update(state="withdrawn")

    with without_constraints(Booking, "one_waiting_request", mend=mend):
        told = unguarded.racers.run([tab] * 3)
    assert told == ["taken"] * 3
