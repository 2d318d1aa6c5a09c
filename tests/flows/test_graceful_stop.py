"""Web, worker and beat end as an operator ends them, under load: nothing that was begun is lost. SIGKILL shows that the tests would see it."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import make_msgid
from pathlib import Path

import psycopg
import pytest
import requests
from celery import Celery
from redis import Redis

from tests.cast import Office
from tests.stories import ROOT, Surroundings
from tests.surroundings import database_url, wait_until
from toyooka_hw import clock
from toyooka_hw.demo.mailbox import Mailbox, read_mails, running_mailbox
from toyooka_hw.demo.processes import LOOPBACK, free_port
from toyooka_hw.mail.models import OutgoingMail

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
AT_ONCE = 4
MAILS = 6
TOKEN = "the-token-of-the-monitoring"
FAREWELL = {"", "worker: Warm shutdown (MainProcess)"}
ENDS_WITHIN = 60  # seconds
ANOTHER_BROKER = "15"  # the session's worker listens on another number


@dataclass
class Program:
    """A process of the portal in a group of its own, and what it writes."""

    process: subprocess.Popen[bytes]
    log: Path

    def signal(self, number: signal.Signals, pid: int = 0) -> None:
        if number == signal.SIGKILL:
            os.killpg(self.process.pid, number)
        else:
            os.kill(pid or self.process.pid, number)

    def ended(self) -> int:
        return self.process.wait(ENDS_WITHIN)

    def lines(self) -> list[dict[str, object]]:
        """Its log; every line must be one event, but for the cry with which Celery's signal handler goes around all logging."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line not in FAREWELL]


@contextmanager
def program(folder: Path, environment: dict[str, str], *arguments: str) -> Iterator[Program]:
    log = folder / "program.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [Path(sys.executable).parent / arguments[0], *arguments[1:]],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield Program(process, log)
    finally:
        with_its_children(process.pid)
        process.wait()


