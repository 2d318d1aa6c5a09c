"""Fixtures that every folder knows; they live in ``cast.py`` (who is there) and ``stories.py`` (real servers and the clock)."""

from datetime import date, timedelta
from uuid import uuid4

import hypothesis
import pytest
from pytest_django import DjangoDbBlocker, Settings

from tests.cast import accepted, confirmed, office, person, regular, requested, staff_client, waiting
from tests.employers import contact, interview
from tests.evidence import may_be_emptied
from tests.stories import office_at_work, story, surroundings, worker, zoom

__all__ = [
    "accepted",
    "confirmed",
    "contact",
    "interview",
    "office",
    "office_at_work",
    "person",
    "regular",
    "requested",
    "staff_client",
    "story",
    "surroundings",
    "waiting",
    "worker",
    "zoom",
]

# no time limits: what is slow because other tests run beside it is not wrong
hypothesis.settings.register_profile(
    "unhurried", hypothesis.settings(), deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The database of the tests, which are free to empty it."""
    with django_db_blocker.unblock():
        may_be_emptied()


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Hashing a password the careful way costs more than most tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def static_files_when_asked_for(settings: Settings) -> None:
    """Listing every static file for each test's own client took half of the suite's time."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def patient_sessions(settings: Settings) -> None:
    """Stories jump by hours and days; the tests of staff sessions set the real limits themselves."""
    settings.STAFF_IDLE = settings.STAFF_SESSION = timedelta(days=3650)


@pytest.fixture(autouse=True)
def audited_presses(settings: Settings) -> None:
    """Whatever staff press in any test, the audit must know what it changed."""
    settings.MIDDLEWARE = ["tests.audited.presses", *settings.MIDDLEWARE]


@pytest.fixture(autouse=True)
def own_counts(settings: Settings) -> None:
    """Each test counts, and keeps what it drew, for itself: the broker's server and the process outlive them all."""
    own = uuid4().hex
    counts, drawings = settings.CACHES["default"], settings.CACHES["template_fragments"]
    settings.CACHES = {"default": {**counts, "KEY_PREFIX": own}, "template_fragments": {**drawings, "LOCATION": own}}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--story-after", type=date.fromisoformat, help="let stories open in the first week after this day, not in the next")
    parser.addoption("--racers", type=int, default=24, help="how many people run for one place (default 24)")
    parser.addoption("--rounds", type=int, default=3, help="how often each race is run (default 3)")
    parser.addoption(
        "--seed",
        type=int,
        default=0,
        help="the dice of those races, as an earlier run printed it (default: another each time)",
    )
    parser.addoption("--meetings", type=int, default=30, help="how many Zoom meetings wait in one queue (default 30)")
    parser.addoption("--fault-bookings", type=int, default=10, help="how many people book while the faults strike (default 10)")
    parser.addoption(
        "--fault-seed", type=int, default=0, help="which faults, when, as an earlier run printed it (default: another each time)"
    )
    parser.addoption("--fault-report", default="", help="a file for what came of that, which is printed with -s anyway")
    parser.addoption("--bench", action="store_true", help="also take the measurements of tests/bench (print with -s)")
    parser.addoption(
        "--past",
        type=int,
        action="append",
        help="after how many past bookings the portal is measured; may be given several times (default 1000)",
    )
    parser.addoption("--bench-rounds", type=int, default=30, help="how often each thing is measured (default 30)")
    parser.addoption("--bench-report", default="", help="a file for the figures as Markdown; beside it stands the same as JSON")
