"""The clock of the host jumps, for the worker whose processes read another time from then on (``jumpy.py``).

What goes by the clock are leases and pauses (wall) and the portal's own time; what a process measures for itself is monotonic and does not jump.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from booking.models import Booking, Heartbeat, Meeting
from booking.operations.no_contact import doubts
from booking.rules.lifecycle import Doubt
from tests.flows.faults.doomed import Nursery, book
from tests.flows.faults.houses import House
from tests.flows.faults.invariants import Ledger, Window
from tests.flows.faults.people import Desk
from tests.flows.faults.test_no_contact import Session
from tests.flows.faults.town import Town
from tests.surroundings import wait_until
from toyooka_hw import clock
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.flow
HOURS = timedelta(hours=3)
HANDS = 2  # of the demo's worker


@dataclass
class Jumpy:
    """A worker whose host's clock can be set."""

    house: House
    setting: Path

    def set(self, ahead: timedelta) -> None:
        """So far ahead of the real time, from now on."""
        new = self.setting.with_suffix(".new")
        new.write_text(f"{ahead.total_seconds():.0f}")
        new.replace(self.setting)
        wait_until(lambda: set(self._heard()) == {f"{ahead.total_seconds():.0f}"}, what="every process of the worker to read the new time")

    def hands(self) -> int:
        """How many of its processes go by the setting."""
        return len(self._heard())

    def _heard(self) -> list[str]:
        """What each of its processes goes by."""
        return [said.read_text() for said in self.setting.parent.glob(f"{self.setting.name}.read-by-*")]


@pytest.fixture
def jumpy(town: Town, tmp_path: Path) -> Iterator[Jumpy]:
    setting = tmp_path / "clock"
    setting.write_text("0")
    worker = Jumpy(town.worker("tests.flows.faults.jumpy", CLOCK_FILE=str(setting)), setting)
    with town.workers_away():
        worker.house.stand_up()
        wait_until(lambda: worker.hands() == HANDS, what="all of its processes")
        wait_until(town.rests, what="its first look at Zoom")
        yield worker
        worker.house.fall()


def test_forward_while_a_meeting_is_made(town: Town, nursery: Nursery, jumpy: Jumpy) -> None:
    """The lease of whoever waits for Zoom seems to be over, so another hand takes the row: one meeting stands in the end."""
    since = clock.wall()
    town.zoom.switch(latency=[3, 3])
    book(nursery, 1)
    wait_until(lambda: any(call for call in town.zoom.tally().get("create", {})), what="the meeting being made")
    jumpy.set(HOURS)
    town.sweep("booking.sweep_meetings")
    wait_until(town.rests, what="both hands at rest")
    town.zoom.switch(latency=[0, 0])
    town.time_passes(timedelta(minutes=20))
    town.calm()
    assert Ledger(town, windows=[Window(since, clock.wall())]).findings().wrong == []


def test_backward_while_a_mail_waits(town: Town, nursery: Nursery, jumpy: Jumpy) -> None:
    """What was put off by the wrong clock waits until the right one gets there, and for nothing else; it is seen to wait, and is not lost."""
    jumpy.set(HOURS)
    town.houses["mail"].fall()
    book(nursery, 1)
    wait_until(lambda: OutgoingMail.objects.filter(attempts=1, outbox_state="wanted").exists(), what="the mail put off")
    jumpy.set(timedelta())
    town.houses["mail"].stand_up()
    put_off = OutgoingMail.objects.get(attempts=1).next_try_at - clock.wall()
    assert HOURS - timedelta(minutes=10) < put_off < HOURS + timedelta(minutes=1)
    town.calm()
    found = Ledger(town).findings()
    assert (found.wrong, found.repeats, Meeting.objects.get().outbox_state) == ([], {}, "done")


def test_over_the_start_of_a_session(town: Town, nursery: Nursery, desk: Desk, jumpy: Jumpy) -> None:
    """Ten minutes that never were close nobody."""
    session = Session(town, nursery, desk)
    session.is_booked()
    session.is_near()
    jumpy.set(timedelta(minutes=20))
    town.sweep("booking.heartbeat", "booking.sweep_no_contact")
    wait_until(town.rests, what="the worker at rest")
    booking = Booking.objects.get()
    seen = Heartbeat.objects.filter(name="beat").latest("at").at
    assert seen > booking.starts_at + timedelta(minutes=10)  # so the sweep beside it looked when the ten minutes seemed to be over
    later = booking.starts_at + timedelta(minutes=18)
    assert (booking.state, Doubt.CLOCK_GAP in doubts(booking, now=later)) == ("confirmed", True)
