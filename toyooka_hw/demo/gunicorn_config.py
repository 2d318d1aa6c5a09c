"""gunicorn in the demo: as in production, but that it ends at once and with its parent."""

import os
import signal
from typing import Any

from toyooka_hw.demo.tie import die_with_parent
from toyooka_hw.gunicorn_config import (
    child_exit,
    control_socket_disable,
    keepalive,
    logconfig_dict,
    on_exit,
    threads,
    timeout,
    worker_class,
)

__all__ = ["child_exit", "control_socket_disable", "keepalive", "logconfig_dict", "on_exit", "threads", "timeout", "worker_class"]

workers = 2
graceful_timeout = 3


def post_fork(server: Any, worker: Any) -> None:
    """A worker does not outlive its master, whichever way that one ends."""
    die_with_parent(signal.SIGKILL)
    if os.getppid() != server.pid:
        os._exit(0)
