"""The slot page asks the same of the database after twenty thousand sessions as after a thousand."""

import pytest
from django.test import Client

from booking.models import Counsellor
from booking.rules.policy import Policy
from booking.rules.slots import starts_on
from tests.cast import MORNING, THURSDAY, TUESDAY, Office
from tests.explained import Plan, asked_by, plan_of
from tests.past import coming_bookings, past_bookings
from tests.visitor import at_time

pytestmark = pytest.mark.django_db
QUERIES = 4
DEEPER = 4  # pages: an index of twenty times as many rows may be a level deeper


def plans_of_the_slot_page() -> list[Plan]:
    with at_time(MORNING):
        return [plan_of(*query) for query in asked_by(lambda: Client().get("/slots/"))]


def test_slots_page_is_read_the_same_way_however_many_sessions_lie_behind(office: Office) -> None:
    sato = Counsellor.objects.get(pk=office.sato.pk)
    coming_bookings([(-n, sato, start) for n, start in enumerate(starts_on(THURSDAY, Policy()), start=1)], version=office.version)
    past_bookings(0, 1_000, before=TUESDAY, version=office.version)
    few = plans_of_the_slot_page()
    past_bookings(1_000, 19_000, before=TUESDAY, version=office.version)
    many = plans_of_the_slot_page()
    assert len(few) == QUERIES
    assert [node for plan in few for node in plan.nodes if "booking_hold" in node or "hold_by" in node] == ["Index Scan hold_by_end"]
    assert [plan.nodes for plan in many] == [plan.nodes for plan in few]
    assert [plan.rows for plan in many] == [plan.rows for plan in few]
    assert sum(plan.buffers for plan in many) <= sum(plan.buffers for plan in few) + DEEPER
