"""The office's machine is lost: a dump comes back on a new server, nobody is written to twice, and work goes on (decision 41)."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from celery import Celery
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from redis import Redis

from booking.links import token_of
from booking.models import Booking
from booking.operations import applications, bookings
from booking.operations.bookings import Decision
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import Office, application, make_person
from tests.discretion import Discretion
from tests.evidence import may_be_emptied
from tests.flows.applying import HANAKO, at_the_last_step, now_and_wall
from tests.flows.at_work import BOOKINGS, REGISTERED, Colleague
from tests.flows.faults.browser import Browser
from tests.flows.test_graceful_worker import own_broker
from tests.pages import submit
from tests.programs import running_web, running_worker
from tests.stories import ROOT, Story, Surroundings, worker_away
from tests.surroundings import wait_until
from toyooka_hw import clock
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations.factors import fresh_codes
from toyooka_hw.backup import GAP
from toyooka_hw.demo.identity import INSTALLATION, wheel_folder
from toyooka_hw.demo.postgres import running_postgres
from toyooka_hw.demo.processes import LOOPBACK, free_port

__all__ = ["own_broker"]

pytestmark = pytest.mark.flow
PASSWORD = "correct horse battery"
APP_ROLE, APP_PASSWORD = "portal_app", "of-the-application"
TARO, JIRO, SABURO = "taro@example.jp", "jiro@example.jp", "saburo@example.jp"
SWEEPS = ("mail.sweep", "booking.sweep_meetings", "booking.send_reminders", "booking.sweep_requests", "booking.sweep_seats")
ONLY_THE_ROWS = """
import sys, django; django.setup()
from pathlib import Path
from toyooka_hw.backup import bring_back
bring_back(Path(sys.argv[1]))
"""


@dataclass(frozen=True)
class Lost:
    """What there is when the old machine is gone: the dump, what was done after it, and a recovery code in 佐藤's drawer."""

    file: Path
    known: Booking
    unsent: Booking
    forgotten: Booking
    recovery_code: str


