"""The portal's own programs as processes beside a test, each in a group of its own, with the log it writes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.stories import ROOT
from tests.surroundings import PATIENCE_SECONDS, wait_until


@dataclass
class Program:
    """A process of the portal, and what it writes."""

    process: subprocess.Popen[bytes]
    log: Path

    def signal(self, number: signal.Signals) -> None:
        """As an operator would; SIGKILL strikes its children too."""
        if number == signal.SIGKILL:
            os.killpg(self.process.pid, number)
        else:
            os.kill(self.process.pid, number)

    def ended(self) -> int:
        return self.process.wait(PATIENCE_SECONDS)

    def lines(self) -> list[dict[str, object]]:
        """Its log; every line must be one event."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@contextmanager
def program(log: Path, environment: Mapping[str, str], *arguments: str) -> Iterator[Program]:
    """Run a program of the environment the tests run in; nothing of it outlives the block."""
    there = {**environment, "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}"}
    with log.open("ab") as output:
        process = subprocess.Popen(arguments, cwd=ROOT, env=there, stdout=output, stderr=output, start_new_session=True)
    try:
        yield Program(process, log)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def running_worker(log: Path, environment: Mapping[str, str]) -> Iterator[Program]:
    """A worker as in production that is ready."""
    with program(log, environment, "deploy/worker") as worker:
        seen = log.stat().st_size
        wait_until(lambda: b" ready." in log.read_bytes()[seen:], what=f"the worker of {log}")
        yield worker


@contextmanager
def running_beat(log: Path, environment: Mapping[str, str]) -> Iterator[Program]:
    """A beat as in production that has begun."""
    with program(log, environment, "deploy/beat") as beat:
        wait_until(lambda: b"beat: Starting" in log.read_bytes(), what="beat")
        yield beat


@contextmanager
def running_web(log: Path, environment: Mapping[str, str], port: int, *options: str) -> Iterator[Program]:
    """gunicorn as in production, on this port of the loopback; it may not answer yet."""
    there = {**environment, "WEB_BIND": f"127.0.0.1:{port}"}
    with program(log, there, "gunicorn", "toyooka_hw.wsgi", "--config", "deploy/gunicorn.py", *options) as gunicorn:
        yield gunicorn
