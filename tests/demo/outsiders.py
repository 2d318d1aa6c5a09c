"""Processes the tests start, watch and kill from outside."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.surroundings import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[2]
OF_THE_TESTS = (
    "DATABASE_",
    "REDIS_",
    "EMAIL_",
    "ZOOM_",
    "DEMO",
    "CLOCK_",
    "SECRET_KEY",
    "PORTAL_",
    "STATIC_",
    "ALLOWED_",
    "OFFICE_",
    "PYTEST",
)
AWKWARD = 'デモ の場所 \'%s"データ"'

# runs PostgreSQL in the folder given, says how it went, and stays until its input ends
STARTER = """
import json, os, sys
from pathlib import Path
import psycopg
from toyooka_hw.demo.postgres import processes_on, running_postgres
from toyooka_hw.demo.processes import PartFailed
folder = Path(sys.argv[1])
try:
    with running_postgres(folder, durable=False) as server, psycopg.connect(server.url) as connection:
        user = connection.execute("SELECT current_user").fetchone()[0]
        owner = (folder / "data").stat().st_uid
        print(json.dumps({"user": user, "owner": owner, "processes": processes_on(folder / "data")}), flush=True)
        sys.stdin.read()
except PartFailed as failure:
    print(json.dumps({"failure": str(failure)}), flush=True)
"""


def fresh_environment() -> dict[str, str]:
    """The environment of somebody who has just opened a terminal: nothing in it of the tests' own servers."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_TESTS)}


@contextmanager
def script(source: str, *arguments: object, python: str = sys.executable, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a Python program of the project's beside the test; it ends with the block, in peace if its input's end is what it waits for."""
    program = [python, "-c", source, *map(str, arguments)]
    environment = options.pop("env", fresh_environment() | {"PYTHONPATH": str(ROOT)})
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/", env=environment, **options
    ) as process:
        yield process
        process.communicate(timeout=PATIENCE_SECONDS)


def answer(process: subprocess.Popen[str]) -> Any:
    """The first line the program prints, as JSON."""
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def is_running(process: int) -> bool:
    """Whether the process exists and has not ended (one that has ended may wait to be buried)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def parents() -> Mapping[int, int]:
    """Who started whom: process → parent."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def descendants(process: int) -> list[int]:
    """Everybody below this process."""
    above = parents()

    def below(each: int) -> Sequence[int]:
        children = [child for child, parent in above.items() if parent == each]
        return [*children, *(grandchild for child in children for grandchild in below(child))]

    return list(below(process))


def command_of(process: int) -> str:
    """The command line of a process; nothing, where it has gone meanwhile."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
