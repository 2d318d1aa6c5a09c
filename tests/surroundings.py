"""What processes beside the test need to stand on the same ground: the test's own database."""

import os
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

PATIENCE_SECONDS = 180  # after which what has not come never will: no measure of how long anything takes, and no test is green for it


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
