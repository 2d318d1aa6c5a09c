"""Zoom in trouble: the person has a session and its mail all the same, staff see what is missing, and afterwards one meeting stands."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from booking.models import Booking, Meeting, ZoomNotice
from tests.flows.faults.doomed import Nursery, book
from tests.flows.faults.invariants import Ledger
from tests.flows.faults.people import Desk, board_of, own_page
from tests.flows.faults.town import Town
from tests.simulator import Control
from tests.surroundings import wait_until

pytestmark = pytest.mark.flow

WRONG: Mapping[str, Callable[[Control], None]] = {
    "out of order": lambda zoom: zoom.fault("outage"),
    "throttles": lambda zoom: zoom.fault("throttle"),
    "makes it and says nothing": lambda zoom: zoom.fault("lose_answer", on="create"),
    "makes it and answers 500": lambda zoom: zoom.fault("late_error", on="create"),
    "makes it and talks XML": lambda zoom: zoom.fault("non_json", on="create"),
    "revoked our token": lambda zoom: zoom.fault("reject_token"),
    "switched our app off": lambda zoom: zoom.switch(app_active=False),
}


def look(town: Town, desk: Desk, booking: Booking) -> tuple[bool, bool, bool]:
    """Confirmed for the person, told by mail, and whether staff see that the meeting is missing."""
    told = any("予約が確定しました" in mail.subject for mail in town.mailbox.mails())
    return "予約が確定しました。" in own_page(town, booking), told, "Zoom準備中" in board_of(desk, booking)


@pytest.mark.parametrize("name", ["is down", *WRONG])
def test_zoom_fails(town: Town, nursery: Nursery, desk: Desk, name: str) -> None:
    if name in WRONG:
        WRONG[name](town.zoom)
    else:
        town.houses["zoom"].fall()
    (pk,) = book(nursery, 1)
    town.settle()
    booking = Booking.objects.get(pk=pk)
    assert look(town, desk, booking) == (True, True, True)

    town.mend()
    town.calm()
    assert Ledger(town).findings().wrong == []
    assert look(town, desk, booking) == (True, True, False)


def test_zoom_is_slow(town: Town, nursery: Nursery, desk: Desk) -> None:
    """Nobody waits for it but the worker."""
    town.zoom.switch(latency=[2, 2])
    (pk,) = book(nursery, 1)
    booking = Booking.objects.get(pk=pk)
    assert "予約が確定しました。" in own_page(town, booking)
    town.settle()
    assert (Ledger(town).findings().wrong, Meeting.objects.get().attempts) == ([], 0)


@pytest.mark.parametrize("heard", [True, False])
def test_meeting_is_deleted_by_hand(town: Town, nursery: Nursery, heard: bool) -> None:
    """Zoom says so, or only its list does: another one is made."""
    book(nursery, 1)
    town.settle()
    if not heard:
        town.zoom.switch(webhook_url="")
        town.time_passes(timedelta(minutes=20))  # by then Zoom's list is believed
    (first,) = town.zoom.standing()
    town.zoom.delete_by_hand(first["id"])
    if heard:
        wait_until(ZoomNotice.objects.filter(event="meeting.deleted").exists, what="Zoom's word of it")
    town.calm()
    (second,) = town.zoom.standing()
    assert (Ledger(town).findings().wrong, second["id"] == first["id"]) == ([], False)
