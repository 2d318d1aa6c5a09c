"""Whatever meets at the same moment, the office is in order afterwards (architecture §1): the dice set the scene, draw the hands, and all press at once.

Small by default; ``--rounds 1000 -s`` prints what docs/proofs keeps. ``--seed`` repeats scenes, hands and who is a little slower.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random, SystemRandom

import pytest

from booking.models import Booking, Hold
from booking.operations import applications, bookings
from booking.operations.bookings import Decision
from tests.cast import Office, application, at
from tests.flows.chance.hands import Hand, draw
from tests.flows.chance.judge import findings, unexplained, unsettled
from tests.flows.chance.scene import Ground, Scene, make_ground, set_scene
from tests.flows.chance.verbs import VERBS
from tests.flows.racing import Racers, places_unguarded, racers, states_unguarded, without_constraints
from tests.stories import Story
from toyooka_hw.accounts.models import Person

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
PROCESSES = 2
SETTLED_EVERY = 25
SEARCHED_UP_TO = 10  # so many rounds' logs are searched for people, as every story's are; for each of thousands it would take hours


@dataclass(frozen=True)
class Ring:
    """Where they meet."""

    story: Story
    ground: Ground
    racers: Racers
    rounds: int
    seed: int

    def scenes(self) -> Iterator[Scene]:
        """A scene for every round, each with dice of its own, so that no round depends on how the one before it ended."""
        for number, day in zip(range(self.rounds), self.ground.days(), strict=False):
            yield set_scene(self.ground, day, Random(f"{self.seed}.{number}"))


@pytest.fixture
def ring(story: Story, office_at_work: Office, request: pytest.FixtureRequest) -> Iterator[Ring]:
    story.zoom.control.switch(daily_limit=None)
    rounds, seed = request.config.getoption("--rounds"), request.config.getoption("--seed") or SystemRandom().randrange(1, 10**6)
    if rounds > SEARCHED_UP_TO:
        request.applymarker(pytest.mark.tells)
    with racers(PROCESSES) as ready:
        yield Ring(story, make_ground(office_at_work, story.opening), ready, rounds, seed)


def test_whatever_meets_leaves_the_office_in_order(ring: Ring) -> None:
    told_of: dict[str, Counter[str]] = {verb: Counter() for verb in VERBS}
    wrong: list[str] = []
    for number, scene in enumerate(ring.scenes(), start=1):
        hands = draw(scene)
        told = ring.racers.run([hand.press for hand in hands], scene.dice)
        pairs = [(hand.verb, what) for hand, what in zip(hands, told, strict=True)]
        for verb, what in pairs:
            told_of[verb][what] += 1
        wrong += [f"round {number}: {finding}, after {pairs}" for finding in findings(scene, hands, told)]
        scene.evening()
        if number % SETTLED_EVERY == 0 or number == ring.rounds:
            settle(ring.story)
            wrong += [f"after round {number}: {finding}" for finding in unsettled(ring.story)]
    report(ring, told_of, wrong)
    assert wrong == []


def settle(story: Story) -> None:
    """Everything due is done; then beat's sweep looks for what changed while a worker had it in hand, as it does every minute."""
    story.settle()
    story.sweep("booking.sweep_meetings")
    story.settle()


def report(ring: Ring, told_of: dict[str, Counter[str]], wrong: list[str]) -> None:
    """What the option ``-s`` shows, and docs/proofs keeps."""
    hands = sum(sum(told.values()) for told in told_of.values())
    print(f"\n{ring.rounds} rounds, {hands} hands, seed {ring.seed}, wrong {len(wrong)}")
    print("".join(f"   {each}\n" for each in wrong), end="")
    for verb, told in told_of.items():
        refused = ", ".join(f"{name} {times}" for name, times in told.most_common() if name != "taken")
        print(f"   {verb}: taken {told['taken']}" + (f"; {refused}" if refused else ""))
    states = Counter(Booking.objects.values_list("state", flat=True))
    print("   in the end " + ", ".join(f"{state} {count}" for state, count in sorted(states.items())))
    print(f"   {len(ring.story.mailbox.mails())} mails arrived, {len(ring.story.zoom.control.standing())} meetings stand")


# --- negative controls: the guards away, and the judge finds what came of it, so the test above can fail -----------------------


def an_eve(ring: Ring) -> tuple[Scene, datetime]:
    """A scene of the day before, and a start of the afternoon, at which nothing lies."""
    scenes = (set_scene(ring.ground, day, Random(number)) for number, day in enumerate(ring.ground.days()))
    scene = next(scene for scene in scenes if not scene.is_morning)
    return scene, at(scene.day, 14)


def asking(scene: Scene, person: Person, start: datetime) -> Hand:
    wish = application(scene.ground.version, start, full_name=person.full_name)
    return Hand("requests", "form", partial(applications.request, person, wish, **scene.clocks))


def test_without_the_guard_places_are_found_taken_twice(ring: Ring) -> None:
    scene, start = an_eve(ring)
    hands = [asking(scene, person, start) for person in scene.people[:4]]
    with without_constraints(Hold, "at_a_time", mend=Hold.objects.all().delete), racers(PROCESSES, unguarded=places_unguarded) as careless:
        told = careless.run([hand.press for hand in hands])
        wrong = findings(scene, hands, told)
    assert told.count("taken") > 1
    assert [each for each in wrong if "is taken twice" in each]


def test_without_the_guard_histories_are_found_off_the_table(ring: Ring) -> None:
    scene, start = an_eve(ring)
    booking = asking(scene, scene.people[0], start).press()
    assert isinstance(booking, Booking)
    decision, declining = Decision("registered", scene.user()), {"reason": "担当者の都合", "by": scene.user()}
    presses = [
        partial(bookings.confirm, booking.pk, decision, **scene.clocks),
        partial(bookings.decline, booking.pk, **declining, **scene.clocks),
        partial(bookings.withdraw, booking.pk, **scene.clocks),
    ]
    hands = [Hand("presses", "desk", press) for press in presses]
    with racers(PROCESSES, unguarded=states_unguarded) as careless:
        told = careless.run(presses)
    assert told == ["taken"] * 3
    assert [each for each in findings(scene, hands, told) if each.startswith(f"booking {booking.pk}: ")]


@pytest.mark.parametrize("name", ["IntegrityError", "OperationalError", "KeyError", "OpenBookingExists"])
def test_whoever_is_told_what_their_page_does_not_explain_is_found(name: str) -> None:
    hand = Hand("withdraws", "own page", partial(print))
    assert list(unexplained([hand, hand, hand], ["taken", "MovedMeanwhile", name])) == [f"withdraws: told {name}"]
