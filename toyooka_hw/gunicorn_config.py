"""gunicorn in production: ``gunicorn toyooka_hw.wsgi --config python:toyooka_hw.gunicorn_config --bind …``.

How many processes is said by WEB_CONCURRENCY, which gunicorn reads itself.
"""

from toyooka_hw.settings import LOGGING

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
