"""The demo's data folder: who uses it, its secrets, and how to reach what runs on it. Only the standard library: manage.py reads this first."""

import fcntl
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toyooka_hw.demo.processes import free_port, is_free, write_secret

PROJECT = Path(__file__).resolve().parents[2]
POSTGRES, VALKEY, ZOOM, MAIL, LOGS, STATIC = "postgres", "valkey", "zoom", "mail", "logs", "static"
LOCK, RUN, SECRETS, PORTS = "lock", "run.json", "secrets.json", "ports.json"


class InUse(Exception):
    """Another demo, or a command on its data, works in this folder."""


def default_data_dir() -> Path:
    """``$DEMO_DATA_DIR``, else ``.demo`` in the project, else a folder of the user's own where the project may not be written to."""
    if named := os.environ.get("DEMO_DATA_DIR"):
        return Path(named).resolve()
    in_project = PROJECT / ".demo"
    if os.access(in_project if in_project.exists() else PROJECT, os.W_OK):
        return in_project
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state")
    if home.exists() and os.access(home, os.W_OK):
        return home / "toyooka-hw-demo"
    return Path(tempfile.gettempdir()) / f"toyooka-hw-demo-{os.geteuid()}"


@contextmanager
def locked(data_dir: Path, *, patience: float = 2) -> Iterator[None]:
    """Be the only user of the folder, which is made if need be. InUse after `patience` seconds."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / LOCK).open("a") as file:
        deadline = time.monotonic() + patience
        while not _take(file.fileno(), fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise InUse(str(data_dir))
            time.sleep(0.1)  # between two looks
        yield


def wipe(data_dir: Path) -> None:
    """Throw the demo's data away: only what a demo made, and only where a demo was. The lock must be ours."""
    if not (data_dir / SECRETS).exists():
        return
    for folder in (POSTGRES, VALKEY, ZOOM, MAIL, LOGS, STATIC):
        if (data_dir / folder).exists():
            shutil.rmtree(data_dir / folder)
    for file in (RUN, PORTS, SECRETS):
        (data_dir / file).unlink(missing_ok=True)


def base_environment(data_dir: Path) -> dict[str, str]:
    """What the portal's settings need in a demo, whether its parts run or not."""
    return {
        "DEMO": "true",
        "DEMO_DATA_DIR": str(data_dir),
        "SECRET_KEY": _secret_key(data_dir),
        "CLOCK_SOURCE": "toyooka_hw.demo.clock.now",
        "OFFICE_PHONE": os.environ.get("OFFICE_PHONE") or "0796-00-0000",
        "STATIC_ROOT": str(data_dir / STATIC),
    }


def write_run(data_dir: Path, environment: dict[str, str]) -> None:
    """Note how to reach the running demo, readable only to ourselves."""
    write_secret(data_dir / RUN, json.dumps(environment, indent=2))


def forget_run(data_dir: Path) -> None:
    (data_dir / RUN).unlink(missing_ok=True)


def demo_environment(data_dir: Path) -> dict[str, str] | None:
    """The environment of the demo that runs on this folder; None if none does.

    A demo holds the folder's lock for as long as it lives, and the system releases it however it dies.
    """
    try:
        environment: dict[str, str] = json.loads((data_dir / RUN).read_text())
        with (data_dir / LOCK).open("a") as file:
            return None if _take(file.fileno(), fcntl.LOCK_SH) else environment
    except (FileNotFoundError, PermissionError, ValueError):
        return None


def lasting_port(data_dir: Path, name: str) -> int:
    """The port this part had before if it is free, else another: addresses that were mailed stay good over a restart."""
    path = data_dir / PORTS
    ports: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    if name not in ports or not is_free(ports[name]):
        ports[name] = free_port()
        write_secret(path, json.dumps(ports))
    return ports[name]


def _take(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _secret_key(data_dir: Path) -> str:
    path = data_dir / SECRETS
    if not path.exists():
        write_secret(path, json.dumps({"SECRET_KEY": secrets.token_urlsafe(50)}))
    return str(json.loads(path.read_text())["SECRET_KEY"])
