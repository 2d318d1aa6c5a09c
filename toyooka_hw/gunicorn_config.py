"""gunicorn in production: ``gunicorn toyooka_hw.wsgi --config python:toyooka_hw.gunicorn_config --bind …``.

Not ``python -m gunicorn``: started so, it cannot start its next generation (SIGUSR2) for an upgrade. How many processes is said by WEB_CONCURRENCY, which gunicorn reads itself.
"""

import os
import shutil
import tempfile
from typing import Any

from toyooka_hw.settings import LOGGING

# The counts of all processes lie here, those of the next generation (SIGUSR2) too.
COUNTS = "PROMETHEUS_MULTIPROC_DIR"
if COUNTS not in os.environ:
    os.environ[COUNTS] = tempfile.mkdtemp(prefix="toyooka-metrics-")

worker_class = "gthread"
threads = 4
timeout = 60  # seconds: longer than the longest wait for a lock or a connection
graceful_timeout = 30  # seconds a request that was begun may take after SIGTERM
keepalive = 5
control_socket_disable = True  # it would be a Unix socket in the user's home
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


def child_exit(server: Any, worker: Any) -> None:
    """What only a living process can say is no longer said for this one; what it counted stays."""
    from prometheus_client import multiprocess  # noqa: PLC0415 - where it is loaded before the folder is named, it counts in memory only

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Take the counts away, unless another generation goes on with them."""
    if not (server.reexec_pid or server.master_pid):
        shutil.rmtree(os.environ[COUNTS], ignore_errors=True)
