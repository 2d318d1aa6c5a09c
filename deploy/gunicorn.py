"""gunicorn in production, behind the proxy. The environment may say WEB_BIND, WEB_WORKERS, WEB_THREADS, TRUSTED_PROXIES."""

import os
from pathlib import Path

from toyooka_hw.gunicorn_config import logconfig_dict, on_exit, post_fork, pre_exec, pre_fork, when_ready

__all__ = ["logconfig_dict", "on_exit", "post_fork", "pre_exec", "pre_fork", "when_ready"]

bind = os.environ.get("WEB_BIND", "0.0.0.0:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))  # each keeps a database connection of its own (decision 35)
worker_class = "gthread"
preload_app = True  # a half-configured production is refused once, in words, and not by every worker in turn

timeout = 30  # seconds; nothing here waits for Zoom or a mail server
graceful_timeout = 30
max_requests, max_requests_jitter = 5000, 500
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeats belong in memory, not on a disk that may stall
control_socket_disable = True

limit_request_line = 8190  # the proxy lets 8000 through, and tells in words what is longer

# One proxy is believed, the one that the portal itself believes (toyooka_hw.proxy).
forwarded_allow_ips = os.environ.get("TRUSTED_PROXIES", "")
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}

# The proxy writes the access log, with personal links masked; the portal notes each request by its view. gunicorn keeps silent about them.
accesslog = None
