"""Many meetings at once: the account's pace and the hosts' days are kept to, and no refusal of Zoom's is fatal.

``--meetings 300 -s`` is the office's whole month, and prints what docs/proofs keeps; Zoom's real limits (plan Pro) are on in the simulator.
"""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from booking.models import Booking, HostDay, Meeting, ZoomHost
from booking.models.bookings import State
from booking.operations import meetings
from booking.rules.quota import CALLS_A_DAY, goes_on_at, zoom_day
from tests.cast import MORNING, SESSION, Office
from tests.simulator import SimulatorHandle
from toyooka_hw.accounts.models import Person

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]

WORKERS = 8
PRO = {"Light": 30, "Medium": 20}
PLENTY = 90  # of a host's hundred calls


@pytest.fixture
def pro(zoom: SimulatorHandle, settings: Settings) -> SimulatorHandle:
    settings.ZOOM_PLAN = "pro"
    zoom.control.switch(per_second=PRO, daily_limit=CALLS_A_DAY)
    return zoom


def confirmed_bookings(office: Office, hosts: list[ZoomHost], count: int) -> None:
    """So many sessions with a meeting wanted, one after the other on each host."""
    people = Person.objects.bulk_create(Person(full_name=f"試験 {number}", created_at=MORNING) for number in range(count))
    rows = Booking.objects.bulk_create(_booking(office, person, hosts, number) for number, person in enumerate(people))
    for booking in rows:
        meetings.want_meeting(booking, wall=MORNING)


def _booking(office: Office, person: Person, hosts: list[ZoomHost], number: int) -> Booking:
    start = SESSION + timedelta(minutes=30) * (number // len(hosts))
    return Booking(
        number=f"{number:04}-0000",
        state=State.CONFIRMED,
        source="web",
        applicant=person,
        starts_at=start,
        ends_at=start + timedelta(minutes=30),
        counsellor=office.sato,
        host=hosts[number % len(hosts)],
        requested_at=MORNING,
        answer_by=SESSION,
        confirm_limit=SESSION,
        confirmed_at=MORNING,
    )


def work(due: Iterable[int], wall: datetime) -> None:
    """As many workers as there are look at these meetings at once."""

    def ensure(pk: int) -> None:
        try:
            meetings.ensure_meeting(pk, now=MORNING, wall=wall)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(ensure, due))


def drain(wall: datetime, until: datetime) -> datetime:
    """Work until nothing is due before ``until``; the clock goes on to the next try by itself."""
    while due := list(Meeting.objects.due(wall).values_list("pk", flat=True)):
        work(due, wall)
        following = Meeting.objects.filter(outbox_state="wanted").order_by("next_try_at").values_list("next_try_at", flat=True).first()
        if following is None or following >= until:
            return wall
        wall = max(following, wall)
    return wall


def states() -> Counter[tuple[str, str]]:
    return Counter(Meeting.objects.values_list("outbox_state", "trouble"))


def refusals(zoom: SimulatorHandle) -> int:
    return sum(answers.get("429", 0) for answers in zoom.control.tally().values())


def report(what: str, zoom: SimulatorHandle) -> None:
    """What the option ``-s`` shows, and docs/proofs keeps: how Zoom answered."""
    told = "; ".join(f"{operation} {_in_words(answers)}" for operation, answers in zoom.control.tally().items())
    print(f"\n{what}: {len(zoom.control.standing())} stand, {refusals(zoom)} calls refused by Zoom\n   answers: {told}")


def _in_words(answers: dict[str, int]) -> str:
    return ", ".join(f"{status} {times}" for status, times in sorted(answers.items()) if status.isdecimal())


def test_queue_drains_at_the_accounts_pace(office: Office, pro: SimulatorHandle, pytestconfig: pytest.Config) -> None:
    count = pytestconfig.getoption("meetings")
    needed = -(-count // PLENTY)
    hosts = [ZoomHost.objects.create(email=f"host{number}@zoom.example.jp", name=f"ライセンス {number}") for number in range(needed)]
    confirmed_bookings(office, hosts, count)
    drain(MORNING, goes_on_at(MORNING))
    report(f"{count} meetings on {needed} hosts, at the plan's own pace", pro)
    assert (states(), len(pro.control.standing())) == (Counter({("done", ""): count}), count)


def test_queue_at_a_pace_that_zoom_does_not_allow_still_drains(office: Office, pro: SimulatorHandle, settings: Settings) -> None:
    """The negative control of the pace: Zoom refuses many calls, and none of the refusals is fatal or makes a meeting twice."""
    settings.ZOOM_PLAN = "business"
    pro.control.switch(per_second={"Light": 30, "Medium": 5})
    confirmed_bookings(office, [office.sato.default_host], 24)
    drain(MORNING, goes_on_at(MORNING))
    report("24 meetings on one host, at a pace that the plan does not allow", pro)
    assert refusals(pro) > 0
    assert (states(), len(pro.control.standing())) == (Counter({("done", ""): 24}), 24)


def test_spent_day_stops_one_host_until_nine(office: Office, pro: SimulatorHandle) -> None:
    host = office.sato.default_host
    confirmed_bookings(office, [host], 8)
    HostDay.objects.create(host_email=host.email, day=zoom_day(MORNING), calls=CALLS_A_DAY - 3)
    drain(MORNING, goes_on_at(MORNING))
    assert states() == Counter({("done", ""): 3, ("wanted", "quota"): 5})
    assert set(Meeting.objects.filter(outbox_state="wanted").values_list("next_try_at", flat=True)) == {goes_on_at(MORNING)}
    drain(goes_on_at(MORNING), goes_on_at(MORNING) + timedelta(hours=1))
    report("8 meetings on a host with 3 calls left, 5 of them after nine", pro)
    assert (states(), refusals(pro), len(pro.control.standing())) == (Counter({("done", ""): 8}), 0, 8)
