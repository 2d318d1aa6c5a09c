"""Runs the simulated Zoom on a free loopback port, inside a test or as a process of its own, with a handle on its switches."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import requests

from booking.video.port import ZoomConfig
from booking.video.token import shared_tokens
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.demo.simulator.app import create_app
from toyooka_hw.demo.simulator.server import make_simulator_server

ROOT = Path(__file__).resolve().parents[1]
SECRET = "a-secret-that-must-not-leak"


@dataclass(frozen=True)
class Control:
    """The test's hand inside the simulator. Faults and switches: toyooka_hw/demo/simulator/{faults,switches}.py."""

    url: str

    def fault(self, kind: str, **details: Any) -> None:
        """Declare trouble, e.g. ``fault("outage", on="create", count=2)``."""
        self._send("POST", "faults", {"kind": kind, **details})

    def clear_faults(self) -> None:
        self._send("DELETE", "faults")

    def switch(self, **switches: Any) -> None:
        """Turn switches, e.g. ``switch(daily_limit=2, unknown_hosts=["x@example.jp"])``."""
        self._send("POST", "switches", switches)

    def revoke_tokens(self) -> None:
        """Have every token given so far stop; new ones are to be had."""
        self._send("DELETE", "tokens")

    def change_by_hand(self, meeting_id: int, **changes: Any) -> None:
        """Have the host change the meeting at Zoom's own pages, e.g. ``change_by_hand(number, settings={"waiting_room": False})``."""
        self._send("PATCH", f"meetings/{meeting_id}", changes)

    def delete_by_hand(self, meeting_id: int) -> None:
        """Have the host delete the meeting at Zoom's own pages."""
        self._send("DELETE", f"meetings/{meeting_id}")

    def reset(self) -> None:
        self._send("POST", "reset")

    def meetings(self) -> list[dict[str, Any]]:
        """Every meeting ever made, deleted ones too (``deleted``)."""
        return self._send("GET", "meetings").json()

    def standing(self) -> list[dict[str, Any]]:
        """The meetings that have not been deleted."""
        return [meeting for meeting in self.meetings() if not meeting["deleted"]]

    def messages(self) -> list[dict[str, Any]]:
        """The messages sent about the rooms (content, answers), in the order in which they were written."""
        return self._send("GET", "messages").json()

    def challenge(self) -> None:
        """Have the address of the messages prove that it knows the secret; fails where it does not."""
        self._send("POST", "challenge")

    def calls(self, operation: str | None = None) -> list[dict[str, Any]]:
        """The latest API calls (operation, method, path, status, query, request, response), all or those of one operation."""
        return self._send("GET", f"calls?operation={operation}" if operation else "calls").json()

    def tally(self) -> dict[str, dict[str, int]]:
        """By operation: how many calls there ever were ("calls"), how they were answered ("201"), what trouble they met ("outage")."""
        return self._send("GET", "tally").json()

    def _send(self, method: str, path: str, content: dict[str, Any] | None = None) -> requests.Response:
        response = requests.request(method, f"{self.url}/_control/{path}", json=content, timeout=PATIENCE_SECONDS)
        response.raise_for_status()
        return response


@dataclass(frozen=True)
class SimulatorHandle:
    """A running simulator: its address and its switches."""

    url: str
    control: Control

    def config(self, timeout_seconds: int = 10) -> ZoomConfig:
        """What the portal needs to know to take this simulator for Zoom."""
        return ZoomConfig(
            account_id="test-account",
            client_id="test-client",
            client_secret=SECRET,
            api_url=f"{self.url}/v2",
            token_url=f"{self.url}/oauth/token",
            timeout_seconds=timeout_seconds,
        )


class SimulatorProgram:
    """The simulator as a process of its own, which may be killed and started again at the same address with what it knew."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    @property
    def handle(self) -> SimulatorHandle:
        return SimulatorHandle(self.url, Control(self.url))

    def start(self) -> SimulatorHandle:
        """Start it, the first time on a free port."""
        port = self.url.rpartition(":")[2] or "0"
        command = [sys.executable, "-m", "toyooka_hw.demo.simulator", "--port", port, "--data-dir", str(self._data_dir)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout
        announced = re.search(r"http://\S+", self._process.stdout.readline())
        assert announced
        if not self.url:
            shared_tokens.cache_clear()
        self.url = announced[0]
        return self.handle

    def stop(self, how: signal.Signals = signal.SIGKILL) -> int:
        """Stop it; what it ended with."""
        assert self._process
        with self._process as process:
            process.send_signal(how)
            return process.wait(timeout=PATIENCE_SECONDS)


@contextmanager
def simulator_program(data_dir: Path) -> Iterator[SimulatorProgram]:
    """Run the simulator as a process as long as the block lasts."""
    program = SimulatorProgram(data_dir)
    program.start()
    try:
        yield program
    finally:
        program.stop()


@contextmanager
def running_simulator(data_dir: Path | None = None, port: int = 0) -> Iterator[SimulatorHandle]:
    """Run the simulator as long as the block lasts. With a folder it finds there what an earlier run left."""
    app = create_app(data_dir / "zoom.json" if data_dir else None)
    server = make_simulator_server(app, port)
    shared_tokens.cache_clear()  # a port may come round again; this process would show the new world a token of the old one
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    control = Control(url)
    try:
        yield SimulatorHandle(url, control)
    finally:
        control.clear_faults()  # delayed answers would hold their threads
        server.shutdown()
        server.server_close()
        thread.join()
        app.extensions["world"].messenger.close()
