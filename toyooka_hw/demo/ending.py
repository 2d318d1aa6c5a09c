"""How the supervisor learns that it is to stop: Ctrl-C, a signal, or the death of the `uv` it was started by."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from toyooka_hw.demo.tie import die_with_parent

ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PARENT_DIED = signal.SIGUSR1
LAUNCHERS = frozenset({"uv"})


class Stopped(BaseException):
    """Somebody asked for the end. Not an Exception: nothing on the way may take it for a fault."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn the first request to stop into Stopped; later ones do not disturb the clearing up, and the signals are put back after it."""
    before = {number: signal.getsignal(number) for number in (*ASKED, PARENT_DIED)}
    for number in ASKED:
        if (number, before[number]) != (signal.SIGHUP, signal.SIG_IGN):  # under nohup the terminal may go
            signal.signal(number, _stop)
    _tie_to_launcher()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def deaf() -> None:
    """From here on nothing disturbs the clearing up."""
    for number in (*ASKED, PARENT_DIED):
        signal.signal(number, signal.SIG_IGN)


def _stop(number: int, frame: FrameType | None) -> None:
    deaf()
    raise Stopped


def _tie_to_launcher() -> None:
    """End when the `uv run` above us ends, even by kill -9; a shell or a service manager above us may go its own way."""
    parent = os.getppid()
    if sys.platform != "linux" or _name_of(parent) not in LAUNCHERS:
        return

    def parent_changed(number: int, frame: FrameType | None) -> None:
        # the kernel also tells when merely the starting thread of the parent ends
        if os.getppid() != parent:
            _stop(number, frame)

    signal.signal(PARENT_DIED, parent_changed)
    die_with_parent(PARENT_DIED)
    parent_changed(PARENT_DIED, None)


def _name_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text().strip()
    except OSError:
        return ""