def manage(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return python(environment, "manage.py", *arguments)


def python(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def booked(story: Story, office: Office, email: str, hour: int) -> Booking:
    person = make_person(email=email)
    agree(person, Shown(office.version.pk, "同意します。", clock.now()), document=COUNSELLING, now=clock.now())
    booking = applications.request(person, application(office.version, story.at(hour)), **now_and_wall())
    return bookings.confirm(booking.pk, Decision("registered", office.staff), **now_and_wall())


@pytest.fixture
def environment(surroundings: Surroundings) -> dict[str, str]:
    """With PostgreSQL's own programs on the PATH, as on an operator's machine."""
    programs = wheel_folder() / INSTALLATION / "bin"
    return surroundings.environment | {"PATH": f"{programs}:{os.environ['PATH']}", "DJANGO_SETTINGS_MODULE": "toyooka_hw.settings"}


@pytest.fixture
def lost(story: Story, office_at_work: Office, environment: dict[str, str], tmp_path: Path) -> Lost:
    """花子's session is known; 太郎's mails and meeting were wanted when the dump was made, and done after it; 次郎 came after it."""
    as_in_production = PBKDF2PasswordHasher().encode(PASSWORD, "salt")  # the tests' own quick hashes are known to no program beside them
    User.objects.filter(pk=office_at_work.staff.pk).update(password=as_in_production)
    recovery_code = fresh_codes(office_at_work.staff)[0]
    known = booked(story, office_at_work, HANAKO, 10)
    story.settle()
    with worker_away():
        unsent = booked(story, office_at_work, TARO, 11)
        may_be_emptied(False)
        try:
            told = manage(environment, "backup", str(tmp_path))
        finally:
            may_be_emptied()
        assert told.returncode == 0, told.stderr
    story.settle()
    forgotten = booked(story, office_at_work, JIRO, 13)
    story.settle()
    assert [len(story.subjects_to(email)) for email in (HANAKO, TARO, JIRO)] == [2, 2, 2]
    assert len(story.zoom.control.standing()) == 3
    story.mailbox.clear()
    connection.close()
    return Lost(Path(told.stdout.strip()), known, unsent, forgotten, recovery_code)


@dataclass(frozen=True)
class NewMachine(Story):
    """The story goes on there."""

    environment: dict[str, str]
    port: int

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as database:
            return database.execute(statement, values).fetchall()  # type: ignore[arg-type]  # written in this file

    def move(self, to: datetime) -> None:
        self.rows("UPDATE demo_democlock SET shift = %s RETURNING shift", to - clock.wall())

    def for_the_application(self) -> "NewMachine":
        """With the rights that ``deploy/migrate`` gives; from here on everything connects as the portal's own role."""
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as owner:
            owner.execute(f"CREATE ROLE {APP_ROLE} LOGIN PASSWORD '{APP_PASSWORD}'".encode())
        granted = manage(self.environment, "grant_app_role", APP_ROLE)
        assert granted.returncode == 0, granted.stderr
        owners = urlsplit(self.environment["DATABASE_URL"])
        url = owners._replace(netloc=f"{APP_ROLE}:{APP_PASSWORD}@{owners.hostname}:{owners.port}").geturl()
        return replace(self, environment=self.environment | {"DATABASE_URL": url})

    def settle(self) -> None:
        wait_until(self.is_settled, what="outboxes and worker at rest on the new machine")

    def is_settled(self) -> bool:
        unfinished = "SELECT 1 FROM {} WHERE outbox_state IN ('wanted', 'claimed')"
        with Redis.from_url(self.environment["REDIS_URL"]) as broker:
            return not any(
                broker.llen("celery") or broker.hlen("unacked") or self.rows(unfinished.format(table))
                for _twice in range(2)
                for table in ("mail_outgoingmail", "booking_meeting")
            )

    def sweep(self, *names: str) -> None:
        with Celery(broker=self.environment["REDIS_URL"]) as sender:
            for name in names:
                sender.send_task(name, ignore_result=True)
        self.settle()


@pytest.fixture
def new_machine(story: Story, lost: Lost, environment: dict[str, str], own_broker: str, tmp_path: Path) -> Iterator[NewMachine]:
    """A new server with an empty database, and nothing else yet."""
    tmp_path.chmod(0o711)
    tmp_path.parent.chmod(0o711)
    with running_postgres(tmp_path / "new", durable=False) as server:
        there = environment | {"DATABASE_URL": server.url, "REDIS_URL": own_broker}
        yield NewMachine(story.opening, story.zoom, story.mailbox, there, free_port())


@contextmanager
def at_work(machine: NewMachine, folder: Path, discretion: Discretion) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(running_worker(discretion.follow(folder / "new-worker.log"), machine.environment))
        stack.enter_context(running_web(discretion.follow(folder / "new-web.log"), machine.environment, machine.port))
        wait_until(lambda: Browser(machine.url).get("/healthz").status_code == 200, what="the portal on the new machine")
        yield


def test_dump_comes_back_and_nobody_is_written_to_twice(
    lost: Lost, new_machine: NewMachine, office_at_work: Office, tmp_path: Path, discretion: Discretion
) -> None:
    told = manage(new_machine.environment, "restore", str(lost.file))
    assert told.returncode == 0, told.stderr
    assert "2 mails wait for staff on 今日; 2 meetings are compared with Zoom." in told.stdout
    assert new_machine.rows("SELECT count(*) FROM booking_booking") == [(2,)]
    assert new_machine.rows("SELECT count(*) FROM django_session") == [(0,)]
    machine = new_machine.for_the_application()
    with at_work(machine, tmp_path, discretion):
        machine.sweep(*SWEEPS)
        assert machine.mailbox.mails() == []
        assert (
            machine.rows("SELECT last_error FROM mail_outgoingmail WHERE outbox_state = 'failed'")
            == [("復元の前に送られた可能性があります",)] * 2
        )
        made = {each["id"] for each in machine.zoom.control.standing()}
        adopted = {row[0] for row in machine.rows("SELECT meeting_id FROM booking_meeting")}
        assert (len(made), len(adopted), adopted < made) == (3, 2, True)  # the third is 次郎's: a stranger, as the status page says
        go_on(lost, machine, office_at_work)


def go_on(lost: Lost, machine: NewMachine, office: Office) -> None:
    """Old links open, the link of the forgotten booking opens nothing even now that others book, and a whole session is arranged and joined."""
    phone = Browser(machine.url)
    assert phone.get(f"/b/{token_of(lost.known)}/").status_code == 200
    page = submit(phone, at_the_last_step(phone, machine, SABURO))
    machine.settle()
    ((pk, number, state),) = machine.rows("SELECT pk.id, number, state FROM booking_booking pk ORDER BY pk.id DESC LIMIT 1")
    assert (str(number) in page.content.decode(), state, int(str(pk)) > GAP) == (True, "requested", True)
    assert [mail.to for mail in machine.mailbox.mails()] == [(SABURO,), (SABURO,)]  # the code, and that it was received
    assert phone.get(f"/b/{token_of(lost.forgotten)}/").status_code == 404
    arrange_and_join(lost, machine, office, phone, pk)


def arrange_and_join(lost: Lost, machine: NewMachine, office: Office, phone: Browser, pk: object) -> None:
    """佐藤 signs in with password and recovery code and confirms; a Zoom meeting is made anew, and the person comes in by the mailed link."""
    desk = Colleague(machine, office.staff, Browser(machine.url, number=2))
    signed = {"username": office.staff.username, "password": PASSWORD, "otp_token": lost.recovery_code}
    desk.fill(desk.look("/admin/login/"), action="login", **signed)
    desk.fill(desk.look(f"{BOOKINGS}{pk}/act/confirm/"), **REGISTERED)
    ((made, door),) = machine.rows("SELECT meeting_id, join_url FROM booking_meeting WHERE booking_id = %s", pk)
    assert made in {each["id"] for each in machine.zoom.control.standing()}
    machine.move(machine.at(9, 50))
    (link,) = re.findall(r"/b/\S+/", machine.mailbox.mails()[-1].text)
    joined = submit(phone, phone.get(link), action="join", digits="5678")
    assert (joined.status_code, str(door).endswith(joined.address)) == (200, True)
    assert machine.rows("SELECT 1 FROM booking_participant WHERE booking_id = %s AND first_joined_at IS NOT NULL", pk) == [(1,)]


def test_without_that_they_would_be(lost: Lost, new_machine: NewMachine, tmp_path: Path, discretion: Discretion) -> None:
    """The control: the same dump without ``come_back``."""
    told = python(new_machine.environment, "-c", ONLY_THE_ROWS, str(lost.file))
    assert told.returncode == 0, told.stderr
    with at_work(new_machine, tmp_path, discretion):
        new_machine.sweep(*SWEEPS)
    assert {mail.to for mail in new_machine.mailbox.mails()} == {(TARO,)}
    assert len(new_machine.zoom.control.standing()) == 4


def test_what_guards_the_evidence_came_back_too(lost: Lost, new_machine: NewMachine) -> None:
    """Triggers for the owner, grants for the portal's own role."""
    assert manage(new_machine.environment, "restore", str(lost.file)).returncode == 0
    forbidden = ("UPDATE consent_consent SET label = ''", "DELETE FROM booking_bookingevent", "TRUNCATE consent_consent CASCADE")
    by_triggers = [refusal(new_machine, statement) for statement in forbidden]
    assert [bool(words) and not words.startswith("permission denied") for words in by_triggers] == [True] * 3
    application = new_machine.for_the_application()
    by_grants = [refusal(application, statement) for statement in forbidden]
    assert [words.startswith("permission denied") for words in by_grants] == [True] * 3
    assert refusal(application, "SELECT FROM consent_consent") == ""


def refusal(machine: NewMachine, statement: str) -> str:
    with psycopg.connect(machine.environment["DATABASE_URL"]) as database:
        try:
            database.execute(statement.encode())
        except psycopg.Error as error:
            return error.diag.message_primary or ""
    return ""


def test_nothing_is_ever_overwritten(lost: Lost, new_machine: NewMachine) -> None:
    assert manage(new_machine.environment, "restore", str(lost.file)).returncode == 0
    again = manage(new_machine.environment, "restore", str(lost.file))
    assert (again.returncode, "is not empty. Restore into a new one" in again.stderr) == (1, True)
