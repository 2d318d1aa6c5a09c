"""gunicorn in the demo."""

import os
import signal
from typing import Any

from toyooka_hw.demo.tie import die_with_parent
from toyooka_hw.gunicorn_config import logconfig_dict, on_exit

__all__ = ["logconfig_dict", "on_exit"]

workers = 2
threads = 4
worker_class = "gthread"
graceful_timeout = 3
control_socket_disable = True  # it would be a Unix socket in the user's home


def post_fork(server: Any, worker: Any) -> None:
    """A worker does not outlive its master, whichever way that one ends."""
    die_with_parent(signal.SIGKILL)
    if os.getppid() != server.pid:
        os._exit(0)