def with_its_children(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


# --- web ----------------------------------------------------------------------------------------------------------------------


@dataclass
class Web:
    """gunicorn as in production, on a port and with a pid file."""

    gunicorn: Program
    url: str
    pid_file: Path

    def get(self) -> int:
        """The status of the front page, over a connection of its own; 0: no answer."""
        try:
            return requests.get(self.url, headers={"Connection": "close"}, timeout=ENDS_WITHIN).status_code
        except requests.RequestException:
            return 0


@pytest.fixture
def web(tmp_path: Path, surroundings: Surroundings, office_at_work: Office) -> Iterator[Web]:
    port, pid_file = free_port(), tmp_path / "gunicorn.pid"
    environment = surroundings.environment | {"WEB_CONCURRENCY": "2", "DATABASE_POOL": "4", "METRICS_TOKEN": TOKEN}
    command = ("gunicorn", "toyooka_hw.wsgi", "--config", "python:toyooka_hw.gunicorn_config", "--pid", str(pid_file))
    with program(tmp_path, environment, *command, "--bind", f"{LOOPBACK}:{port}") as gunicorn:
        web = Web(gunicorn, f"http://{LOOPBACK}:{port}/", pid_file)
        wait_until(lambda: web.get() == 200, what=f"the portal of {gunicorn.log}")
        yield web


@contextmanager
def everybody_waits() -> Iterator[Callable[[int], None]]:
    """A lock that the front page needs; the way to wait until so many requests stand before it."""
    with psycopg.connect(database_url()) as holder, psycopg.connect(database_url(), autocommit=True) as onlooker:
        holder.execute("LOCK TABLE booking_noticetext IN ACCESS EXCLUSIVE MODE")

        def stand_there(count: int) -> None:
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            wait_until(lambda: (onlooker.execute(waiting).fetchone() or (0,))[0] >= count, what=f"{count} requests at the lock")

        yield stand_there


def in_flight(web: Web, strike: Callable[[], None]) -> list[int]:
    """What requests are answered that were under way when something struck."""
    with ThreadPoolExecutor(AT_ONCE) as people:
        with everybody_waits() as stand_there:
            asked: list[Future[int]] = [people.submit(web.get) for _person in range(AT_ONCE)]
            stand_there(AT_ONCE)
            strike()
        return [each.result() for each in asked]


def test_requests_under_way_are_answered_when_the_web_server_is_stopped(web: Web) -> None:
    assert (in_flight(web, lambda: stop(web)), web.gunicorn.ended()) == ([200] * AT_ONCE, 0)
    requests_noted = [line for line in web.gunicorn.lines() if line["event"] == "request.done" and line["view"] == "top"]
    assert len(requests_noted) >= AT_ONCE


def test_killed_web_server_answers_nobody(web: Web) -> None:
    """The control: these requests would have been lost."""
    assert in_flight(web, lambda: web.gunicorn.signal(signal.SIGKILL)) == [0] * AT_ONCE


def stop(web: Web) -> None:
    """As an operator stops it; returns once it has heard."""
    web.gunicorn.signal(signal.SIGTERM)
    wait_until(lambda: "Handling signal: term" in web.gunicorn.log.read_text(), what="the web server to have heard")


class Crowd:
    """People who ask for the front page again and again, as long as the crowd is there."""

    def __init__(self, web: Web) -> None:
        self.answers: Counter[int] = Counter()
        self._web, self._over = web, threading.Event()
        self._people = [threading.Thread(target=self._ask) for _person in range(AT_ONCE)]

    def __enter__(self) -> "Crowd":
        for person in self._people:
            person.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._over.set()
        for person in self._people:
            person.join()

    def asks(self, more: int) -> None:
        """Wait until so many more were answered."""
        wanted = self.answers.total() + more
        wait_until(lambda: self.answers.total() >= wanted, what=f"{more} answers")

    def _ask(self) -> None:
        while not self._over.is_set():
            self.answers[self._web.get()] += 1


def next_generation(web: Web) -> int:
    """Start gunicorn anew behind the same socket, as for an upgrade; the process id of the new master."""
    newer = Path(f"{web.pid_file}.2")
    web.gunicorn.signal(signal.SIGUSR2)
    wait_until(newer.exists, what="the next generation")
    pid = int(newer.read_text())
    wait_until(lambda: _children(pid) >= 2, what="its workers")
    return pid


def counted(web: Web) -> float:
    """How many front pages monitoring is told of, whichever process it asks."""
    page = requests.get(f"{web.url}metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=ENDS_WITHIN).text
    found = re.search(r'portal_requests_total\{method="GET",status="200",view="top"\} (\S+)', page)
    return float(found[1]) if found else 0


def _children(pid: int) -> int:
    return len(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def test_next_generation_takes_over_without_a_failed_request(web: Web) -> None:
    """An upgrade under load: the new one answers before the old one ends, and those who wait at the old one are answered there."""
    with Crowd(web) as crowd:
        crowd.asks(40)
        newer = next_generation(web)
        under_way = in_flight(web, lambda: stop(web))
        assert web.gunicorn.ended() == 0
        crowd.asks(40)
        os.kill(newer, 0)  # it stands
    assert (set(under_way), set(crowd.answers)) == ({200}, {200})
    assert counted(web) >= crowd.answers.total() + len(under_way)  # the counts of the old one are not lost


def test_old_generation_killed_leaves_people_without_an_answer(web: Web) -> None:
    """The control: whoever was with the old one goes away empty-handed."""
    newer = next_generation(web)
    os.kill(newer, signal.SIGSTOP)  # so that everybody is with the old one
    for worker in Path(f"/proc/{newer}/task/{newer}/children").read_text().split():
        os.kill(int(worker), signal.SIGSTOP)

    def strike() -> None:
        for pid in (web.gunicorn.process.pid, *_workers_of(web.gunicorn.process.pid, but=newer)):
            os.kill(pid, signal.SIGKILL)

    assert 0 in in_flight(web, strike)


def _workers_of(pid: int, *, but: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if int(each) != but]


# --- worker -------------------------------------------------------------------------------------------------------------------


@dataclass
class Delivery:
    """A worker with a broker and a mail server of its own, and mails that wait."""

    worker: Program
    mailbox: Mailbox
    broker: Redis
    mails: list[int]

    def states(self) -> Counter[str]:
        return Counter(OutgoingMail.objects.values_list("outbox_state", flat=True))

    def left_in_the_queue(self) -> int:
        left: int = self.broker.llen("celery") + self.broker.hlen("unacked")
        return left


@pytest.fixture
def own_broker(surroundings: Surroundings) -> Iterator[str]:
    url = surroundings.environment["REDIS_URL"].rpartition("/")[0] + "/" + ANOTHER_BROKER
    with Redis.from_url(url) as redis:
        redis.flushdb()
        yield url
        redis.flushdb()


@contextmanager
def at_work(folder: Path, surroundings: Surroundings, broker: str, mailbox: Mailbox) -> Iterator[Program]:
    environment = surroundings.environment | {"REDIS_URL": broker, "EMAIL_URL": mailbox.url}
    options = ("--concurrency=2", "--loglevel=INFO", "--without-gossip", "--without-mingle")
    with program(folder, environment, "celery", "-A", "toyooka_hw", "--quiet", "worker", *options) as worker:
        seen = worker.log.stat().st_size
        wait_until(lambda: b" ready." in worker.log.read_bytes()[seen:], what=f"the worker of {worker.log}")
        yield worker


@pytest.fixture
def delivery(tmp_path: Path, surroundings: Surroundings, office_at_work: Office, own_broker: str) -> Iterator[Delivery]:
    """Two mails in the worker's hands, at a mail server that does not answer; the others wait."""
    with running_mailbox(tmp_path / "mail") as mailbox, at_work(tmp_path, surroundings, own_broker, mailbox) as worker:
        os.kill(mailbox.part.process.pid, signal.SIGSTOP)
        mails = [write_mail(number) for number in range(MAILS)]
        with Celery(broker=own_broker) as sender:
            for mail in mails:
                sender.send_task("mail.deliver", kwargs={"mail_id": mail}, ignore_result=True)
        with Redis.from_url(own_broker) as broker:
            delivery = Delivery(worker, mailbox, broker, mails)
            wait_until(lambda: delivery.states()["claimed"] == 2, what="two mails in work")
            yield delivery
        os.kill(mailbox.part.process.pid, signal.SIGCONT)


def write_mail(number: int) -> int:
    wall = clock.wall()
    return OutgoingMail.objects.create(
        key=f"graceful:{number}",
        to=f"person{number}@example.jp",
        subject="お知らせ",
        body="本文",
        message_id=make_msgid(domain="portal.example.jp"),
        written_at=wall,
        queued_at=wall,
        next_try_at=wall,
    ).pk


def test_stopped_worker_finishes_what_it_has_begun_and_hands_the_rest_back(
    delivery: Delivery, tmp_path: Path, surroundings: Surroundings, own_broker: str
) -> None:
    delivery.worker.signal(signal.SIGTERM)
    wait_until(lambda: "Warm shutdown" in delivery.worker.log.read_text(), what="the worker to have heard")
    os.kill(delivery.mailbox.part.process.pid, signal.SIGCONT)
    assert delivery.worker.ended() == 0
    states = delivery.states()
    assert (states["claimed"], states["done"] >= 2) == (0, True)
    assert len(read_mails(delivery.mailbox.folder)) == states["done"]
    assert delivery.left_in_the_queue() == states["wanted"]
    assert "mail.deliver" in str(delivery.worker.lines())
    with at_work(tmp_path, surroundings, own_broker, delivery.mailbox):  # the next generation
        wait_until(lambda: delivery.states() == {"done": MAILS}, what="the others to be sent")
    received = [mail.message_id for mail in read_mails(delivery.mailbox.folder)]
    assert (len(received), len(set(received))) == (MAILS, MAILS)


def test_killed_worker_leaves_its_claims_behind(delivery: Delivery) -> None:
    """The control: these mails wait for the end of their leases."""
    delivery.worker.signal(signal.SIGKILL)
    os.kill(delivery.mailbox.part.process.pid, signal.SIGCONT)
    delivery.worker.ended()
    assert delivery.states()["claimed"] == 2


# --- beat ---------------------------------------------------------------------------------------------------------------------


def test_beat_ends_when_it_is_told_to(tmp_path: Path, surroundings: Surroundings, own_broker: str) -> None:
    environment = surroundings.environment | {"REDIS_URL": own_broker}
    with program(
        tmp_path, environment, "celery", "-A", "toyooka_hw", "--quiet", "beat", "--loglevel=INFO", "--scheduler=celery.beat:Scheduler"
    ) as beat:
        wait_until(lambda: "beat: Starting" in beat.log.read_text(), what="beat")
        beat.signal(signal.SIGTERM)
        assert beat.ended() == 0
        assert {line["logger"].split(".")[0] for line in beat.lines()} == {"celery"}  # type: ignore[attr-defined]
