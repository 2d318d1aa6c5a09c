"""What every gunicorn of the portal shares, in production (``deploy/gunicorn.py``) and in the demo: how it logs, and how its processes count together.

It must be the first to name the folder of the counts. A gunicorn that was started with ``python -m gunicorn`` cannot start its next generation
(SIGUSR2); one that was started by its own script can.
"""

import gc
import os
import shutil
import tempfile
from itertools import count
from typing import Any

from toyooka_hw.settings import LOGGING

# The counts of all processes lie here, those of the next generation (SIGUSR2) too.
COUNTS = "PROMETHEUS_MULTIPROC_DIR"
if COUNTS not in os.environ:
    os.environ[COUNTS] = tempfile.mkdtemp(prefix="toyooka-metrics-")

# Requests are noted by the portal itself, by view; gunicorn's own lines would carry addresses.
logconfig_dict = {
    **LOGGING,
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "ERROR", "handlers": [], "propagate": True},
    },
}


def pre_exec(server: Any) -> None:
    """The next generation begins with the environment this one began with, and goes on with the counts."""
    server.cfg.env_orig[COUNTS] = os.environ[COUNTS]


def when_ready(server: Any) -> None:
    """What was loaded before the workers part is there for good: no collection looks through it in the middle of somebody's press, or copies it."""
    gc.collect()
    gc.freeze()


def pre_fork(server: Any, worker: Any) -> None:
    """The smallest seat that no living worker has; a worker that ends leaves it to the one that takes its place."""
    taken = {other.seat for other in server.WORKERS.values()}
    worker.seat = next(seat for seat in count() if seat not in taken)


def post_fork(server: Any, worker: Any) -> None:
    """Count in the files of the seat, where the worker before left off: with files for each process they would be more with every one that ends."""
    from prometheus_client import values  # noqa: PLC0415 - where it is loaded before the folder is named, it counts in memory only

    values.ValueClass = values.MultiProcessValue(lambda: f"{server.pid}-{worker.seat}")


def on_exit(server: Any) -> None:
    """Take the counts away, unless another generation goes on with them."""
    if not (server.reexec_pid or server.master_pid):
        shutil.rmtree(os.environ[COUNTS], ignore_errors=True)
