"""The mail server in trouble: nobody waits for it but the worker, staff see what has not gone out, and afterwards it all arrives, once and in order."""

from collections.abc import Callable, Mapping

import pytest

from booking.models import Booking
from tests.flows.at_work import BOOKINGS
from tests.flows.faults.doomed import Nursery, book, starts
from tests.flows.faults.invariants import Ledger
from tests.flows.faults.people import Desk, board_of, own_page
from tests.flows.faults.town import Town
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import GIVE_UP_AFTER

pytestmark = pytest.mark.flow
GONE, LATER = "refuse-550@example.jp", "later-451@example.jp"
CALLS = f"{BOOKINGS}calls/"


def is_down(town: Town) -> None:
    town.houses["mail"].fall()


def hangs_up(town: Town) -> None:
    """It takes calls, and nobody speaks."""
    town.houses["mail"].fall()
    town.wires["mail"].plug_in(town.wires["mail"].target)


WRONG: Mapping[str, Callable[[Town], None]] = {"is down": is_down, "hangs up": hangs_up}


@pytest.mark.parametrize("name", WRONG)
def test_mail_server_fails(town: Town, nursery: Nursery, desk: Desk, name: str) -> None:
    WRONG[name](town)
    (pk,) = book(nursery, 1)
    town.settle()
    booking = Booking.objects.get(pk=pk)
    assert ("予約が確定しました。" in own_page(town, booking), "メール送信待ち" in board_of(desk, booking)) == (True, True)
    assert (town.mailbox.mails(), len(town.zoom.standing())) == ([], 1)

    town.mend()
    town.calm()
    found = Ledger(town).findings()
    assert (found.wrong, found.repeats, found.counts["mails"]) == ([], {}, 2)
    assert "メール送信済み" in board_of(desk, booking)


def test_mail_server_is_slow(town: Town, nursery: Nursery) -> None:
    """Seconds for every mail: they arrive all the same, each once."""
    town.wires["mail"].slow(0.2)
    ids = book(nursery, 2)
    town.settle()
    found = Ledger(town).findings()
    assert (found.wrong, found.repeats, found.counts) == ([], {}, {"confirmed": len(ids), "mails": 4, "meetings": 2})


def test_mail_server_refuses_one_address_for_good(town: Town, nursery: Nursery, desk: Desk) -> None:
    """It becomes a call to make; nobody else's mail waits for it."""
    nursery.do("book", starts=[start.isoformat() for start in starts(2)], emails=[GONE, "hanako@example.jp"])
    town.settle()
    assert [mail.to for mail in town.mailbox.mails()] == [("hanako@example.jp",)] * 2
    assert set(OutgoingMail.objects.filter(to=GONE).values_list("outbox_state", flat=True)) == {"failed"}
    assert "メールが届いていません（送れなかったか、戻ってきました）" in desk.words(CALLS)
    assert Ledger(town, refused=[GONE]).findings().wrong == []


def test_mail_server_puts_one_address_off(town: Town, nursery: Nursery) -> None:
    """From a certain time on the person's later mails no longer wait for it; given up in the end, it is staff's."""
    nursery.do("book", starts=[start.isoformat() for start in starts(2)], emails=[LATER, "hanako@example.jp"])
    town.settle()
    assert [mail.to for mail in town.mailbox.mails()] == [("hanako@example.jp",)] * 2
    theirs = OutgoingMail.objects.filter(to=LATER, outbox_state="wanted")
    assert [mail.passed_from is None for mail in theirs.order_by("pk")] == [False, True]
    theirs.update(attempts=GIVE_UP_AFTER - 1)
    town.calm()
    assert set(OutgoingMail.objects.filter(to=LATER).values_list("outbox_state", flat=True)) == {"failed"}
    assert Ledger(town, refused=[LATER]).findings().wrong == []
