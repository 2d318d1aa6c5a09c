"""Our own servers and programs in trouble: Redis, the worker, beat, PostgreSQL, web."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

import pytest
from django.db import connection

from booking.models import Booking, Meeting
from tests.flows.faults.doomed import Nursery, book, starts
from tests.flows.faults.invariants import Ledger, Window
from tests.flows.faults.people import Desk, Person, Witness, board_of, own_page, read
from tests.flows.faults.town import Town
from tests.flows.faults.troubles import worker_killed
from tests.surroundings import wait_until
from toyooka_hw import clock
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.flow
NOT_EARLIER = timedelta(minutes=5)
AT_ONCE = 12


def test_redis_down_at_the_moment_of_booking(town: Town, desk: Desk, witness: Witness) -> None:
    """The person gets a 受付番号 and notices nothing; what nobody was woken for is found by the sweeps, on a Redis that came back empty."""
    person, (start,) = Person(town, 1, witness), starts(1)
    page = person.ask_up_to_the_last_step(start)
    town.settle()
    town.houses["valkey"].fall()
    number = person.send(page, start)
    booking = Booking.objects.get(number=number)
    desk.confirm(booking.pk)
    assert OutgoingMail.objects.filter(outbox_state="wanted").count() == 2
    assert ("予約が確定しました。" in own_page(town, booking), witness.troubles()) == (True, [])
    assert [words in board_of(desk, booking) for words in ("メール送信待ち", "Zoom準備中")] == [True, True]

    town.houses["valkey"].stand_up()
    town.calm()  # the same worker, which found its way back
    assert Ledger(town).findings().wrong == []
    assert Meeting.objects.get().attempts == 0


def test_worker_killed_at_its_work(town: Town, nursery: Nursery, desk: Desk) -> None:
    """What it had in hand is done by the next one when the lease is over; the person has a session meanwhile, and staff see what is missing."""
    town.zoom.switch(latency=[5, 5])
    book(nursery, 1)
    wait_until(lambda: Meeting.objects.filter(outbox_state="claimed").exists(), what="the worker at the meeting")
    since = clock.wall() - NOT_EARLIER
    another = worker_killed(town, Random())
    assert Meeting.objects.get().outbox_state == "claimed"
    booking = Booking.objects.get()
    assert ("予約が確定しました。" in own_page(town, booking), "Zoom準備中" in board_of(desk, booking)) == (True, True)
    town.zoom.switch(latency=[0, 0])
    another()
    town.calm()
    assert Ledger(town, windows=[Window(since, clock.wall())]).findings().wrong == []


def test_worker_frozen_for_longer_than_its_lease(town: Town, nursery: Nursery) -> None:
    """Another one does the work; the first wakes up, finishes what it began, and changes nothing any more: what it made too much is taken away."""
    town.zoom.switch(latency=[2, 2])
    book(nursery, 1)
    wait_until(lambda: Meeting.objects.filter(outbox_state="claimed").exists(), what="the worker at the meeting")
    since = clock.wall() - NOT_EARLIER
    town.houses["worker"].freeze()
    town.zoom.switch(latency=[0, 0])
    town.leases_end()
    other = town.worker()
    other.stand_up()
    town.sweep("booking.sweep_meetings", "mail.sweep")
    wait_until(lambda: Meeting.objects.filter(outbox_state="done").exists(), what="the meeting")
    town.houses["worker"].thaw()
    town.time_passes(timedelta(minutes=20))
    town.calm()
    other.fall()
    assert Ledger(town, windows=[Window(since, clock.wall())]).findings().wrong == []


def test_beat_stopped_for_an_hour(town: Town, nursery: Nursery) -> None:
    """Whatever had to wait for a sweep is done within its first minutes."""
    town.zoom.fault("outage", count=1)
    town.houses["mail"].fall()
    book(nursery, 2)
    town.settle()
    town.mend()
    town.time_passes(timedelta(hours=1))
    assert town.due()
    town.houses["beat"].stand_up()
    wait_until(lambda: not town.unfinished(), what="what had waited")
    town.houses["beat"].fall()
    town.calm()
    found = Ledger(town).findings()
    assert (found.wrong, found.repeats) == ([], {})


def test_two_beats_at_once(town: Town, nursery: Nursery) -> None:
    """Everything is looked at twice, and done once: the reminder of the day before too."""
    ids = book(nursery, 4)
    town.settle()
    eve = Booking.objects.earliest("starts_at").starts_at - timedelta(hours=20)
    town.shift_clock(eve - clock.now())
    second = town.beat()
    for beat in (town.houses["beat"], second):
        beat.stand_up()
    wait_until(lambda: len(reminders(town)) >= len(ids), what="the reminders")
    wait_until(lambda: all(beat.said().count("mail.sweep") > 4 for beat in (town.houses["beat"], second)), what="both beats at work")
    for beat in (town.houses["beat"], second):
        beat.fall()
    town.calm()
    found = Ledger(town).findings()
    assert (found.wrong, found.repeats, len(reminders(town))) == ([], {}, len(ids))


def reminders(town: Town) -> list[str]:
    """To whom it was said that the session is tomorrow."""
    keys = OutgoingMail.objects.filter(key__startswith="reminder:").values_list("message_id", flat=True)
    return [mail.message_id for mail in town.mailbox.mails() if mail.message_id in set(keys)]


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_database_restarted_while_people_book(town: Town, desk: Desk, witness: Witness, how: str) -> None:
    """They read a kind word at worst, try again, and have one booking each."""
    since = clock.wall()
    with ThreadPoolExecutor(3) as hands:
        coming = [hands.submit(come, town, desk, witness, number) for number in range(1, 4)]
        wait_until(lambda: len(witness.met) > 6, what="people at the pages")
        house = town.houses["postgres"]
        house.lie_down() if how == "restarted" else house.fall()
        house.stand_up()
        for one in coming:
            one.result()
    town.calm()
    found = Ledger(town, windows=[Window(since, clock.wall())]).findings()
    assert (found.wrong, found.counts["confirmed"]) == ([], 3)
    assert {met.status for met in witness.troubles()} <= {500}
    assert [met for met in witness.troubles() if "ただいま処理ができません" not in met.words] == []


def test_database_restarted_while_nobody_looks(town: Town, witness: Witness) -> None:
    """Every connection that web had kept is dead; nobody notices (decision 35)."""
    with ThreadPoolExecutor(AT_ONCE) as hands:  # web has as many connections as people have ever come at once
        list(hands.map(lambda number: Person(town, number, witness).open("/slots/"), range(1, AT_ONCE + 1)))
    town.houses["postgres"].lie_down()
    town.houses["postgres"].stand_up()
    phone = Person(town, 1, witness).phone
    assert {phone.get("/slots/").status_code for _look in range(3 * AT_ONCE)} == {200}


def come(town: Town, desk: Desk, witness: Witness, number: int) -> None:
    """Somebody asks, and staff confirm."""
    try:
        told = Person(town, number, witness).ask(starts(3)[number - 1])
        desk.another().confirm(read(lambda: Booking.objects.get(number=told)).pk)
    finally:
        connection.close()


def test_web_killed_while_somebody_books(town: Town, witness: Witness) -> None:
    """The page is gone for a moment; what was entered is not."""
    person, (start,) = Person(town, 1, witness), starts(1)
    page = person.ask_up_to_the_last_step(start)
    town.houses["web"].fall()
    assert person.phone.get(page.address).status_code == 0
    town.houses["web"].stand_up()
    number = person.send(person.open(page.address), start)
    town.calm()
    assert (Booking.objects.get().number, Ledger(town).findings().wrong) == (number, [])
