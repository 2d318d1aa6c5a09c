"""Whom PostgreSQL runs as: an ordinary user himself, root in a namespace, and in a container without namespaces the user nobody."""

import os
import site
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.demo.outsiders import AWKWARD, ROOT, STARTER, answer, is_running, script
from toyooka_hw.demo.identity import NOBODY
from toyooka_hw.demo.postgres import running_postgres

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take, and has to take, another identity")

AS_NOBODY = {
    "user": NOBODY,
    "group": NOBODY,
    "extra_groups": [],
    "env": {"PYTHONPATH": os.pathsep.join([str(ROOT), *site.getsitepackages()])},
}
OPEN_NAMESPACE = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x10000000))"
# a world of its own in which root is root but nobody may open another such world: what a plain container looks like
NO_NAMESPACES = """
import ctypes, sys
ctypes.CDLL(None).unshare(0x10000000)
print("unshared", flush=True)
sys.stdin.readline()
open("/proc/sys/user/max_user_namespaces", "w").write("0")
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own lie in a private one."""
    with tempfile.TemporaryDirectory(prefix="toyooka-test-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def python_of_nobody() -> str:
    """A Python that the user nobody may run and that finds the project's packages; that is not so everywhere."""
    for python in (sys.executable, "/usr/bin/python3"):
        if Path(python).exists() and _imports(python, **AS_NOBODY):
            return python
    pytest.skip("the user nobody can run no Python that finds the project's packages")


def _imports(python: str, **identity: Any) -> bool:
    try:
        return (
            subprocess.run([python, "-c", "import psycopg, celery"], capture_output=True, cwd="/", check=False, **identity).returncode == 0
        )
    except PermissionError:
        return False


@pytest.fixture(scope="session")
def namespaces() -> None:
    """User namespaces can be opened here (and so be forbidden)."""
    if subprocess.run([sys.executable, "-c", OPEN_NAMESPACE], check=False).returncode:
        pytest.skip("no user namespaces on this machine")


@contextmanager
def root_in_a_container(folder: Path) -> Iterator[Any]:
    """What PostgreSQL's starter answers as root where no namespace can be opened."""
    with script(NO_NAMESPACES + STARTER, folder) as root:
        assert root.stdout is not None
        assert root.stdin is not None
        assert root.stdout.readline() == "unshared\n"
        for kind in ("uid_map", "gid_map"):
            Path(f"/proc/{root.pid}/{kind}").write_text("0 0 4294967295")
        root.stdin.write("\n")
        root.stdin.flush()
        yield answer(root)


def test_ordinary_user_runs_it_himself(python_of_nobody: str, folder: Path) -> None:
    os.chown(folder, NOBODY, NOBODY)
    with script(STARTER, folder / AWKWARD, python=python_of_nobody, **AS_NOBODY) as user:
        started = answer(user)

    assert (started["user"], started["owner"]) == ("portal", NOBODY)
    assert not any(map(is_running, started["processes"]))


def test_root_keeps_the_data_where_a_namespace_gives_him_another_number(namespaces: None, private: Path) -> None:
    with running_postgres(private / "postgres", durable=False):
        assert (private / "postgres" / "data").stat().st_uid == 0


def test_root_runs_the_data_of_an_ordinary_user_as_that_user(python_of_nobody: str, folder: Path) -> None:
    os.chown(folder, NOBODY, NOBODY)
    with script(STARTER, folder / "postgres", python=python_of_nobody, **AS_NOBODY) as user:
        answer(user)

    with running_postgres(folder / "postgres", durable=False) as server:
        assert Path(f"/proc/{server.part.process.pid}").stat().st_uid == NOBODY
    assert (folder / "postgres" / "data").stat().st_uid == NOBODY


def test_root_in_a_container_hands_the_data_to_nobody_and_finds_it_again(namespaces: None, folder: Path) -> None:
    around = stat.S_IMODE(folder.parent.stat().st_mode)
    for _start in range(2):
        with root_in_a_container(folder / "postgres") as started:
            assert (started["user"], started["owner"]) == ("portal", NOBODY)
        assert not any(map(is_running, started["processes"]))
    assert stat.S_IMODE(folder.parent.stat().st_mode) == around


def test_root_in_a_container_is_told_what_to_do_where_nobody_may_not_go(namespaces: None, private: Path) -> None:
    with root_in_a_container(private / "postgres") as started:
        assert started["failure"].startswith(f"この場所ではデータベースを動かせません: {private / 'postgres'}\n")
        assert "--data-dir" in started["failure"]
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
