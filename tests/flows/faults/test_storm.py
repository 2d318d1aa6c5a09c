"""People book while one trouble after the other strikes, by a seed that is printed: in the end nothing is lost and nothing is there twice.

``--fault-bookings 500 --fault-seed N --fault-report FILE`` is the whole; what came of it is kept in docs/proofs.
"""

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from booking.models import Booking
from tests.flows.faults.invariants import Ledger
from tests.flows.faults.people import Desk, Witness
from tests.flows.faults.report import written
from tests.flows.faults.storm import Storm
from tests.flows.faults.town import Town

pytestmark = pytest.mark.flow


def test_nothing_is_lost_and_nothing_is_there_twice(
    town: Town, desk: Desk, witness: Witness, fault_seed: int, request: pytest.FixtureRequest
) -> None:
    people: int = request.config.getoption("fault_bookings")
    storm = Storm(town, desk, Random(fault_seed), people, witness)
    storm.rage()
    town.calm()
    town.time_passes(timedelta(minutes=20))  # Zoom's lists have caught up, and are believed
    town.calm()
    ledger = Ledger(town, windows=storm.windows())
    found = ledger.findings()
    report = written(storm, found, seed=fault_seed)
    print("\n" + report)
    if file := request.config.getoption("fault_report"):
        Path(file).write_text(report)
    assert (found.wrong, storm.unkind()) == ([], [])
    assert Booking.objects.count() == people
