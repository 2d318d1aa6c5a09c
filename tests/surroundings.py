"""What processes beside the test need to stand on the same ground: the test's own database."""

import os
import shutil
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

PATIENCE_SECONDS = 180  # after which what has not come never will: no measure of how long anything takes, and no test is green for it


def system_program(name: str, *, otherwise: str) -> str:
    """The path of one of the system's programs. Where it is not there the test skips aloud, and fails where REQUIRE_PROGRAMS is set, as in CI."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/bin:/bin")
    if found is None and os.environ.get("REQUIRE_PROGRAMS"):
        pytest.fail(f"REQUIRE_PROGRAMS is set and there is no {name}: {otherwise}")
    return found or pytest.skip(f"no {name} on this machine: {otherwise}")


def database_url() -> str:
    """The address of the database this test runs on."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


def wait_until(met: Callable[[], object], *, what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for the outside world, by a deadline; fails naming what never came."""
    import time

    deadline = time.monotonic() + seconds
    while not met():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds:.0f} s in vain for: {what}")
        time.sleep(0.1)  # a pause between looks, not a hope: the loop ends by what is seen
