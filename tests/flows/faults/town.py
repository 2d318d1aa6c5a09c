"""A town of its own: PostgreSQL, Valkey, mail server, simulated Zoom, web, worker and beat, each of which can be killed, stopped or cut off.

The tests' process reads the town's database; it changes nothing there but the clocks. What people and staff do, they do at the portal's pages.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from celery import Celery
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from psycopg import sql
from redis import Redis

from booking.models import Heartbeat, Meeting, ZoomNotice
from tests.flows.faults.houses import House, program
from tests.flows.faults.office import found_office
from tests.flows.faults.wire import Wire, wires
from tests.servers import MailFolder
from tests.simulator import SECRET, Control
from tests.stories import DEMO_CLOCK, UNFINISHED
from tests.surroundings import PATIENCE_SECONDS, wait_until
from toyooka_hw import clock
from toyooka_hw.celery import app
from toyooka_hw.demo.mailbox import running_mailbox
from toyooka_hw.demo.models import THE_CLOCK, DemoClock
from toyooka_hw.demo.operations import open_story
from toyooka_hw.demo.parts import Demo, answers, beat_order, web_order, worker_order, zoom_order
from toyooka_hw.demo.postgres import running_postgres
from toyooka_hw.demo.processes import LOOPBACK, Order, free_port, lasting_password
from toyooka_hw.demo.valkey import running_valkey
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.queries import in_the_way_of
from toyooka_hw.outbox import OutboxState

PRISTINE = "pristine"
OUTBOXES = (OutgoingMail, Meeting, ZoomNotice)
QUICK = "django.contrib.auth.hashers.MD5PasswordHasher"
SWEEPS = ("mail.sweep", "booking.sweep_meetings", "booking.sweep_notices")
PAUSE = timedelta(hours=1)  # longer than any pause between two tries, but for a spent day
CALMING_ROUNDS = 50
NEEDS_FIRST = ("postgres", "valkey", "mail", "zoom", "web", "worker")
FAIR_WEATHER = {"latency": [0, 0], "trouble_share": 0, "list_lag": 0, "app_active": True}
HURRIED, OURS = "tests.flows.faults.hurried", "toyooka_hw"


@dataclass
class Town:
    """Everything, and the hand that strikes it."""

    demo: Demo
    wires: dict[str, Wire]
    houses: dict[str, House]
    port: int

    # --- who lives here -----------------------------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.demo.environment}

    @property
    def url(self) -> str:
        return self.environment["PORTAL_URL"]

    @property
    def zoom(self) -> Control:
        return Control(f"http://{LOOPBACK}:{self.wires['zoom'].port}")

    @property
    def mailbox(self) -> MailFolder:
        return MailFolder(self.demo.data_dir / "mail")

    def broker(self) -> Redis:
        return Redis.from_url(self.environment["REDIS_URL"])

    def log(self, name: str) -> Path:
        return self.demo.data_dir / "logs" / f"{name}.log"

    @property
    def database_log(self) -> Path:
        return self.demo.data_dir / "postgres" / "postgres.log"

    # --- its day ------------------------------------------------------------------------------------------------------------

    def begin_anew(self) -> None:
        """As on the first morning: everybody there, everything mended, nothing remembered."""
        self.mend()
        wait_until(self.rests, what="the worker at rest")
        connection.close()
        self._database_anew()
        with self.broker() as broker:
            broker.flushall()
        self.zoom.reset()
        self.zoom.switch(webhook_url=self.environment["ZOOM_WEBHOOK_URL"], webhook_secret=self.environment["ZOOM_WEBHOOK_SECRET"])
        self.mailbox.clear()

    def mend(self) -> None:
        """Whatever is down stands up again; nobody is cut off, slow or in a mood. Beat goes: the tests say when the sweeps look."""
        connection.close()  # the server may be another one by now
        self.houses["beat"].fall()
        for wire in self.wires.values():
            wire.mend()
        for name in NEEDS_FIRST:
            self.houses[name].thaw()
            if not self.houses[name].stands:
                self.houses[name].stand_up()
        self.zoom.clear_faults()
        self.zoom.switch(**FAIR_WEATHER)
        self.give_back()

    def sweep(self, *names: str) -> None:
        """Let these sweeps run now, as beat would; without names all of them."""
        with self.outside() as outside, outside.connection_for_write() as wire:
            for name in names or [entry["task"] for entry in app.conf.beat_schedule.values()]:
                outside.send_task(name, connection=wire, ignore_result=True)

    def send(self, task: str, **arguments: Any) -> None:
        """One message to whichever worker takes it."""
        with self.outside() as outside, outside.connection_for_write() as wire:
            outside.send_task(task, kwargs=arguments, connection=wire, ignore_result=True)

    def settle(self) -> None:
        """Wait until nothing is due any more, the worker rests, and Zoom has nothing more to say."""
        wait_until(self._is_settled, what="outboxes and worker at rest")

    def _is_settled(self) -> bool:
        if not (self.rests() and self.zoom_has_told()):
            return False
        if self.due(attempts__gt=0):  # put off, and its pause is over before anybody looked: that is for beat
            self.sweep(*SWEEPS)
        return not self.due() and self.rests()

    def calm(self) -> None:
        """Let time pass until whatever waits for another try, or for the end of a dead worker's lease, has had it."""
        connection.close()  # as above
        self.give_back()
        self.sweep()
        wait_until(self.rests, what="the worker at rest")
        for _round in range(CALMING_ROUNDS):
            if not self.unfinished() and self.zoom_has_told():
                return
            self.time_passes(PAUSE, portal=False)
            self.give_back()
            self.sweep(*SWEEPS)
            wait_until(self.rests, what="the worker at rest")

    def rests(self) -> bool:
        """Whether no message waits or is in work, seen again and again: one that is just being handed out is in neither place."""
        for _look in range(3):
            if self.in_hand():
                return False
            time.sleep(0.05)  # between two looks
        return True

    def in_hand(self) -> int:
        """How many messages wait, or are with a worker that has not done with them."""
        with self.broker() as broker:
            return int(broker.llen("celery")) + int(broker.hlen("unacked"))

    def zoom_has_told(self) -> bool:
        """Whether no message of Zoom's is still on its way; nobody who is down says anything."""
        return not self.houses["zoom"].stands or all(message["answers"] for message in self.zoom.messages())

    def due(self, **only: object) -> bool:
        """Whether something could be done now; a mail that waits for an earlier one cannot. ``only``: look at rows like these."""
        wall = clock.wall()
        mails = OutgoingMail.objects.due(wall).filter(**only)
        others = any(model.objects.due(wall).filter(**only).exists() for model in (Meeting, ZoomNotice))
        return others or any(not in_the_way_of(mail, wall=wall).exists() for mail in mails)

    def unfinished(self) -> bool:
        return any(model.objects.filter(outbox_state__in=UNFINISHED).exists() for model in OUTBOXES)

    @contextmanager
    def workers_away(self) -> Iterator[None]:
        """Its worker takes no messages, and finds none when it comes back: only the sweeps know what is to be done."""
        self._control("cancel_consumer")
        try:
            yield
        finally:
            with self.broker() as broker:
                broker.delete("celery")
            self._control("add_consumer")

    def forget_zoom(self) -> None:
        """What all workers share of Zoom has run out: the token, and a dead one's lock on renewing it."""
        with self.broker() as broker:
            for name in broker.scan_iter("*:zoom:*"):
                broker.delete(name)

    def _control(self, command: str) -> None:
        with self.outside() as outside:
            assert outside.control.broadcast(command, arguments={"queue": "celery"}, reply=True, timeout=PATIENCE_SECONDS, limit=1)

    @contextmanager
    def outside(self) -> Iterator[Celery]:
        """A Celery of nobody's, on the town's broker."""
        celery = Celery(broker=self.environment["REDIS_URL"], set_as_current=False)
        try:
            yield celery
        finally:
            celery.close()

    # --- its clocks ---------------------------------------------------------------------------------------------------------

    def time_passes(self, by: timedelta, *, portal: bool = True) -> None:
        """So much real time goes by: whatever is written down as a real moment lies so much further back. ``portal``: its clock goes along.

        Only while no worker acts: a lease is longer than anything a worker may wait for.
        """
        shift = {"microseconds": int(by.total_seconds() * 1_000_000)}
        columns = [(model, name) for model in OUTBOXES for name in ("next_try_at", "leased_until")]
        with connection.cursor() as cursor:
            for model, name in [*columns, (OutgoingMail, "passed_from"), (Heartbeat, "wall")]:
                statement = sql.SQL("UPDATE {table} SET {column} = {column} - %(microseconds)s * interval '1 microsecond'")
                cursor.execute(statement.format(table=sql.Identifier(model._meta.db_table), column=sql.Identifier(name)), shift)
        if portal:
            self.shift_clock(by)

    def pauses_end(self) -> None:
        """Of whatever waits for another try."""
        for model in OUTBOXES:
            model.objects.filter(outbox_state=OutboxState.WANTED).update(next_try_at=clock.wall())

    def leases_end(self) -> None:
        """Of whatever is claimed now. Only while no worker lives."""
        connection.close()  # as above
        for model in OUTBOXES:
            model.objects.filter(outbox_state=OutboxState.CLAIMED).update(leased_until=clock.wall())

    def shift_clock(self, by: timedelta) -> None:
        row = DemoClock.objects.get(pk=THE_CLOCK)
        DemoClock.objects.update(shift=row.shift + by)

    def move(self, to: datetime) -> None:
        """The portal's time goes on to this moment, and every sweep looks."""
        self.shift_clock(to - clock.now())
        self.sweep()
        self.settle()

    def give_back(self) -> None:
        """The broker's patience with workers that have died is over: what they had in hand goes to others."""
        with self.outside() as outside, outside.connection_for_write() as wire:
            channel = wire.default_channel
            channel.visibility_timeout = 0
            channel.qos.restore_visible(num=10_000)

    # --- how it stands up ---------------------------------------------------------------------------------------------------

    def worker(self, part: str = OURS, **more: str) -> House:
        """A worker; ``part``: the Celery app it runs, ours or one that a test has tampered with."""
        return House(lambda: program(of(worker_order(self.demo), part, **more)), is_ready=lambda log: "ready." in log)

    def beat(self) -> House:
        """A beat whose minute is a second."""
        return House(lambda: program(of(beat_order(self.demo), HURRIED)), is_ready=lambda log: "beat: Starting" in log)

    def _database_anew(self) -> None:
        with psycopg.connect(self._maintenance(), autocommit=True) as direct:
            direct.execute("DROP DATABASE IF EXISTS portal WITH (FORCE)")
            direct.execute(f"CREATE DATABASE portal TEMPLATE {PRISTINE}")

    def found(self) -> None:
        """Tables, clock and office, kept as what every story begins with."""
        self._write_carelessly()
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        open_story(wall=clock.wall())
        found_office()
        connection.close()
        with psycopg.connect(self._maintenance(), autocommit=True) as direct:
            direct.execute("ALTER DATABASE portal ALLOW_CONNECTIONS false")
            direct.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'portal'")
            direct.execute(f"ALTER DATABASE portal RENAME TO {PRISTINE}")
        self._database_anew()

    def _write_carelessly(self) -> None:
        """A killed server loses nothing that it has handed to the system; only a power cut would, and nobody cuts the power here."""
        with psycopg.connect(self._maintenance(), autocommit=True) as direct:
            for name in ("fsync", "full_page_writes"):
                direct.execute(f"ALTER SYSTEM SET {name} = off")
            direct.execute("SELECT pg_reload_conf()")

    def _maintenance(self) -> str:
        return urlsplit(self.environment["DATABASE_URL"])._replace(path="/postgres").geturl()


