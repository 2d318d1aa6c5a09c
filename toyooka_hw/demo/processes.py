"""Parts of the demo as child processes: none outlives the process that started it, whichever way that one ends.

Parts must be started from a thread that lives as long as they shall: the kernel counts the death of the starting thread.
"""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

TIE = Path(__file__).with_name("tie.py")
LAST_LINES = 12
START_SECONDS = 60
PORTS_TRIED = 3
PORT_TAKEN = "Address already in use"
LOOPBACK = "127.0.0.1"
NEVER_GIVEN_AWAY = range(20_000, 32_000)  # Linux gives ports from 32768 on to whoever asks for any


@dataclass(frozen=True)
class Identity:
    """Whom a part runs as: ourselves, ourselves under another number in a namespace, or another user."""

    namespace: bool = False
    user: tuple[int, int] | None = None

    @property
    def options(self) -> list[str]:
        """The identity as options of tie.py."""
        return [*(["--namespace"] if self.namespace else []), *(["--user", *map(str, self.user)] if self.user else [])]


OURSELVES = Identity()


class PartFailed(Exception):
    """A part did not come up or died. The words are for the person at the terminal."""


@dataclass(frozen=True)
class Part:
    """One running child. `patience` is in seconds: how long `stop` waits after the farewell before it kills."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    farewell: signal.Signals = signal.SIGTERM
    patience: float = 5

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def say_farewell(self) -> None:
        """Ask the part to end; harmless if it has ended."""
        if self.is_alive:
            self.process.send_signal(self.farewell)

    def stop(self) -> None:
        """End the part and whatever is left of its process group."""
        self.say_farewell()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self) -> str:
        """The end of the part's log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_LINES:])

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Return once `ready` says so; PartFailed if the part ends first or the time is over."""
        deadline = time.monotonic() + seconds
        while self.is_alive and not ready():
            if time.monotonic() > deadline:
                raise PartFailed(f"{self.name}: {seconds:.0f}秒待っても応答がありません\n{self.last_words()}")
            time.sleep(0.05)  # between two looks
        if not self.is_alive:
            raise PartFailed(f"{self.name}: 起動できませんでした（終了コード {self.process.returncode}）\n{self.last_words()}")


@dataclass(frozen=True)
class Server:
    """A running server: the address to reach it by (a secret), and the child it is."""

    url: str
    part: Part


@dataclass(frozen=True)
class Order:
    """How to start a part. `on_orphan` is the signal the part gets when its parent dies."""

    name: str
    program: Sequence[str | Path]
    log: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path | None = None
    identity: Identity = OURSELVES
    on_orphan: signal.Signals = signal.SIGKILL
    farewell: signal.Signals = signal.SIGTERM
    patience: float = 5
    stdin: bytes | None = None


def start(order: Order) -> Part:
    """Start the part in a session of its own, so that Ctrl-C reaches only the supervisor."""
    order.log.parent.mkdir(parents=True, exist_ok=True)
    with order.log.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own programs
            tied(order.program, identity=order.identity, on_orphan=order.on_orphan),
            stdin=subprocess.DEVNULL if order.stdin is None else subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(order.environment),
            cwd=order.folder,
            start_new_session=True,
        )
    if order.stdin is not None and process.stdin:
        with contextlib.suppress(BrokenPipeError), process.stdin as stdin:
            stdin.write(order.stdin)
    return Part(order.name, process, order.log, order.farewell, order.patience)


def start_on_free_port(order: Callable[[int], Order], is_ready: Callable[[Part, int], bool]) -> tuple[Part, int]:
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


def tied(
    program: Sequence[str | Path],
    *,
    identity: Identity = OURSELVES,
    on_orphan: signal.Signals = signal.SIGKILL,
    need: Sequence[Path] = (),
) -> list[str]:
    """The command line that runs the program tied to this process."""
    needs = [word for path in need for word in ("--need", str(path))]
    options = ["--parent", str(os.getpid()), "--signal", str(int(on_orphan)), *identity.options, *needs]
    return [sys.executable, "-I", "-S", str(TIE), *options, "--", *map(str, program)]


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on at this moment, and which the system gives to nobody who asks for any."""
    while not is_free(port := secrets.choice(NEVER_GIVEN_AWAY)):
        pass
    return port


def is_free(port: int) -> bool:
    """Whether we may listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def accepts(port: int) -> bool:
    """Whether somebody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def lasting_password(folder: Path) -> str:
    """The password of the server whose data lies in this folder, made once."""
    path = folder / "password"
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(24))
    return path.read_text()


def write_secret(path: Path, text: str) -> None:
    """Write a file that only we can read, whole or not at all."""
    half = path.with_name(path.name + ".new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    half.replace(path)
