"""The simulator as a program: it starts, stops at once, and finds at the next start what it knew."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from booking.video.port import MeetingSpec
from booking.video.zoom import ZoomMeetings
from tests.simulator import PATIENCE_SECONDS, Control, SimulatorHandle

ROOT = Path(__file__).resolve().parents[3]
SPEC = MeetingSpec("sato@zoom.example.jp", "相談", datetime(2031, 1, 14, 1, 0, tzinfo=UTC), 30, "8f14e45fceea", "Kq7mZ2xw9A")


@contextmanager
def program(data_dir: Path) -> Iterator[tuple["subprocess.Popen[str]", SimulatorHandle]]:
    command = [sys.executable, "-m", "toyooka_hw.demo.simulator", "--port", "0", "--data-dir", str(data_dir)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        announced = re.search(r"http://\S+", process.stdout.readline())
        assert announced
        try:
            yield process, SimulatorHandle(announced[0], Control(announced[0]))
        finally:
            process.kill()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_second_start_finds_what_the_first_knew(tmp_path: Path, stop: signal.Signals) -> None:
    data_dir = tmp_path / "データ 1"
    with program(data_dir) as (process, simulator):
        made = ZoomMeetings(simulator.config()).create(SPEC)
        process.send_signal(stop)
        assert process.wait(timeout=PATIENCE_SECONDS) == (-stop if stop == signal.SIGKILL else 0)

    with program(data_dir) as (_, simulator):
        again = ZoomMeetings(simulator.config()).get(made.meeting_id)

    assert replace(again, join_url="") == replace(made, join_url="")  # the address carries the port
    assert (data_dir / "zoom.json").stat().st_mode & 0o077 == 0
