"""Embedded PostgreSQL: the programs of a wheel, run as a child of this process.

It listens on 127.0.0.1 only, on a port and behind a password of its own: another server on the machine is never mistaken for it, and no Unix
socket means no limit on the length of the path.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from toyooka_hw.demo.identity import choose
from toyooka_hw.demo.processes import (
    LOOPBACK,
    Identity,
    Order,
    Part,
    PartFailed,
    Server,
    lasting_password,
    start_on_free_port,
    tied,
    write_secret,
)

ROLE = DATABASE = "portal"
ORPHANS_SECONDS = 15
QUICK_BUT_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "400"}
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "random_page_cost": "1.1",
    # as production's roles (deploy/database-roles.sql): what people typed stands in no log
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


@contextmanager
def running_postgres(folder: Path, *, durable: bool = True) -> Iterator[Server]:
    """Run PostgreSQL on the data in this folder, which is made on the first run. PartFailed says why it cannot.

    Not `durable` is quicker, and what was written last may be lost at the end: for tests.
    """
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    identity, bins = choose(folder, data)
    password = lasting_password(folder)
    if not (data / "PG_VERSION").exists():
        _initialise(folder, bins, identity, password)
    _clear_remains(data)
    part, port = _start_postgres(folder, bins, identity, durable=durable)
    try:
        url = f"postgres://{ROLE}:{password}@{LOOPBACK}:{port}/"
        _ensure_database(url)
        yield Server(url + DATABASE, part)
    finally:
        part.stop()


def processes_on(data: Path) -> list[int]:
    """Ids of the processes that work in this data folder, a postmaster and its helpers."""
    place = str(data.resolve())
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _working_folder(entry) == place]


def _initialise(folder: Path, bins: Path, identity: Identity, password: str) -> None:
    """Make an empty cluster next to its final place, so that a half-made one is never taken for good."""
    half, password_file = folder / "data.new", folder / "password.initdb"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    write_secret(password_file, password)
    if identity.user:
        os.chown(half, *identity.user)
        os.chown(password_file, *identity.user)
    options = ["-U", ROLE, "-A", "scram-sha-256", f"--pwfile={password_file}", "-E", "UTF8", "-N"]
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    initdb = tied([bins / "initdb", "-D", half, *options, *locale], identity=identity)
    made = subprocess.run(initdb, capture_output=True, check=False, env=_environment(), cwd="/")  # noqa: S603 - our own program
    password_file.unlink()
    if made.returncode:
        raise PartFailed(f"データベースの準備に失敗しました: {folder}\n{made.stderr.decode(errors='replace')}")
    half.rename(folder / "data")


def _start_postgres(folder: Path, bins: Path, identity: Identity, *, durable: bool) -> tuple[Part, int]:
    data = folder / "data"
    settings = SETTINGS if durable else SETTINGS | QUICK_BUT_CARELESS

    def order(port: int) -> Order:
        return Order(
            name="PostgreSQL",
            program=[bins / "postgres", "-D", data, "-p", str(port), *(f"--{name}={value}" for name, value in settings.items())],
            log=folder / "postgres.log",
            environment=_environment(),
            folder=Path("/"),
            identity=identity,
            on_orphan=signal.SIGINT,  # a fast shutdown: clients are cut off, data is written
            farewell=signal.SIGINT if durable else signal.SIGQUIT,
            patience=20,
        )

    return start_on_free_port(order, lambda part, _: _postmaster_is_ready(data, part))


def _postmaster_is_ready(data: Path, part: Part) -> bool:
    """Whether our own child says it is ready, in its own file: a port that answers might be somebody else's."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(part.process.pid) and lines[7].strip() == "ready"


def _clear_remains(data: Path) -> None:
    """After a kill -9: wait for orphaned helpers, then drop the pid file, whose number may be another program's by now."""
    deadline = time.monotonic() + ORPHANS_SECONDS
    while processes_on(data):
        if time.monotonic() > deadline:
            raise PartFailed(f"このデータはほかのデータベースが使用中です: {data}（プロセス {processes_on(data)}）")
        time.sleep(0.1)  # between two looks
    if Path("/proc/self").exists():
        (data / "postmaster.pid").unlink(missing_ok=True)


def _working_folder(process: Path) -> str:
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return ""


def _ensure_database(url: str) -> None:
    with psycopg.connect(url + "postgres", autocommit=True, connect_timeout=10) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not found:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _environment() -> dict[str, str]:
    """Ours without what would steer PostgreSQL elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}
