"""What stories stand on: one worker and one simulated Zoom for the session, the portal's clock at a story moment."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings
from pytest_django.live_server_helper import LiveServer

from booking.models import Meeting, ZoomNotice
from booking.rules.calendar import Calendar, tokyo, tokyo_date
from tests.cast import Office
from tests.servers import MailFolder
from tests.simulator import SimulatorHandle, running_simulator
from tests.surroundings import PATIENCE_SECONDS, database_url, wait_until
from toyooka_hw import clock
from toyooka_hw.celery import app
from toyooka_hw.demo.models import DemoClock
from toyooka_hw.demo.operations import move_clock, open_story
from toyooka_hw.demo.story import story_moment
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState
from toyooka_hw.wake import wake

ROOT = Path(__file__).resolve().parents[1]
DEMO_CLOCK = "toyooka_hw.demo.clock.now"
BESIDE = "beside the tests"
A_LITTLE = timedelta(seconds=1)
MINUTES = timedelta(minutes=5)  # before a moment: near it, and far enough for a slow machine to do what has to be done before it
UNFINISHED = [OutboxState.WANTED, OutboxState.CLAIMED]


@dataclass(frozen=True)
class Surroundings:
    """Everything beside the portal's own code: Zoom, the mail server, and the processes' environment."""

    zoom: SimulatorHandle
    environment: dict[str, str]


@pytest.fixture(scope="session")
def surroundings(django_db_setup: None, django_db_blocker: DjangoDbBlocker, live_server: LiveServer) -> Iterator[Surroundings]:
    """One simulated Zoom for all stories, and the environment in which a process meets the same servers as the tests."""
    with running_simulator() as zoom:
        config = zoom.config()
        environment = os.environ | {
            "DATABASE_URL": database_url(),
            "PGAPPNAME": BESIDE,
            "CLOCK_SOURCE": DEMO_CLOCK,
            "PORTAL_URL": live_server.url,
            "ZOOM_ACCOUNT_ID": config.account_id,
            "ZOOM_CLIENT_ID": config.client_id,
            "ZOOM_CLIENT_SECRET": config.client_secret,
            "ZOOM_API_URL": config.api_url,
            "ZOOM_TOKEN_URL": config.token_url,
        }
        yield Surroundings(zoom, environment)
    with django_db_blocker.unblock():  # PostgreSQL notices a moment later that a process has gone, and drops no database before
        wait_until(lambda: not sessions_beside(), what="the worker's sessions to end")


@pytest.fixture(scope="session")
def worker(surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real Celery worker on the test's database and broker, as talkative as it can be; the path of its log."""
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "toyooka_hw",
        "--quiet",
        "worker",
        "-c",
        "2",
        "-l",
        "debug",
        "--without-gossip",
        "--without-mingle",
    ]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=ROOT, env=surroundings.environment, stdout=output, stderr=output) as process,
    ):
        wait_until(lambda: b"ready." in log.read_bytes(), what=f"the worker of {log}")
        yield log
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


