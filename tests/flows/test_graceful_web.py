"""The web server ends as an operator ends it, under load: nothing that was begun is lost. SIGKILL shows that the tests would see it."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import requests

from tests.cast import Office
from tests.crowds import Crowd
from tests.discretion import Discretion
from tests.programs import Program, running_web
from tests.stories import Surroundings
from tests.surroundings import PATIENCE_SECONDS, database_url, wait_until
from toyooka_hw.demo.processes import LOOPBACK, free_port

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
AT_ONCE = 4
TOKEN = "the-token-of-the-monitoring"


@dataclass
class Web:
    """gunicorn as in production, on a port and with a pid file."""

    gunicorn: Program
    url: str
    pid_file: Path

    def get(self) -> int:
        """The status of the front page, over a connection of its own; 0: no answer."""
        try:
            return requests.get(self.url, headers={"Connection": "close"}, timeout=PATIENCE_SECONDS).status_code
        except requests.RequestException:
            return 0


@pytest.fixture
def web(tmp_path: Path, surroundings: Surroundings, office_at_work: Office, discretion: Discretion) -> Iterator[Web]:
    port, pid_file = free_port(), tmp_path / "gunicorn.pid"
    environment = surroundings.environment | {"WEB_WORKERS": "2", "METRICS_TOKEN": TOKEN, "TMPDIR": str(tmp_path)}
    with running_web(discretion.follow(tmp_path / "web.log"), environment, port, "--pid", str(pid_file)) as gunicorn:
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
    page = requests.get(f"{web.url}metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=PATIENCE_SECONDS).text
    found = re.search(r'portal_requests_total\{method="GET",status="200",view="top"\} (\S+)', page)
    return float(found[1]) if found else 0


def _children(pid: int) -> int:
    return len(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def test_next_generation_takes_over_without_a_failed_request(web: Web) -> None:
    """An upgrade under load: the new one answers before the old one ends, and those who wait at the old one are answered there."""
    with Crowd(web.get, at_once=AT_ONCE) as crowd:
        crowd.asks(40)
        newer = next_generation(web)
        under_way = in_flight(web, lambda: stop(web))
        assert web.gunicorn.ended() == 0
        crowd.asks(40)
        os.kill(newer, 0)  # it stands
    assert (set(under_way), set(crowd.answers)) == ({200}, {200})
    assert counted(web) >= crowd.answers.total() + len(under_way)  # the counts of the old one are not lost


def test_worker_that_takes_anothers_place_goes_on_in_its_files(web: Web) -> None:
    """Each leaves its counts when it ends, and /tmp has an end. Killed or told to end makes no difference."""
    asked = 1  # the fixture's
    for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
        before = _workers_of(web.gunicorn.process.pid, but=0)
        for worker in before:
            os.kill(worker, how)
        wait_until(lambda old=before: not {*old} & {*_workers_of(web.gunicorn.process.pid, but=0)}, what="the old workers to be gone")
        with Crowd(web.get, at_once=AT_ONCE) as crowd:
            crowd.asks(40)
        asked += crowd.answers[200]
    files = {path.name for path in web.pid_file.parent.glob("toyooka-metrics-*/*.db")}
    assert files <= {f"{kind}_{web.gunicorn.process.pid}-{seat}.db" for kind in ("counter", "histogram") for seat in (0, 1)}
    assert counted(web) == asked


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
