"""Every operation that takes, gives back or shuts places, and what else touches them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from booking.operations import bookings
from tests.flows.chance import people, staff
from tests.flows.chance.scene import Scene
from tests.flows.racing import Press


@dataclass(frozen=True)
class Verb:
    """How a hand is drawn, from which page it presses, and how many times as often as others it is drawn."""

    of: Callable[[Scene], Press | None]
    page: str = "desk"
    often: int = 1


def expires(scene: Scene) -> Press | None:
    """Beat's sweep; before midnight there is nothing for it."""
    return partial(bookings.expire_unconfirmed, **scene.clocks) if scene.is_morning else None


VERBS: Mapping[str, Verb] = {
    "requests": Verb(people.requests, "form", often=6),
    "withdraws": Verb(people.withdraws, "own page", often=2),
    "accepts a proposal": Verb(people.accepts, "answer", often=3),
    "refuses the proposals": Verb(people.refuses, "answer"),
    "asks for now": Verb(people.asks_for_now, "now"),
    "employer withdraws": Verb(people.employer_withdraws, "own page"),
    "confirms": Verb(staff.confirms, often=4),
    "reinstates": Verb(staff.reinstates, often=2),
    "enters by phone": Verb(staff.enters, often=3),
    "proposes": Verb(staff.proposes, often=2),
    "declines": Verb(staff.declines),
    "moves": Verb(staff.moves, often=3),
    "hands over": Verb(staff.hands_over, often=3),
    "releases": Verb(staff.releases),
    "cancels for the person": Verb(staff.cancels_for_the_person),
    "cancels": Verb(staff.cancels),
    "corrects": Verb(staff.corrects, often=3),
    "switches to phone": Verb(staff.switches_to_phone),
    "takes now": Verb(staff.takes_now, often=3),
    "arranges an interview": Verb(staff.arranges, often=3),
    "declines the employer": Verb(staff.declines_the_employer),
    "publishes a seminar": Verb(staff.publishes, often=2),
    "puts a seminar off": Verb(staff.puts_off, often=2),
    "calls a seminar off": Verb(staff.calls_off),
    "closes the day": Verb(staff.closes, "closing", often=2),
    "is away": Verb(staff.is_away, "absence", often=2),
    "is back": Verb(staff.is_back, "roster"),
    "sets the cap": Verb(staff.sets_the_cap, "settings"),
    "expires": Verb(expires, "sweep"),
}
