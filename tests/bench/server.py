"""The portal as in production – DEBUG off, templates kept, static files with their hashes, gunicorn with two sync workers – and what it costs."""

import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from time import perf_counter
from typing import Self

from django.db import connection

from tests.bench.replay import WRITTEN_DOWN_IN
from tests.surroundings import database_url
from toyooka_hw.demo.processes import LOOPBACK, Order, Part, start_on_free_port

HOST = "portal.example.jp"
ROOT = Path(__file__).resolve().parents[2]
OWN_BROKER_NUMBER = 15  # nobody works on what is left there
FLOW = "flow.pickle"
APPLICATION = "toyooka bench"  # as PostgreSQL calls the server's sessions
BEHIND_TLS = {"X-Forwarded-Proto": "https"}
NANOSECONDS = 1e9


@dataclass(frozen=True)
class Cost:
    """CPU time in seconds: of the server's processes, and of PostgreSQL's on its behalf."""

    web: float = 0
    database: float = 0

    @property
    def both(self) -> float:
        return self.web + self.database

    def __add__(self, other: "Cost") -> Self:
        return type(self)(self.web + other.web, self.database + other.database)

    def __sub__(self, other: "Cost") -> Self:
        return type(self)(self.web - other.web, self.database - other.database)


@dataclass(frozen=True)
class Served:
    """The running portal. ``started``: its CPU time, and the seconds that passed, until it first answered."""

    part: Part
    port: int
    started: Cost
    started_seconds: float

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def workers(self) -> list[int]:
        """The processes of gunicorn that answer."""
        return children_of(self.part.process.pid)

    def spent(self) -> Cost:
        """CPU time since each process began."""
        return Cost(sum(map(cpu_seconds, (self.part.process.pid, *self.workers))), sum(map(cpu_seconds, sessions())))

    def memory(self) -> dict[str, int]:
        """Of gunicorn's master and its workers, in kB: the proportional set size, which counts what is shared once."""
        return {"master": pss_kb(self.part.process.pid), **{f"worker {n}": pss_kb(pid) for n, pid in enumerate(self.workers, start=1)}}


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Collect the static files into this folder and serve the portal on the tests' own database."""
    environment = production(folder)
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(collect, cwd=ROOT, env=environment, check=True)
    sync = ("--worker-class", "sync", "--workers", "2", "--threads", "1")
    program = (sys.executable, "-m", "gunicorn", "toyooka_hw.wsgi", "--config", "deploy/gunicorn.py", *sync)
    begun = perf_counter()
    part, port = start_on_free_port(
        lambda port: Order("portal", [*program, "--bind", f"{LOOPBACK}:{port}"], folder / "web.log", environment, ROOT),
        lambda _part, port: answers(port),
    )
    try:
        seconds = perf_counter() - begun
        pids = (part.process.pid, *children_of(part.process.pid))
        yield Served(part, port, Cost(sum(map(cpu_seconds, pids))), seconds)
    finally:
        part.stop()


def production(folder: Path) -> dict[str, str]:
    """The environment of a production that leads to the tests' own servers."""
    broker, _, _ = os.environ["REDIS_URL"].rpartition("/")
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.bench.site",
        "DEMO": "false",
        "CLOCK_SOURCE": "",
        "PORTAL_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": f"{HOST},{LOOPBACK}",  # the phones name the port they ask
        "DEFAULT_FROM_EMAIL": f"ハローワーク豊岡 <no-reply@{HOST}>",
        "TRUSTED_PROXIES": "127.0.0.0/8",
        "DATABASE_URL": database_url(),
        "REDIS_URL": f"{broker}/{OWN_BROKER_NUMBER}",
        "STATIC_ROOT": str(folder / "static"),
        "PGAPPNAME": APPLICATION,
        WRITTEN_DOWN_IN: str(folder / FLOW),
    }


def answers(port: int) -> bool:
    """Whether the portal's web server answers on this port, as the proxy in front of it asks."""
    asked = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        asked.request("GET", "/healthz", headers=BEHIND_TLS)
        return asked.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        asked.close()


def sessions() -> list[int]:
    """The processes of PostgreSQL that serve the portal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [APPLICATION])
        return [pid for (pid,) in cursor.fetchall()]


def cpu_seconds(pid: int) -> float:
    """How long this process has run on a core: to the nanosecond, where ``/proc/PID/stat`` counts hundredths of a second."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / NANOSECONDS


def pss_kb(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
