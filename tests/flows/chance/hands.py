"""Hands about to press: each a verb with what it is about, behind the page from which it is pressed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from booking.admin.refusals import REFUSALS, told
from booking.operations.applications import OnlineUseRestricted, OpenBookingExists, PhoneDiffers
from booking.operations.bookings import ConfirmLimitPassed, NotProposed
from booking.operations.calendar import NotAPolicyValue
from booking.operations.clashes import TakesPartElsewhere
from booking.operations.giving_way import AlreadyAway, MayNotClose, Unforeseen
from booking.operations.immediate import AlreadyWaiting, Barred, NotTakenNow
from booking.operations.transitions import StateChanged
from booking.rules.slots import SlotRefused
from consent.operations import ConsentMissing, TermsNotInForce
from tests.flows.chance.scene import Scene
from tests.flows.chance.verbs import VERBS
from tests.flows.racing import Press

HANDS = (4, 8)
# Which refusals the page of a hand knows to explain: what its view catches. At the desk there must be words for each.
PAGES: Mapping[str, tuple[type[Exception], ...]] = {
    "form": (SlotRefused, OpenBookingExists, OnlineUseRestricted, PhoneDiffers, TermsNotInForce, ConsentMissing),
    "own page": (StateChanged,),
    "answer": (StateChanged, NotProposed, ConfirmLimitPassed, TakesPartElsewhere),
    "now": (AlreadyWaiting, Barred, NotTakenNow, PhoneDiffers, TakesPartElsewhere, TermsNotInForce),
    "desk": REFUSALS,
    "closing": (*REFUSALS, Unforeseen),
    "absence": (*REFUSALS, Unforeseen, AlreadyAway, MayNotClose),
    "settings": (NotAPolicyValue,),
    "roster": (),
    "sweep": (),
}
WITH_WORDS = ("desk", "closing", "absence")


@dataclass(frozen=True)
class Hand:
    """Somebody about to press."""

    verb: str
    page: str
    press: Press

    @property
    def explained(self) -> frozenset[str]:
        """Whatever this hand may be told."""
        return frozenset({"taken", *(kind.__name__ for refusal in PAGES[self.page] for kind in _with_kinds(refusal))})


def draw(scene: Scene) -> list[Hand]:
    """Four to eight hands, out of all verbs for which the scene has something."""
    hands: list[Hand] = []
    wanted = scene.dice.randint(*HANDS)
    while len(hands) < wanted:
        (name,) = scene.dice.choices(list(VERBS), [verb.often for verb in VERBS.values()])
        page, press = VERBS[name].page, VERBS[name].of(scene)
        if press:
            hands.append(Hand(name, page, partial(at_the_desk, press) if page in WITH_WORDS else press))
    return hands


def at_the_desk(press: Press) -> None:
    """Staff read a refusal in words; a refusal without any is an error of its own."""
    try:
        press()
    except REFUSALS as refusal:
        told(refusal)  # without words it is a KeyError, which no page explains
        raise


def _with_kinds(refusal: type[Exception]) -> list[type[Exception]]:
    return [refusal, *(kind for each in refusal.__subclasses__() for kind in _with_kinds(each))]
