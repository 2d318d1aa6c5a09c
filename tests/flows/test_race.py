"""Many people, one place (architecture §5): exactly one request, all others told kindly. With the guard off, it must fail."""

from collections import Counter

import pytest
from django.db import connection

from booking.models import Booking, Hold
from booking.operations.calendar import set_policy
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import MORNING, SESSION, Office, make_person
from tests.flows.racing import race

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
PROCESSES = 4


@pytest.fixture
def crowd(office: Office, request: pytest.FixtureRequest) -> list[int]:
    people = [make_person(f"競争 {place}", f"racer{place}@example.jp") for place in range(request.config.getoption("--racers"))]
    for person in people:
        agree(person, Shown(office.version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    return [person.pk for person in people]


def test_one_place_goes_to_one_person(office: Office, crowd: list[int]) -> None:
    set_policy("capacity_per_start", "1", by=office.staff, reason="試験", now=MORNING)
    told = race(crowd, SESSION, MORNING, office.version.pk, processes=PROCESSES)
    assert Counter(told) == {"taken": 1, "SlotRefused": len(crowd) - 1}
    assert (Booking.objects.count(), Hold.objects.count()) == (1, 1)


def test_two_places_go_to_two_people(office: Office, crowd: list[int]) -> None:
    told = race(crowd, SESSION, MORNING, office.version.pk, processes=PROCESSES)
    assert Counter(told) == {"taken": 2, "SlotRefused": len(crowd) - 2}
    assert Hold.objects.values("counsellor").distinct().count() == 2


def test_without_the_guard_the_place_is_given_away_twice(office: Office, crowd: list[int]) -> None:
    """Negative control: no locks, no second look, no constraints – and the race is lost, so the tests above can fail."""
    set_policy("capacity_per_start", "1", by=office.staff, reason="試験", now=MORNING)
    constraints = [item for item in Hold._meta.constraints if "at_a_time" in item.name]
    with connection.schema_editor() as editor:
        for constraint in constraints:
            editor.remove_constraint(Hold, constraint)
    try:
        told = race(crowd, SESSION, MORNING, office.version.pk, processes=PROCESSES, guarded=False)
    finally:
        Hold.objects.all().delete()
        with connection.schema_editor() as editor:
            for constraint in constraints:
                editor.add_constraint(Hold, constraint)
    assert told.count("taken") > 1
