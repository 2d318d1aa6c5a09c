"""A storm over the town: people come and go, and by the dice's will one trouble after the other strikes them."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, repeat
from random import Random

import psycopg
from django.db import connection

from booking.models import Booking
from tests.flows.faults.browser import NO_PAGE, Met
from tests.flows.faults.doomed import starts
from tests.flows.faults.invariants import Window
from tests.flows.faults.people import Desk, Person, Witness, read
from tests.flows.faults.town import Town
from tests.flows.faults.troubles import TROUBLES, Trouble
from toyooka_hw import clock

HANDS, MOST_HANDS, EACH = 5, 12, 40  # how many come at once: more where hundreds come
AT_ONCE = 10  # of the office's places at one start, so that all find one and somebody free to take over
NEEDED = ("postgres", "valkey")
LEAST_TROUBLES = 12
LASTS, PAUSE = (0.2, 1.2), (0.1, 0.6)
FATES = ("stays", "stays", "moves", "is handed over", "cancels", "moves and cancels", "moves and is handed over")
AFTERWARDS = timedelta(seconds=12)  # a page that waits for the database gives up after ten seconds
TICK_SECONDS, FASTER = 0.5, 20  # pauses between two tries run so many times faster


@dataclass(frozen=True)
class Struck:
    """One trouble as it struck: its name, and the real time from its beginning to when all was as before."""

    name: str
    since: datetime
    until: datetime

    @property
    def trouble(self) -> Trouble:
        return TROUBLES[self.name]


@dataclass
class Storm:
    """What is to come (from the dice), and what came of it."""

    town: Town
    desk: Desk
    dice: Random
    people: int
    witness: Witness
    journal: list[Struck] = field(default_factory=list)
    fates: Counter[str] = field(default_factory=Counter)
    stood_at: datetime = field(default_factory=clock.wall)

    def rage(self) -> None:
        """Everybody comes; troubles strike until all of them have what they came for. Whatever is down stands up again in the end."""
        slots = starts(self.people, at_once=AT_ONCE)
        later = starts(self.people, after=slots[-1].date(), at_once=AT_ONCE)
        plans = [(number, slots[number - 1], later[number - 1], self.dice.choice(FATES)) for number in range(1, self.people + 1)]
        self.town.houses["beat"].begin()
        with ThreadPoolExecutor(max(HANDS, min(self.people // EACH, MOST_HANDS))) as hands, time_lapse(self.town):
            coming = [hands.submit(self._come, *plan) for plan in plans]
            try:
                self._strike_while(coming)
            finally:
                self.town.mend()
            for one in coming:
                one.result()
        self.fates = Counter(fate for *_plan, fate in plans)

    def windows(self) -> list[Window]:
        """When a mail may have come twice, and why."""
        return [Window(each.since, each.until, each.name) for each in self.journal if each.trouble.excuses]

    def unkind(self) -> list[Met]:
        """What people met that nobody should: no page although web was up, an error although the database was there, a word too much."""
        return [met for met in self.witness.troubles() if not self._is_forgiven(met)]

    def _is_forgiven(self, met: Met) -> bool:
        whose = "web" if met.status == NO_PAGE else "postgres"
        known = any(each.trouble.of == whose and each.since <= met.at <= each.until + AFTERWARDS for each in self.journal)
        return known and (met.status == NO_PAGE or "ただいま処理ができません" in met.words)

    def _strike_while(self, coming: list[Future[None]]) -> None:
        names = self._in_turn()
        for number in chain(range(LEAST_TROUBLES), repeat(LEAST_TROUBLES)):
            if number >= LEAST_TROUBLES and all(one.done() for one in coming):
                return
            self._strike(next(names), next(names) if self.dice.random() < 0.3 else "")

    def _in_turn(self) -> Iterator[str]:
        """Each trouble once, in the dice's order, and again in another order."""
        while True:
            names = list(TROUBLES)
            self.dice.shuffle(names)
            yield from names

    def _strike(self, *names: str) -> None:
        """One trouble, or two of different victims at once; what others need to stand up stands up first."""
        victims = {TROUBLES[name].of: name for name in names if name}
        begun = [(name, clock.wall(), TROUBLES[name].strike(self.town, self.dice)) for name in victims.values()]
        time.sleep(self.dice.uniform(*LASTS))  # it lasts
        for name, since, end in sorted(begun, key=lambda each: TROUBLES[each[0]].of not in NEEDED):
            end()
            self.journal.append(Struck(name, since, clock.wall()))
        time.sleep(self.dice.uniform(*PAUSE))  # and people breathe
        self._look_after_the_worker()

    def _look_after_the_worker(self) -> None:
        """As whatever runs it does: Celery ends it ("Unrecoverable error") where the broker goes at the wrong moment."""
        worker = self.town.houses["worker"]
        if not worker.stands:
            worker.stand_up()
            self.journal.append(Struck("worker killed", self.stood_at, clock.wall()))
        self.stood_at = clock.wall()

    def _come(self, number: int, start: datetime, later: datetime, fate: str) -> None:
        """One person's whole way, and what becomes of the session."""
        try:
            told = Person(self.town, number, self.witness).ask(start)
            pk = read(lambda: Booking.objects.get(number=told)).pk
            desk = self.desk.another()
            desk.confirm(pk)
            if "moves" in fate:
                desk.move(pk, later)
            if "handed over" in fate:
                desk.hand_over(pk)
            if "cancels" in fate:
                desk.cancel(pk)
        finally:
            connection.close()


@contextmanager
def time_lapse(town: Town) -> Iterator[None]:
    """Pauses until the next try run faster; leases do not, for whoever holds one may be at work."""
    over = threading.Event()
    by = {"seconds": TICK_SECONDS * FASTER}
    tables = ("mail_outgoingmail", "booking_meeting", "booking_zoomnotice")
    hurry = (
        "UPDATE {} SET next_try_at = next_try_at - %(seconds)s * interval '1 second' WHERE outbox_state = 'wanted' AND next_try_at > now()"
    )

    def tick() -> None:
        with psycopg.connect(town.environment["DATABASE_URL"], autocommit=True, connect_timeout=5) as direct:
            while not over.wait(TICK_SECONDS):
                for table in tables:
                    direct.execute(hurry.format(table), by)

    def keep_ticking() -> None:
        while not over.wait(TICK_SECONDS):
            with suppress(psycopg.OperationalError):  # it is down, or was
                tick()

    thread = threading.Thread(target=keep_ticking)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