def sessions_beside() -> int:
    """How many sessions of this database the processes beside the tests still hold."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s", [BESIDE])
        row: tuple[int] = cursor.fetchone()
    return row[0]


@dataclass(frozen=True)
class Story:
    """A story's hand on the clock and its eyes on the outside."""

    opening: datetime
    zoom: SimulatorHandle
    mailbox: MailFolder

    @property
    def session_day(self) -> date:
        """The second open day after the opening."""
        return Calendar().next_open_day(Calendar().next_open_day(tokyo_date(self.opening)))

    def at(self, hour: int, minute: int = 0, second: int = 0) -> datetime:
        """A moment of the session's day."""
        return tokyo(self.session_day, time(hour, minute, second))

    def on_open_day(self, later: int, *, hour: int, minute: int = 0) -> datetime:
        """A moment of the first open day from so many days after the session's day on: whatever week the story opens in."""
        day = Calendar().next_open_day(self.session_day + timedelta(days=later - 1))
        return tokyo(day, time(hour, minute))

    def move(self, to: datetime) -> None:
        """Move the portal's clock on and let every sweep look, as the clock bar does; where it came by just before, as it may
        on a slow machine with a moment that is near, a little on from there."""
        wall, now = clock.wall(), clock.now()
        assert now - to < MINUTES, "a story goes forwards"
        move_clock(max(to, now + A_LITTLE), wall=wall)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing in the outboxes is due any more and the worker rests."""
        wait_until(self.is_settled, what="outboxes and worker at rest")

    def is_settled(self) -> bool:
        """Nothing in work and nothing due, seen twice: between two looks a task may have written what another must send.

        What is left although the worker rests was put off, or its nudge was lost: there is no beat here that looks again.
        """
        for _look in range(2):
            if not worker_rests():
                return False
            if unfinished_rows():
                self.sweep("mail.sweep", "booking.sweep_meetings", "booking.sweep_notices")
                return False
        return True

    def sweep(self, *names: str) -> None:
        """Let these sweeps run now, as beat would."""
        for name in names:
            wake(name)

    def subjects_to(self, address: str) -> list[str]:
        """What arrived at this mailbox, in order."""
        return [mail.subject for mail in self.mailbox.mails() if address in mail.to]


@contextmanager
def worker_away() -> Iterator[None]:
    """The stories' worker takes no message; whoever acts does so at a moment that the test knows."""
    _tell_worker("cancel_consumer")
    try:
        yield
    finally:
        _tell_worker("add_consumer")


def _tell_worker(command: str) -> None:
    """It has done so once it answers."""
    assert app.control.broadcast(command, arguments={"queue": "celery"}, reply=True, limit=1, timeout=PATIENCE_SECONDS)


def unfinished_rows() -> bool:
    """Whether a mail, a meeting or a notice of Zoom still waits for its worker."""
    return any(model.objects.filter(outbox_state__in=UNFINISHED).exists() for model in (OutgoingMail, Meeting, ZoomNotice))


def worker_rests() -> bool:
    """Whether the broker holds no message, neither waiting nor handed out and not yet acknowledged, and the worker waits for one.

    A worker that has just been handed one notes it a moment later; until then nobody knows of it, but nobody waits either.
    """
    with app.connection_for_read() as connection:
        broker = connection.default_channel.client
        number = str(broker.connection_pool.connection_kwargs["db"])
        waits = any(each["db"] == number and "b" in each["flags"] for each in broker.client_list())
        return waits and not broker.llen("celery") and not broker.hlen("unacked")


@pytest.fixture
def story(  # noqa: PLR0917 - pytest passes fixtures by name
    transactional_db: None, worker: object, surroundings: Surroundings, settings: Settings, mailbox: MailFolder, office_at_work: Office
) -> Iterator[Story]:
    """The portal at its story moment, with everything outside it real."""
    settings.CLOCK_SOURCE = DEMO_CLOCK
    for name in ("PORTAL_URL", "ZOOM_ACCOUNT_ID", "ZOOM_CLIENT_ID", "ZOOM_CLIENT_SECRET", "ZOOM_API_URL", "ZOOM_TOKEN_URL"):
        setattr(settings, name, surroundings.environment[name])
    surroundings.zoom.control.reset()
    mailbox.clear()
    told = Story(clock.now(), surroundings.zoom, mailbox)
    told.settle()
    yield told
    surroundings.zoom.control.clear_faults()
    wait_until(worker_rests, what="the worker at rest before the database is emptied")


@pytest.fixture
def office_at_work(transactional_db: None, request: pytest.FixtureRequest) -> Office:
    """The office of all tests, on a database whose commits other processes see, and in which the demo's story has been opened."""
    wall = clock.wall()
    open_story(wall=wall)
    if day := request.config.getoption("story_after"):
        DemoClock.objects.update(shift=story_moment(tokyo(day, time.max), Calendar()) - wall)
    office: Office = request.getfixturevalue("office")
    return office


@pytest.fixture
def zoom(settings: Settings) -> Iterator[SimulatorHandle]:
    """The simulated Zoom, and the portal pointed at it."""
    with running_simulator() as simulator:
        config = simulator.config()
        for name in ("account_id", "client_id", "client_secret", "api_url", "token_url"):
            setattr(settings, f"ZOOM_{name.upper()}", getattr(config, name))
        yield simulator
