"""Negative controls: in a town whose worker lacks the claim, or does not look for what it may have made, the invariants do not hold.

And the other way round: the same story with the worker as it is. So the checker sees, and the guards are what it sees.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from booking.models import Meeting
from tests.flows.faults.doomed import Nursery, book
from tests.flows.faults.houses import House
from tests.flows.faults.invariants import Ledger
from tests.flows.faults.town import Town
from tests.surroundings import wait_until

pytestmark = pytest.mark.flow
SABOTAGED = "tests.flows.faults.sabotage"


@contextmanager
def working(town: Town, guard: str) -> Iterator[House]:
    """The town's worker, or in its place one without this guard."""
    if not guard:
        yield town.houses["worker"]
        return
    other = town.worker(SABOTAGED, UNGUARDED=guard)
    with town.workers_away():
        other.stand_up()
        try:
            yield other
        finally:
            other.fall()


def counted_wrongly(town: Town) -> list[str]:
    """What the ledger says of how many meetings there are."""
    return [said for wrong in Ledger(town).meetings() if (said := wrong.partition(" ")[2]).endswith("live meetings")]


@pytest.mark.parametrize(("unguarded", "wrong"), [("", []), ("claim", ["confirmed: 2 live meetings"])])
def test_two_hands_on_one_row_while_zoom_is_slow(town: Town, nursery: Nursery, unguarded: str, wrong: list[str]) -> None:
    with town.workers_away():
        book(nursery, 1)
    with working(town, unguarded):
        town.zoom.fault("delay", on="create", seconds=60)
        row, made = Meeting.objects.get(), 1 + len(wrong)
        for _hand in range(2):
            town.send("booking.ensure_meeting", meeting_id=row.pk)
        wait_until(lambda: town.in_hand() == len(town.zoom.meetings()) == made, what="all hands at Zoom, or done")
        town.zoom.clear_faults()
        wait_until(town.rests, what="both hands at rest")
        assert counted_wrongly(town) == wrong


@pytest.mark.parametrize(("unguarded", "wrong"), [("", []), ("find", ["confirmed: 2 live meetings"])])
def test_answer_that_was_lost(town: Town, nursery: Nursery, unguarded: str, wrong: list[str]) -> None:
    with town.workers_away():
        book(nursery, 1)
    with working(town, unguarded):
        town.zoom.fault("lose_answer", on="create", count=1)
        row = Meeting.objects.get()
        for _try in range(2):
            town.send("booking.ensure_meeting", meeting_id=row.pk)
            wait_until(town.rests, what="the worker at rest")
            town.pauses_end()
        assert counted_wrongly(town) == wrong
