"""Serves the simulator with threads, on the loopback by default."""

from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class QuietHandler(WSGIRequestHandler):
    """Logs a request without its query, which may hold a passcode or a host key."""

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Log method, path and status."""
        path, _, _ = self.path.partition("?")
        self.log("info", "%s %s %s", self.command, path, code)


def make_simulator_server(app: Flask, port: int, host: str = "127.0.0.1") -> BaseWSGIServer:
    """Return the server, bound but not yet serving. Port 0 takes a free one (``server_port`` tells which)."""
    return make_server(host, port, app, threaded=True, request_handler=QuietHandler)
