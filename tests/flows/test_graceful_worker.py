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
from tests.programs import Program, running_beat, running_worker
from tests.stories import Surroundings
from tests.surroundings import wait_until
from toyooka_hw import clock
from toyooka_hw.demo.mailbox import Mailbox, read_mails, running_mailbox
from toyooka_hw.mail.models import OutgoingMail

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
MAILS = 6
ANOTHER_BROKER = "15"  # the session's worker listens on another number


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
    with running_worker(folder / "worker.log", surroundings.environment | {"REDIS_URL": broker, "EMAIL_URL": mailbox.url}) as worker:
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
    wait_until(lambda: "worker.ends" in delivery.worker.log.read_text(), what="the worker to have heard")
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_stopped_worker_writes_lines_to_the_last(
    tmp_path: Path, surroundings: Surroundings, own_broker: str, number: signal.Signals
) -> None:
    """Whichever way it is told to end: by an operator's supervisor, at a terminal, or at once."""
    environment = surroundings.environment | {"REDIS_URL": own_broker}
    with running_worker(tmp_path / "worker.log", environment) as worker:
        worker.signal(number)
        worker.ended()
        ends = [(line["signal"], line["how"]) for line in worker.lines() if line["event"] == "worker.ends"]
    assert ends == [(number.name, "Cold" if number == signal.SIGQUIT else "Warm")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_beat_writes_lines_to_the_last(tmp_path: Path, surroundings: Surroundings, own_broker: str, number: signal.Signals) -> None:
    with running_beat(tmp_path / "beat.log", surroundings.environment | {"REDIS_URL": own_broker}) as beat:
        beat.signal(number)
        assert beat.ended() == 0
        assert {str(line["logger"]).split(".")[0] for line in beat.lines()} == {"celery"}
