"""``/readyz``: 503 with the name of what is missing, whatever the servers do: refuse, are silent, stop."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.surroundings import PATIENCE_SECONDS, wait_until
from toyooka_hw.demo.postgres import running_postgres
from toyooka_hw.demo.processes import LOOPBACK, free_port
from toyooka_hw.demo.valkey import running_valkey

ROOT = Path(__file__).resolve().parents[2]
ASKS = """
import django; django.setup()
from django.test import Client
client = Client()
client.cookies["sessionid"] = "somebodys"
for path in ("/healthz", "/readyz"):
    answer = client.get(path)
    print(answer.status_code, answer.headers.get("Cache-Control"), answer.content.decode())
"""
ALIVE = "200 None ok"


def asked(**environment: str) -> list[str]:
    """What a process in this environment answers at /healthz and /readyz."""
    told = subprocess.run(
        [sys.executable, "-c", ASKS],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "toyooka_hw.settings"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.django_db
def test_all_is_well_and_the_threads_connection_is_left_alone(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.content, answer.headers["Cache-Control"]) == (200, b"ok", "no-store")


def test_servers_that_refuse_are_named() -> None:
    dead = {"DATABASE_URL": "postgres://portal:secret@127.0.0.1:1/portal", "REDIS_URL": "redis://:secret@127.0.0.1:1/0"}
    assert asked(**dead) == [ALIVE, "503 no-store not ready: database, broker"]


def test_servers_that_are_silent_are_not_waited_for(silent_port: int) -> None:
    silent = {"DATABASE_URL": f"postgres://portal:secret@127.0.0.1:{silent_port}/portal", "REDIS_URL": f"redis://127.0.0.1:{silent_port}/0"}
    assert asked(**silent) == [ALIVE, "503 no-store not ready: database, broker"]


def test_database_without_our_tables_lacks_migrations() -> None:
    empty = urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres").geturl()
    assert asked(DATABASE_URL=empty) == [ALIVE, "503 no-store not ready: migrations"]


def test_running_portal_says_so_when_its_servers_stop(tmp_path: Path) -> None:
    """gunicorn with real servers of its own, which are taken away one after the other; no table was ever made there."""
    with running_postgres(tmp_path / "postgres", durable=False) as database, running_valkey(tmp_path / "valkey", durable=False) as broker:
        port = free_port()
        environment = os.environ | {"DATABASE_URL": database.url, "REDIS_URL": broker.url}
        command = [sys.executable, "-m", "gunicorn", "toyooka_hw.wsgi", "--bind", f"{LOOPBACK}:{port}"]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as portal:
            try:
                wait_until(lambda: _answers(port, "healthz"), what="the portal")
                seen = [_answers(port, "readyz")]
                broker.part.stop()
                seen.append(_answers(port, "readyz"))
                database.part.stop()
                seen.append(_answers(port, "readyz"))
                alive = _answers(port, "healthz")
            finally:
                portal.terminate()
    assert seen == [(503, "not ready: migrations"), (503, "not ready: migrations, broker"), (503, "not ready: database, broker")]
    assert alive == (200, "ok")


def _answers(port: int, path: str) -> tuple[int, str] | None:
    try:
        answer = requests.get(f"http://{LOOPBACK}:{port}/{path}", timeout=PATIENCE_SECONDS)
    except requests.ConnectionError:
        return None
    return answer.status_code, answer.text
