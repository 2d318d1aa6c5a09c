"""Worker and beat end as an operator ends them: what was begun is finished. SIGKILL shows that the tests would see it."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import make_msgid
from pathlib import Path

import pytest
from celery import Celery
from redis import Redis

from tests.cast import Office
from tests.discretion import Discretion
from tests.programs import Program, program, running_beat, running_worker
from tests.stories import Surroundings
from tests.surroundings import wait_until
from toyooka_hw import clock
from toyooka_hw.demo.mailbox import Mailbox, read_mails, running_mailbox
from toyooka_hw.mail.models import OutgoingMail

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
MAILS = 6
ANOTHER_BROKER = 12 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))  # the session's worker listens on another number


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
    url = surroundings.environment["REDIS_URL"].rpartition("/")[0] + f"/{ANOTHER_BROKER}"
    with Redis.from_url(url) as redis:
        redis.flushdb()
        yield url
        redis.flushdb()


@contextmanager
def at_work(log: Path, surroundings: Surroundings, broker: str, mailbox: Mailbox) -> Iterator[Program]:
    with running_worker(log, surroundings.environment | {"REDIS_URL": broker, "EMAIL_URL": mailbox.url}) as worker:
        yield worker


@pytest.fixture
def log(tmp_path: Path, discretion: Discretion) -> Path:
    """Where worker and beat of these tests write."""
    return discretion.follow(tmp_path / "program.log")


@pytest.fixture
def delivery(log: Path, tmp_path: Path, surroundings: Surroundings, office_at_work: Office, own_broker: str) -> Iterator[Delivery]:
    """Two mails in the worker's hands, at a mail server that does not answer; the others wait."""
    with running_mailbox(tmp_path / "mail") as mailbox, at_work(log, surroundings, own_broker, mailbox) as worker:
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
    delivery: Delivery, log: Path, surroundings: Surroundings, own_broker: str
) -> None:
    delivery.worker.signal(signal.SIGTERM)
    wait_until(lambda: "worker.ends" in delivery.worker.log.read_text(), what="the worker to have heard")
    os.kill(delivery.mailbox.part.process.pid, signal.SIGCONT)
    assert delivery.worker.ended() == 0
    states = delivery.states()
    assert (states["claimed"], states["done"] >= 2) == (0, True)
    assert len(read_mails(delivery.mailbox.folder)) == states["done"]
    assert delivery.left_in_the_queue() == states["wanted"]
    assert "mail.deliver" in str(delivery.worker.lines())
    with at_work(log, surroundings, own_broker, delivery.mailbox):  # the next generation
        wait_until(lambda: delivery.states() == {"done": MAILS}, what="the others to be sent")
    received = [mail.message_id for mail in read_mails(delivery.mailbox.folder)]
    assert (len(received), len(set(received))) == (MAILS, MAILS)


def test_killed_worker_leaves_its_claims_behind(delivery: Delivery) -> None:
    """The control: these mails wait for the end of their leases."""
    delivery.worker.signal(signal.SIGKILL)
    os.kill(delivery.mailbox.part.process.pid, signal.SIGCONT)
    delivery.worker.ended()
    assert delivery.states()["claimed"] == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_stopped_worker_writes_lines_to_the_last(log: Path, surroundings: Surroundings, own_broker: str, number: signal.Signals) -> None:
    """Whichever way it is told to end: by an operator's supervisor, at a terminal, or at once."""
    environment = surroundings.environment | {"REDIS_URL": own_broker}
    with running_worker(log, environment) as worker:
        worker.signal(number)
        worker.ended()
        ends = [(line["signal"], line["how"]) for line in worker.lines() if line["event"] == "worker.ends"]
    assert ends == [(number.name, "Cold" if number == signal.SIGQUIT else "Warm")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_beat_writes_lines_to_the_last(log: Path, surroundings: Surroundings, own_broker: str, number: signal.Signals) -> None:
    with running_beat(log, surroundings.environment | {"REDIS_URL": own_broker}) as beat:
        beat.signal(number)
        assert beat.ended() == 0
        assert {str(line["logger"]).split(".")[0] for line in beat.lines()} == {"celery"}


BEAT_THAT_IS_TOLD_TO_END_AT_ONCE = """
import os, signal, sys
from importlib.machinery import PathFinder
from celery.signals import beat_init
from toyooka_hw.celery import app

class Slow:
    @staticmethod
    def find_spec(name, path, target=None):
        spec = PathFinder.find_spec(name, path)
        if name == "celery.app.amqp":
            load = spec.loader.exec_module
            spec.loader.exec_module = lambda module: (os.kill(os.getpid(), signal.SIGTERM), load(module))
        return spec

if sys.argv[1] == "as Celery does it":
    app.amqp_cls = "celery.app.amqp:AMQP"
    del sys.modules["celery.app.amqp"]
sys.meta_path.insert(0, Slow)
beat_init.connect(lambda **_: os.kill(os.getpid(), signal.SIGTERM), weak=False)
app.Beat(scheduler="celery.beat:Scheduler", quiet=True, loglevel="INFO").run()
"""


@pytest.mark.parametrize(("loads", "ends_with"), [("with the app", 0), ("as Celery does it", 1)])
def test_beat_may_be_told_to_end_in_its_first_moment(
    log: Path, surroundings: Surroundings, own_broker: str, loads: str, ends_with: int
) -> None:
    """The signal comes while the scheduler is being made; the control is told in the middle of an import that its end needs as well."""
    environment = surroundings.environment | {"REDIS_URL": own_broker, "DJANGO_SETTINGS_MODULE": "toyooka_hw.settings"}
    with program(log, environment, "python", "-c", BEAT_THAT_IS_TOLD_TO_END_AT_ONCE, loads) as beat:
        assert beat.ended() == ends_with