def of(order: Order, part: str, **more: str) -> Order:
    """The same program with another Celery app, and with more in its environment."""
    words = [part if word == OURS else word for word in order.program]
    return replace(order, program=words, environment={**order.environment, **more})


@contextmanager
def standing_town(folder: Path) -> Iterator[Town]:
    """The town, in this folder; nothing of it outlives the block."""
    with ExitStack() as stack:
        wire = stack.enter_context(wires())
        named = {name: wire() for name in ("postgres", "valkey", "mail", "zoom")}
        port = free_port()
        town = Town(Demo(folder, _environment(folder, port, named), stack), named, {}, port)
        town.houses |= _houses(town)
        for house in town.houses.values():
            stack.callback(house.fall)
        for name in ("web", "worker", "zoom", "mail", "valkey", "postgres"):
            town.houses[name].begin()
        stack.enter_context(_read_here(town))
        town.found()
        for name in ("web", "worker", "zoom"):
            town.houses[name].wait()
        yield town


def _environment(folder: Path, port: int, named: dict[str, Wire]) -> dict[str, str]:
    """Everybody's way to everybody is a wire."""
    portal, wire = f"http://{LOOPBACK}:{port}", {name: f"{LOOPBACK}:{each.port}" for name, each in named.items()}
    (folder / "static").mkdir()
    for name in ("postgres", "valkey"):
        (folder / name).mkdir()
    return {
        "DEMO_DATA_DIR": str(folder),
        "STATIC_ROOT": str(folder / "static"),
        "CLOCK_SOURCE": DEMO_CLOCK,
        "PORTAL_URL": portal,
        "DATABASE_URL": f"postgres://portal:{lasting_password(folder / 'postgres')}@{wire['postgres']}/portal",
        "REDIS_URL": f"redis://:{lasting_password(folder / 'valkey')}@{wire['valkey']}/0",
        "EMAIL_URL": f"smtp://{wire['mail']}",
        "ZOOM_PLAN": "business",  # its pace does not slow the tests down
        "ZOOM_CLIENT_SECRET": SECRET,
        "ZOOM_API_URL": f"http://{wire['zoom']}/v2",
        "ZOOM_TOKEN_URL": f"http://{wire['zoom']}/oauth/token",
        "ZOOM_WEB_URLS": f"http://{wire['zoom']}",
        "ZOOM_WEBHOOK_URL": f"{portal}/zoom/webhook",
        # stories jump by hours and days; the staff's sessions are not what is tested here
        "STAFF_IDLE_MINUTES": "999999",
        "STAFF_SESSION_HOURS": "99999",
    }


