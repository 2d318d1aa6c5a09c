"""Negative controls: in a town whose worker lacks the claim, or does not look for what it may have made, the invariants do not hold.

And the other way round: the same story with the worker as it is. So the checker sees, and the guards are what it sees.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from booking.models import Booking, Meeting
from tests.discretion import Discretion
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
    town.zoom.switch(webhook_url="")  # Zoom's word of what was made would have it looked for, and tidied up
    other = town.worker(SABOTAGED, UNGUARDED=guard)
    with town.workers_away():
        other.stand_up()
        wait_until(town.rests, what="its first look at Zoom")
        try:
            yield other
        finally:
            other.fall()


def too_many(town: Town) -> bool:
    """Whether the ledger says of the one session that it has more than its meeting."""
    return any(f"{count} live meetings" in wrong for wrong in Ledger(town).meetings() for count in range(2, 9))


@pytest.mark.parametrize("unguarded", ["", "claim"])
def test_two_hands_on_one_row_while_zoom_is_slow(town: Town, nursery: Nursery, unguarded: str) -> None:
    with town.workers_away():
        book(nursery, 1)
    with working(town, unguarded):
        town.zoom.switch(latency=[2, 2])
        row = Meeting.objects.get()
        for _hand in range(2):
            town.send("booking.ensure_meeting", meeting_id=row.pk)
        wait_until(lambda: Meeting.objects.get().outbox_state == "done" and town.rests(), what="both hands at rest")
        assert too_many(town) == bool(unguarded)


@pytest.mark.parametrize("unguarded", ["", "find"])
def test_answers_that_were_lost(town: Town, nursery: Nursery, unguarded: str) -> None:
    with town.workers_away():
        book(nursery, 1)
    with working(town, unguarded):
        town.zoom.fault("lose_answer", on="create", count=2)  # the first may go to a call whose token had run out
        row = Meeting.objects.get()
        for _try in range(4):
            town.send("booking.ensure_meeting", meeting_id=row.pk)
            wait_until(town.rests, what="the worker at rest")
            town.pauses_end()
        assert too_many(town) == bool(unguarded)


@pytest.mark.tells
def test_whoever_tells_of_a_person_is_heard(town: Town, nursery: Nursery, discretion: Discretion) -> None:
    """All other tests of this folder find the logs silent (``logs_tell_of_nobody``)."""
    book(nursery, 1)
    town.settle()
    assert discretion.told() == []
    for log in discretion.files:
        with log.open("a") as written:
            written.write(Booking.objects.get().applicant.email + "\n")
    assert {f"log of the {name}: Person.email" for name in ("web", "worker", "beat", "nursery")} <= set(discretion.told())
