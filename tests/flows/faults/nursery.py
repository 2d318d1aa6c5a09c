"""``python -m tests.flows.faults.nursery``: raises workers of one deed each, and kills them at the step it is told.

Every line of input is an order, every line of output says what became of it. A worker is a fork of this process, on the portal as it is:
nothing is patched, it is only watched (``sys.settrace``), and at its n-th step it sends itself SIGKILL. A step is a statement of the code
that decides what has been done (``OURS``), reached for the first time, or a call of the network (``CALLS``), each time.
"""

import ast
import gc
import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

# what a worker has done when it dies is decided in these: the claim, what is written down, the settling
OURS = ("booking/operations/meetings/ensuring.py", "toyooka_hw/outbox.py", "toyooka_hw/mail/")
# and by these calls: before something is said or shared, and while an answer is waited for (what was said may be done already)
CALLS = {
    ("meetings/commons.py", "spend"): "about to count the call",
    ("meetings/commons.py", "keep_token"): "about to share the token",
    ("video/answers.py", "send"): "about to ask Zoom",
    ("http/client.py", "getresponse"): "waiting for Zoom's answer",
    ("smtplib.py", "connect"): "about to ring the mail server",
    ("smtplib.py", "putcmd"): "about to speak to the mail server",
    ("smtplib.py", "getreply"): "waiting for the mail server's answer",
}
DONE = 0


class Steps:
    """Counts the steps of a deed; at ``last`` the process is no more."""

    def __init__(self, last: int, told: int) -> None:
        self.last = last
        self.told = told
        self.seen: set[tuple[str, int]] = set()
        self.count = 0

    def watch(self, frame: FrameType, event: str, argument: object) -> Any:
        called, watched = kind_of(frame.f_code)
        if called:
            self._step(called)
        return self._line if watched else None

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:
        place = (frame.f_code.co_filename, frame.f_lineno)
        if event == "line" and place not in self.seen and place[1] in statements(place[0]):
            self.seen.add(place)
            self._step(f"{Path(place[0]).name}:{place[1]} {frame.f_code.co_name}")
        return self._line

    def _step(self, name: str) -> None:
        self.count += 1
        if self.count == self.last:
            os.write(self.told, name.encode())
            os.kill(os.getpid(), signal.SIGKILL)


@cache
def kind_of(code: CodeType) -> tuple[str, bool]:
    """Which call of the network this function is, if any, and whether its lines count."""
    called = (words for (file, name), words in CALLS.items() if name == code.co_name and code.co_filename.endswith(f"/{file}"))
    return next(called, ""), any(part in code.co_filename for part in OURS)


@cache
def statements(file: str) -> frozenset[int]:
    """The lines on which a statement begins."""
    return frozenset(node.lineno for node in ast.walk(ast.parse(Path(file).read_text())) if isinstance(node, ast.stmt))


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Let a worker do the deed, up to its step ``die_at`` (0: to the end). Says at which step it died, or what it brought back."""
    reading, writing = os.pipe()
    worker = os.fork()
    if not worker:
        os.close(reading)
        _work(order, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    _pid, status = os.waitpid(worker, 0)
    if os.WIFSIGNALED(status):
        return {"died_at": said, "signal": os.WTERMSIG(status)}
    return {"result": json.loads(said) if said else None, "code": os.WEXITSTATUS(status)}


def _work(order: dict[str, Any], writing: int) -> None:
    """In the fork: never returns."""
    from django.db import connections

    from toyooka_hw.demo.tie import die_with_parent

    die_with_parent(signal.SIGKILL)
    connections.settings["default"]["PORT"] = order["database_port"]
    module, _, name = order["deed"].rpartition(".")
    deed: Callable[..., Any] = getattr(importlib.import_module(module), name)
    if order.get("die_at"):
        sys.settrace(Steps(order["die_at"], writing).watch)
    result = deed(**order["arguments"])
    sys.settrace(None)
    if order.get("die_at"):
        result = "survived"
    os.write(writing, json.dumps(result).encode())
    os._exit(DONE)


def main() -> None:
    import django

    django.setup()
    from tests.flows.faults import deeds  # noqa: F401 - every fork has it
    from toyooka_hw.celery import app

    app.loader.import_default_modules()
    app.finalize()
    for module in list(sys.modules.values()):
        if any(part in (file := getattr(module, "__file__", None) or "") for part in OURS):
            statements(file)
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
