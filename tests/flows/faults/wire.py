"""The wires of the town: whoever talks to a server talks through one, and a wire can be cut, slowed, silenced or unplugged."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

from toyooka_hw.demo.processes import LOOPBACK, free_port

CHUNK = 65536
LOOP_SECONDS = 30


class Wire:
    """A port that leads to another one. Unplugged, it refuses; silenced, it takes what is said and answers nothing."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.port = free_port()
        self._loop = loop
        self.target = 0
        self._door: socket.socket | None = None
        self._guests: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.StreamWriter] = set()
        self._pause = 0.0
        self._passes = asyncio.Event()
        self._passes.set()

    def plug_in(self, target: int) -> None:
        """Lead to this port from now on."""
        self.target = target
        self._do(self._listen())

    def unplug(self) -> None:
        """Refuse whoever comes, and drop whoever is there."""
        self._do(self._close())

    def cut(self) -> None:
        """Drop every connection; new ones are welcome."""
        self._do(self._drop())

    def slow(self, seconds: float) -> None:
        """Hold back everything that is said for so long; 0 ends it."""
        self._pause = seconds

    def silence(self) -> None:
        """Let nothing pass any more, in either direction."""
        self._do(self._gate(shut=True))

    def mend(self) -> None:
        """As it should be. What somebody said who has gone meanwhile stays unsaid."""
        self._pause = 0.0
        self._do(self._gate(shut=False))

    def _do(self, what: Awaitable[None]) -> None:
        asyncio.run_coroutine_threadsafe(_awaited(what), self._loop).result(LOOP_SECONDS)

    async def _listen(self) -> None:
        """Not a server of asyncio's: closed just while somebody comes in, it loses them unclosed."""
        if self._door is None:
            self._door = socket.create_server((LOOPBACK, self.port), backlog=200)
            self._door.setblocking(False)
            self._loop.add_reader(self._door, self._let_in)

    def _let_in(self) -> None:
        assert self._door is not None
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            came, _address = self._door.accept()
            guest = asyncio.create_task(self._serve(came))
            self._guests.add(guest)
            guest.add_done_callback(self._guests.discard)

    async def _close(self) -> None:
        if self._door:
            self._loop.remove_reader(self._door)
            self._door.close()
            self._door = None
        await self._drop()

    async def _drop(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)  # the loop closes them in its next round

    async def _gate(self, *, shut: bool) -> None:
        if shut:
            self._passes.clear()
        else:
            self._passes.set()

    async def _serve(self, came: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=came)
        ends = {writer}
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self.target)
            ends.add(far_writer)
            self._open |= ends
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        except OSError:
            pass  # nobody there
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                held = self._pause > 0 or not self._passes.is_set()
                await asyncio.sleep(self._pause)
                await self._passes.wait()
                if held and reader.at_eof():
                    break
                writer.write(data)
                await writer.drain()
        # nobody here hangs up one direction only
        writer.close()


async def _awaited(what: Awaitable[None]) -> None:
    await what


@contextmanager
def wires() -> Iterator[Any]:
    """A maker of wires; all of them go with the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    made: list[Wire] = []

    def make() -> Wire:
        made.append(Wire(loop))
        return made[-1]

    try:
        yield make
    finally:
        for wire in made:
            wire.unplug()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(LOOP_SECONDS)
        loop.close()
