"""The ten-minute rule and outages: whoever could not come because something of ours was down is never closed by itself (C6-1-4b, A7)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest

from booking.models import Booking
from booking.operations.no_contact import doubts
from booking.rules.lifecycle import Doubt
from tests.flows.at_work import BOOKINGS
from tests.flows.faults.doomed import Nursery, book
from tests.flows.faults.houses import House
from tests.flows.faults.people import Desk
from tests.flows.faults.town import Town
from tests.surroundings import wait_until
from toyooka_hw import clock

pytestmark = pytest.mark.flow
MINUTE = timedelta(minutes=1)
GRACE = timedelta(minutes=10)


@dataclass(frozen=True)
class Session:
    """A session whose minute comes, and of whose person nothing is heard."""

    town: Town
    nursery: Nursery
    desk: Desk

    @property
    def booking(self) -> Booking:
        return Booking.objects.get()

    def is_booked(self) -> None:
        book(self.nursery, 1)
        self.town.settle()

    def is_near(self) -> None:
        """Two minutes before, the counsellor goes in."""
        self.town.move(self.booking.starts_at - 2 * MINUTE)
        self.desk.browser.post(f"{BOOKINGS}{self.booking.pk}/host/", self.desk.token())

    def passes(self) -> None:
        """The ten minutes are over at once for the portal, whose processes have not stood still."""
        self.town.move(self.booking.starts_at + GRACE)

    def passes_minute_by_minute(self, looks: Callable[[], object]) -> None:
        """So many real minutes go by; in each of them ``looks``."""
        while clock.now() < self.booking.starts_at + GRACE:
            self.town.time_passes(MINUTE)
            looks()


def nothing(session: Session) -> None:
    session.is_booked()
    session.is_near()
    session.passes()


def beat_is_down(session: Session) -> None:
    session.is_booked()
    session.is_near()
    session.passes_minute_by_minute(lambda: None)


def web_is_down(session: Session) -> None:
    session.is_booked()
    session.is_near()
    with down(session.town.houses["web"]):
        session.passes_minute_by_minute(lambda: look(session.town))


def worker_is_down(session: Session) -> None:
    session.is_booked()
    session.is_near()
    with down(session.town.houses["worker"]):
        session.passes_minute_by_minute(lambda: None)


def zoom_is_down(session: Session) -> None:
    with down(session.town.houses["zoom"]):
        session.is_booked()
        session.is_near()
        session.passes()


def mail_is_down(session: Session) -> None:
    with down(session.town.houses["mail"]):
        session.is_booked()
        session.is_near()
        session.passes()


class down:  # noqa: N801 - reads as a word
    """While the block lasts."""

    def __init__(self, house: House) -> None:
        self.house = house

    def __enter__(self) -> None:
        self.house.fall()

    def __exit__(self, *_error: object) -> None:
        self.house.stand_up()


def look(town: Town) -> None:
    """Beat does what it does every minute."""
    town.sweep("booking.heartbeat", "booking.sweep_no_contact")
    wait_until(town.rests, what="the worker at rest")


OUTAGES: Mapping[Callable[[Session], None], set[Doubt]] = {
    beat_is_down: {Doubt.CLOCK_GAP},
    web_is_down: {Doubt.CLOCK_GAP},
    worker_is_down: {Doubt.CLOCK_GAP},
    zoom_is_down: {Doubt.MEETING_NOT_READY, Doubt.COUNSELLOR_ABSENT},
    mail_is_down: {Doubt.CONFIRMATION_NOT_DELIVERED},
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_nobody_is_closed_for_an_outage(town: Town, nursery: Nursery, desk: Desk, outage: Callable[[Session], None]) -> None:
    session = Session(town, nursery, desk)
    outage(session)
    town.calm()
    look(town)
    booking, now = session.booking, clock.now()
    assert (booking.state, set(doubts(booking, now=now))) == ("confirmed", OUTAGES[outage])
    assert "要確認" in desk.words(f"{BOOKINGS}today/")


def test_somebody_is_closed_where_nothing_was_down(town: Town, nursery: Nursery, desk: Desk) -> None:
    """Negative control: the same silence, and everything of ours was there."""
    session = Session(town, nursery, desk)
    nothing(session)
    assert session.booking.state == "cancelled_no_contact"
