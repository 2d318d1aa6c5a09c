"""The town of this folder's tests, which begins anew for each of them."""

from collections.abc import Iterator
from random import Random, SystemRandom

import pytest
from pytest_django import DjangoDbBlocker

from tests.discretion import Discretion, listening
from tests.flows.faults.doomed import Nursery
from tests.flows.faults.doomed import nursery as open_nursery
from tests.flows.faults.people import Desk, Witness, the_desk
from tests.flows.faults.town import Town, standing_town


@pytest.fixture(scope="package")
def standing(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    for place in (folder, folder.parent):
        place.chmod(0o711)  # as root PostgreSQL may have to run as another user
    with django_db_blocker.unblock(), standing_town(folder) as town:
        yield town


@pytest.fixture(scope="package")
def nursery(standing: Town) -> Iterator[Nursery]:
    with open_nursery(standing) as workers:
        yield workers


@pytest.fixture
def town(standing: Town) -> Town:
    """Everything there and at work, but for beat: the tests say when the sweeps look."""
    standing.begin_anew()
    return standing


@pytest.fixture
def discretion(town: Town) -> Iterator[Discretion]:
    """The logs of whatever runs the portal's code in the town, and of its database."""
    with listening(town.mailbox) as heard:
        for log in (*map(town.log, ("web", "worker", "beat", "nursery")), town.database_log):
            heard.follow(log)
        yield heard


@pytest.fixture(autouse=True)
def logs_tell_of_nobody(request: pytest.FixtureRequest) -> Iterator[None]:
    """In trouble, too: whoever dies, is cut off or tries again names no person, number, phone, mailbox, link or code."""
    heard: Discretion | None = request.getfixturevalue("discretion") if "town" in request.fixturenames else None
    yield
    if heard and not request.node.get_closest_marker("tells"):
        request.getfixturevalue("town").mend()
        assert heard.told() == []


@pytest.fixture
def witness() -> Witness:
    """Who hears what people met at the pages."""
    return Witness()


@pytest.fixture
def desk(town: Town, witness: Witness) -> Desk:
    return the_desk(town, witness)


@pytest.fixture(scope="package")
def fault_seed(request: pytest.FixtureRequest) -> int:
    """As an earlier run printed it, or another each time."""
    seed: int = request.config.getoption("fault_seed") or SystemRandom().randrange(1, 1_000_000)
    print(f"\n--fault-seed {seed}")
    return seed


@pytest.fixture
def dice(fault_seed: int, request: pytest.FixtureRequest) -> Random:
    """Those of one test."""
    return Random(f"{fault_seed} {request.node.name}")
