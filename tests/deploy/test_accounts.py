"""Who reads and writes what on a machine without containers: the handbook's commands that make folders and secrets, by the accounts it names."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.deploy.handbook import commands

OWNER, PORTAL = 23001, 23002  # numbers that no account here has; the group of both is that of `portal`
ROOMS = ("srv", "var/log", "etc", "var/backups")


def _as(account: int, *command: str, typed: str = "", path: str = "/usr/bin:/bin") -> int:
    """How this ended."""
    told = subprocess.run(
        command, user=account, group=PORTAL, extra_groups=[], input=typed, text=True, env={"PATH": path}, cwd="/", check=False
    )
    return told.returncode


@pytest.fixture
def machine() -> Iterator[Path]:
    """Where the handbook's folders lie, with everything in them that it writes by hand. Not below pytest's own folder, which is root's alone."""
    if os.geteuid():
        pytest.skip("not root: no file can belong to another account here")
    with TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o711)
        (place / "bin").mkdir(0o755)
        (place / "bin" / "python").symlink_to("/usr/bin/python3")
        if _as(OWNER, "/usr/bin/env", "python3", "-c", ""):
            pytest.skip("no python3 in /usr/bin that everybody may start")
        folders, *others = (_here(block, place) for block in commands()[2])
        subprocess.run(["bash", "-e"], input=folders, text=True, check=True)
        typed = "".join(block for block in others if f"> {place}/etc" in block and "nginx" not in block)
        assert _as(OWNER, "bash", "-e", typed=typed, path=f"{place}/bin:/usr/bin:/bin") == 0
        (place / "etc-proxy" / "tls_key").touch(0o600)
        yield place


def _here(text: str, place: Path) -> str:
    for room in ROOMS:
        text = text.replace(f"/{room}/portal", f"{place}/{room.replace('/', '-')}")
    return text.replace("-o portal-owner -g portal", f"-o {OWNER} -g {PORTAL}")


def test_portal_reads_neither_the_owners_way_to_the_database_nor_the_key(machine: Path) -> None:
    secrets = [path for folder in ("etc", "etc-owner", "etc-proxy") for path in sorted((machine / folder).iterdir())]
    hidden = {account: {p.name for p in secrets if _as(account, "test", "-r", str(p))} for account in (PORTAL, OWNER)}
    assert len(secrets) > len(hidden[PORTAL])
    assert hidden == {
        PORTAL: {"database_owner_password", "database_app_password", "database_owner_url", "tls_key"},
        OWNER: {"tls_key"},
    }


def test_portal_writes_nowhere_and_the_owner_not_at_the_proxys(machine: Path) -> None:
    folders = ("srv", "etc", "etc-owner", "etc-proxy", "var-log", "var-backups")
    writes = {account: {name for name in folders if not _as(account, "test", "-w", str(machine / name))} for account in (PORTAL, OWNER)}
    assert writes == {PORTAL: set(), OWNER: {"srv", "etc", "etc-owner", "var-backups"}}


def test_secrets_are_for_nobody_else(machine: Path) -> None:
    written = [path for folder in ("etc", "etc-owner") for path in (machine / folder).iterdir()]
    assert [path.name for path in written if path.stat().st_mode & 0o007] == []
    assert {path.stat().st_uid for path in written} == {OWNER}
