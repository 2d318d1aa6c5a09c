"""The town's servers and programs as things that fall and stand up again, each with the data it had and behind the wire it had."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.flows.faults.wire import Wire
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.demo.mailbox import Mailbox
from toyooka_hw.demo.parts import running
from toyooka_hw.demo.processes import Order, Part, Server


class House:
    """One part of the town. ``opening`` starts it and stops it again; whoever wants something of it comes through the wire.

    ``is_ready``: by what it has written since it was started, where ``opening`` does not wait itself.
    """

    def __init__(
        self,
        opening: Callable[[], AbstractContextManager[Server | Mailbox]],
        wire: Wire | None = None,
        is_ready: Callable[[str], bool] = lambda _log: True,
    ) -> None:
        self.opening = opening
        self.wire = wire
        self._is_ready = is_ready
        self._part: Part | None = None
        self._written = 0
        self._stay = ExitStack()

    @property
    def stands(self) -> bool:
        return self._part is not None and self._part.is_alive

    @property
    def pid(self) -> int:
        assert self._part is not None
        return self._part.process.pid

    def stand_up(self) -> None:
        """Start it, or start it again; returns once it is ready."""
        self.begin()
        self.wait()

    def begin(self) -> None:
        """Start it, or start it again, without waiting for it."""
        self.lie_down()
        found = self._stay.enter_context(self.opening())
        self._part, self._written = found.part, _size(found.part.log)
        if self.wire:
            self.wire.plug_in(urlsplit(found.url).port or 0)

    def wait(self) -> None:
        """Until it is ready."""
        part = self._part
        assert part is not None
        part.wait_until(lambda: self._is_ready(self.said()), seconds=PATIENCE_SECONDS)

    def said(self) -> str:
        """What it has written since it was started."""
        assert self._part is not None
        return self._part.log.read_bytes()[self._written :].decode(errors="replace")

    def lie_down(self) -> None:
        """Ask it to end, as an operator would."""
        if self.wire:
            self.wire.unplug()
        self.thaw()
        self._stay.close()
        self._part = None

    def fall(self) -> None:
        """SIGKILL, with whatever it started itself."""
        self._signal(signal.SIGKILL)
        if self._part:
            self._part.process.wait()
        self.lie_down()

    def freeze(self) -> None:
        """It stops where it is, and knows nothing of it."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._part and self._part.is_alive:
            with suppress(ProcessLookupError):
                os.killpg(self._part.process.pid, number)


@contextmanager
def program(order: Order, port: int = 0) -> Iterator[Server]:
    """A program of our own."""
    with running([order]) as (part,):
        yield Server(f"tcp://127.0.0.1:{port}", part)


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0
