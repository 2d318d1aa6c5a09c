"""One command, everything: starts the parts, stays with them, and takes all of them down together.

Every part is tied to this process (tie.py), and what a part starts itself is tied to the part: gunicorn's workers by our configuration,
Celery's by Celery, PostgreSQL's by PostgreSQL. So a kill -9 anywhere leaves nothing running.
"""

import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from toyooka_hw.clock import wall
from toyooka_hw.demo.banner import codes_line, welcome
from toyooka_hw.demo.datadir import LOGS, STATIC, base_environment, forget_run, locked, wipe, write_run
from toyooka_hw.demo.ending import Stopped, deaf, stoppable
from toyooka_hw.demo.parts import Demo, prepare, start_portal, start_servers, start_zoom
from toyooka_hw.demo.processes import LOOPBACK, Part, PartFailed, is_free

DEFAULT_PORT = 8000
PORTS_TRIED = 100
LOOKS_PER_SECOND = 5

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What was asked for on the command line. Without a port the default one or the next free one is taken."""

    data_dir: Path
    port: int | None = None
    reset: bool = False


def run(plan: Plan, *, say: Say) -> None:
    """Run the demo until somebody stops it. InUse if one runs on this data already, PartFailed if a part does not come up or dies."""
    with stoppable(), locked(plan.data_dir), ExitStack() as stack:
        try:
            if plan.reset:
                wipe(plan.data_dir)
            demo = _start(plan, stack, say)
            _stay(demo, say)
        except Stopped:
            say("\nデモを終了しています…\n")
        finally:
            deaf()


def _start(plan: Plan, stack: ExitStack, say: Say) -> Demo:
    port = _web_port(plan.port, say)
    say("デモを準備しています…\n")
    for folder in (LOGS, STATIC):
        (plan.data_dir / folder).mkdir(exist_ok=True)
    demo = Demo(plan.data_dir, base_environment(plan.data_dir) | {"PORTAL_URL": f"http://{LOOPBACK}:{port}"}, stack)
    forget_run(plan.data_dir)
    start_servers(demo)
    start_zoom(demo)
    prepare(demo)
    start_portal(demo, port)
    stack.callback(forget_run, plan.data_dir)
    write_run(plan.data_dir, demo.environment)
    say(welcome(demo.environment, plan.data_dir))
    return demo


def _web_port(wanted: int | None, say: Say) -> int:
    """The port asked for, else the default one, else the next free one; PartFailed if the one asked for is taken."""
    if wanted is not None:
        if not is_free(wanted):
            raise PartFailed(f"ポート {wanted} は使えません（ほかのプログラムが使用中です）。--port で別の番号を指定してください。")
        return wanted
    port = next(port for port in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED) if is_free(port))
    if port != DEFAULT_PORT:
        say(f"ポート {DEFAULT_PORT} は使用中のため、{port} を使います。\n")
    return port


def _stay(demo: Demo, say: Say) -> None:
    """Watch the parts; on a terminal keep the line with the live codes fresh. PartFailed once a part has died."""
    shown = ""
    if not sys.stdout.isatty():
        say(codes_line(wall()) + "\n")
    while True:
        for part in demo.parts:
            if not part.is_alive:
                raise PartFailed(_obituary(part))
        if sys.stdout.isatty() and shown != (line := codes_line(wall())):
            shown = line
            say(f"\r{line}\x1b[K")
        time.sleep(1 / LOOKS_PER_SECOND)  # between two looks


def _obituary(part: Part) -> str:
    code = part.process.returncode
    how = f"シグナル {signal.Signals(-code).name}" if code < 0 else f"終了コード {code}"
    return f"{part.name} が止まったため（{how}）、デモ全体を終了しました。記録: {part.log}\n{part.last_words()}"
