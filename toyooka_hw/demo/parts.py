"""The demo's parts: what is started, how, and with which environment. What the environment names already is used instead of being started."""

import http.client
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from toyooka_hw.demo.datadir import LOGS, MAIL, POSTGRES, PROJECT, VALKEY, ZOOM, lasting_port
from toyooka_hw.demo.mailbox import Mailbox, running_mailbox
from toyooka_hw.demo.postgres import running_postgres
from toyooka_hw.demo.processes import LOOPBACK, Order, Part, PartFailed, Server, accepts, start
from toyooka_hw.demo.valkey import running_valkey

ZOOM_SECONDS, PREPARE_SECONDS, WEB_SECONDS = 60, 300, 90
ZOOM_IS_NAMED = frozenset({"ZOOM_ACCOUNT_ID", "ZOOM_API_URL"})
CELERY = ("-m", "celery", "-A", "toyooka_hw", "--quiet")  # without a banner: nothing but lines of the log
GUNICORN_CONFIG = Path(__file__).with_name("gunicorn_config.py")


@dataclass
class Demo:
    """The parts that run, and the environment that leads to them. The stack takes them down in reverse order."""

    data_dir: Path
    environment: dict[str, str]
    stack: ExitStack
    parts: list[Part] = field(default_factory=list)

    def order(self, name: str, log: str, *arguments: str) -> Order:
        """A Python part of our own, with the whole environment."""
        return Order(
            name=name,
            program=[sys.executable, *arguments],
            log=self.data_dir / LOGS / f"{log}.log",
            environment={**os.environ, **self.environment, "PYTHONUNBUFFERED": "1"},
            folder=PROJECT,
        )


def start_servers(demo: Demo) -> None:
    """Database, broker and mail server."""
    data = demo.data_dir
    servers: dict[str, Callable[[], AbstractContextManager[Server | Mailbox]]] = {
        "DATABASE_URL": lambda: running_postgres(data / POSTGRES),
        "REDIS_URL": lambda: running_valkey(data / VALKEY),
        "EMAIL_URL": lambda: running_mailbox(data / MAIL, log=data / LOGS / "mail.log"),
    }
    for variable, server in servers.items():
        if variable not in os.environ:
            running_server = demo.stack.enter_context(server())
            demo.environment[variable] = running_server.url
            demo.parts.append(running_server.part)


def start_zoom(demo: Demo) -> None:
    """The simulated Zoom, unless the environment names an account or an address."""
    if ZOOM_IS_NAMED & os.environ.keys():
        return
    port = lasting_port(demo.data_dir, ZOOM)
    demo.environment |= {
        "ZOOM_WEBHOOK_SECRET": secrets.token_urlsafe(24),
        "ZOOM_WEBHOOK_URL": demo.environment["PORTAL_URL"] + "/zoom/webhook",
    }
    (part,) = demo.stack.enter_context(running([zoom_order(demo, port)]))
    part.wait_until(lambda: accepts(port), seconds=ZOOM_SECONDS)
    address = f"http://{LOOPBACK}:{port}"
    demo.environment |= {
        "ZOOM_ACCOUNT_ID": "demo",
        "ZOOM_CLIENT_ID": "demo",
        "ZOOM_CLIENT_SECRET": "demo",
        "ZOOM_API_URL": f"{address}/v2",
        "ZOOM_TOKEN_URL": f"{address}/oauth/token",
        "ZOOM_WEB_URLS": address,
    }
    demo.parts.append(part)


def zoom_order(demo: Demo, port: int) -> Order:
    """The simulated Zoom, on this port."""
    return demo.order("模擬Zoom", "zoom", "-m", "toyooka_hw.demo.simulator", "--port", str(port), "--data-dir", str(demo.data_dir / ZOOM))


def prepare(demo: Demo) -> None:
    """Tables, the story's clock and its first data. PartFailed with the command's own words if that goes wrong."""
    with running([demo.order("データの準備", "prepare", "manage.py", "prepare_demo")]) as (part,):
        try:
            part.process.wait(PREPARE_SECONDS)
        except subprocess.TimeoutExpired as late:
            raise PartFailed(f"データベースの準備が{PREPARE_SECONDS}秒たっても終わりません。\n{part.last_words()}") from late
        if part.process.returncode:
            raise PartFailed(f"データベースを準備できませんでした。\n{part.last_words()}")


def start_portal(demo: Demo, port: int) -> None:
    """Web server, worker and beat; returns once the portal answers."""
    parts = demo.stack.enter_context(running([web_order(demo, port), worker_order(demo), beat_order(demo)]))
    demo.parts += parts
    parts[0].wait_until(lambda: answers(port), seconds=WEB_SECONDS)


def web_order(demo: Demo, port: int) -> Order:
    """The portal's pages, on this port."""
    gunicorn = ("-m", "gunicorn", "toyooka_hw.wsgi", "--config", str(GUNICORN_CONFIG), "--bind", f"{LOOPBACK}:{port}")
    return demo.order("Webサーバー", "web", *gunicorn)


def worker_order(demo: Demo) -> Order:
    """Whoever does what the portal wants done outside."""
    return demo.order(
        "Celery worker", "worker", *CELERY, "worker", "--concurrency=2", "--loglevel=INFO", "--without-gossip", "--without-mingle"
    )


def beat_order(demo: Demo) -> Order:
    """Whoever says when. Its table is code: nothing to remember, so no file that a kill could spoil."""
    return demo.order("Celery beat", "beat", *CELERY, "beat", "--loglevel=INFO", "--scheduler=celery.beat:Scheduler")


@contextmanager
def running(orders: list[Order]) -> Iterator[list[Part]]:
    """Parts that end together: all are asked first, then waited for."""
    with ExitStack() as stack:
        parts: list[Part] = []
        for order in orders:
            part = start(order)
            stack.callback(part.stop)
            parts.append(part)
        try:
            yield parts
        finally:
            for part in parts:
                part.say_farewell()


def answers(port: int) -> bool:
    """Whether the portal's web server answers on this port."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
