"""A worker whose host's clock can be set: ``CLOCK_FILE=… celery -A tests.flows.faults.jumpy worker``. The file says how many seconds it is ahead.

Everything that Python reads of the time jumps, Celery's own too; what a process measures (``time.monotonic``) does not. Not with libfaketime,
under which ``time.sleep`` of Python 3.11 fails.
"""

import os
import threading
import time
from pathlib import Path

import time_machine
from celery.signals import worker_process_init

from toyooka_hw import clock
from toyooka_hw.celery import app

__all__ = ["app"]

LOOKS_EACH_SECOND = 20


@worker_process_init.connect
def set_the_clock(**_signal: object) -> None:
    """In each of the worker's processes."""
    threading.Thread(target=_follow, args=(Path(os.environ["CLOCK_FILE"]),), daemon=True).start()


def _follow(setting: Path) -> None:
    said = setting.with_name(f"{setting.name}.read-by-{os.getpid()}")
    hands, ahead = time_machine.travel(clock.wall(), tick=True).start(), None
    while True:
        wanted = float(setting.read_text())
        if wanted != ahead:
            hands.move_to(_real() + wanted)
            clock.wall()  # it begins to run when it is first asked
            ahead = wanted
            said.write_text(f"{ahead:.0f}")
        time.sleep(1 / LOOKS_EACH_SECOND)  # between two looks


def _real() -> float:
    seconds: float = time_machine.escape_hatch.time.time()
    return seconds