def _houses(town: Town) -> dict[str, House]:
    data, demo, wire = town.demo.data_dir, town.demo, town.wires
    return {
        "postgres": House(lambda: running_postgres(data / "postgres"), wire["postgres"]),
        "valkey": House(lambda: running_valkey(data / "valkey", durable=False), wire["valkey"]),
        "mail": House(lambda: running_mailbox(data / "mail", log=town.log("mail")), wire["mail"]),
        "zoom": House(lambda: _zoom(town), wire["zoom"], is_ready=lambda log: "Zoom simulator on" in log),
        "web": House(lambda: program(web_order(demo, town.port)), is_ready=lambda _: answers(town.port)),
        "worker": town.worker(),
        "beat": town.beat(),
    }


def _zoom(town: Town) -> Any:
    port = free_port()
    return program(zoom_order(town.demo, port), port)


@contextmanager
def _read_here(town: Town) -> Iterator[None]:
    """This process's Django reads the town's database and its clock."""
    there = urlsplit(town.environment["DATABASE_URL"])
    before = connections.settings["default"]
    address = {"HOST": there.hostname, "PORT": there.port, "USER": there.username, "PASSWORD": there.password, "NAME": "portal"}
    _point(before | address | {"OPTIONS": {}, "TEST": before["TEST"]})
    settings = {"CLOCK_SOURCE": DEMO_CLOCK, "PORTAL_URL": town.url, "PASSWORD_HASHERS": [QUICK]}
    try:
        with override_settings(**settings):
            yield
    finally:
        _point(before)


def _point(to: Any) -> None:
    here = connections["default"]
    here.close()
    connections.settings["default"] = to
    del connections["default"]
