"""The portal under gunicorn beside bare Django pages in the same server: CPU time, memory, bytes and plans, at as many past bookings as wished."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import pytest
from django.test import Client

from booking.models import Booking, Counsellor, PolicyValue
from booking.queries import free_starts
from booking.rules.calendar import Calendar, tokyo_date
from booking.rules.policy import Policy
from booking.rules.slots import ANYBODY, starts_on
from consent.models import TermsVersion
from tests.bench.phones import Phone, apply
from tests.bench.replay import Step, write_down
from tests.bench.report import Figures, write
from tests.bench.server import FLOW, Cost, Served, serving
from tests.booking.year import more_counsellors
from tests.cast import Office
from tests.explained import asked_by, plan_of
from tests.first_load import FirstLoad, first_load
from tests.flows.at_work import BOOKINGS, REGISTERED
from tests.past import coming_bookings, past_bookings
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person, User

COUNSELLORS = 8
LATER = datetime(2026, 2, 1, tzinfo=UTC)  # than the cast's own policy
FAR_OFF = datetime(2100, 1, 4, 1, tzinfo=UTC)  # where bare requests are in nobody's way
WRITES = ("request POST", "bare request POST", "staff's confirm POST", "bare confirm POST", "whole application (13 requests)")
LOOKS = 8  # at each page in a round, so that the slowest twentieth is more than one or two of them
WARM = 20  # requests, so that both workers have loaded what they need


@pytest.fixture
def sizes(request: pytest.FixtureRequest) -> list[int]:
    """How many past bookings there are, one size after the other."""
    return sorted(request.config.getoption("past") or [1_000])


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    asked: int = request.config.getoption("bench_rounds")
    return asked


@pytest.fixture
def big_office(transactional_db: None, office: Office) -> Office:
    """Eight counsellors and as many places at each start, by the real clock: a production's clock cannot be set."""
    more_counsellors(COUNSELLORS - 2)
    PolicyValue.objects.create(
        key="capacity_per_start", value=str(COUNSELLORS), holds_from=LATER, set_at=LATER, set_by=office.staff, reason="試験"
    )
    fill_the_coming_weeks(office.version)
    return office


def fill_the_coming_weeks(version: TermsVersion) -> None:
    """Of the places of each start, none to all are taken, so that every mark of the grid occurs."""
    today = tokyo_date(clock.now())
    days = Calendar().open_days(today, today + timedelta(days=Policy().horizon_days))
    starts = [start for day in days for start in starts_on(day, Policy())]
    counsellors = list(Counsellor.objects.order_by("pk"))
    taken = [(each, start) for n, start in enumerate(starts) for each in counsellors[: n * 3 % (COUNSELLORS + 1)]]
    coming_bookings([(-n, each, start) for n, (each, start) in enumerate(taken, start=1)], version=version)


def test_portal_beside_a_bare_django(  # noqa: PLR0917 - pytest passes fixtures by name
    big_office: Office,
    sizes: list[int],
    rounds: int,
    staff_client: Callable[[User], Client],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    desk = staff_client(big_office.staff).cookies["sessionid"].value
    steps = write_down(free_starts(ANYBODY, now=clock.now())[-1], tmp_path / FLOW)
    figures, there = Figures(), 0
    with serving(tmp_path) as served:
        figures.started(served)
        for size in sizes:
            past_bookings(there, size - there, before=tokyo_date(clock.now()), version=big_office.version, whole=True)
            explain_slot_page(figures, size)
            measure_slot_page(figures, size, served, rounds)
            measure_writes(figures, size, served, rounds, desk)
            measure_bare_flow(figures, size, served, rounds, steps)
            there = size
        figures.first_load(load_of(served))
        figures.memory(served.memory())
    write(figures, request.config.getoption("bench_report"))


def explain_slot_page(figures: Figures, size: int) -> None:
    plans = [plan_of(*query) for query in asked_by(lambda: Client().get("/slots/"))]
    figures.plans(size, plans)


def measure_slot_page(figures: Figures, size: int, served: Served, rounds: int) -> None:
    """By turns, and each answer's cost by itself: first as it is kept, then anew; a page that is drawn anew would take away what is kept."""
    kept = {"slot page": "/slots/", "bare slot page": "/bare/slots/", "plain page of 20 KB": "/bare/plain/"}
    anew = {"slot page drawn anew": "/anew/slots/", "bare slot page drawn anew": "/anew/bare/slots/"}
    for pages in (kept, anew):
        by_turns(figures, size, served, rounds, pages)


def by_turns(figures: Figures, size: int, served: Served, rounds: int, pages: dict[str, str]) -> None:
    phone = Phone(served)
    for address in pages.values():
        for _ in range(WARM):
            assert phone.get(address).status_code == 200
    for _ in range(rounds * LOOKS):
        for name, address in pages.items():
            begun, before = perf_counter(), served.spent()
            page = phone.get(address)
            waited = perf_counter() - begun
            figures.add(size, name, served.spent() - before, waited)
            figures.bytes[name] = len(page.content)


def measure_writes(figures: Figures, size: int, served: Served, rounds: int, desk: str) -> None:
    """Whole applications, each confirmed by staff, and after each the bare transactions that write the same."""
    first = Booking.objects.latest("pk").pk
    starts = free_starts(ANYBODY, now=clock.now())
    people = Person.objects.filter(email__startswith="past-").exclude(bookings__state="confirmed").order_by("pk")
    for n, person in enumerate(people.values_list("pk", flat=True)[: rounds + 1]):
        flow = apply(served, first + n, starts[n * 7 % len(starts)])
        confirmed = confirm(served, desk, flow.booking)
        bare = bare_writes(served, flow.booking, person, FAR_OFF + timedelta(minutes=30 * (first + n)))
        if n:  # the first of each loads what the others find loaded
            costs = dict(zip(WRITES, (flow.request, bare[0], confirmed, bare[1], flow.whole), strict=True))
            for name, cost in costs.items():
                figures.add(size, name, cost)


def measure_bare_flow(figures: Figures, size: int, served: Served, rounds: int, steps: list[Step]) -> None:
    """The thirteen requests one after the other, as the portal's are."""
    phone = Phone(served)
    for n in range(rounds + 1):
        before = served.spent()
        for number, step in enumerate(steps):
            address = f"/bare/step/{number}/"
            status = phone.get(address).status_code if step.method == "GET" else phone.send(address, {})
            assert status == 200, f"{step.method} {step.path}: {status}"
        if n:
            figures.add(size, "bare whole application", served.spent() - before)


def confirm(served: Served, desk: str, booking: Booking) -> Cost:
    """Staff press 予約を確定する; the page with the button is opened before and not counted."""
    browser = Phone(served, **{"__Host-sessionid": desk})
    page = browser.get(f"{BOOKINGS}{booking.pk}/act/confirm/")
    return cost_of(served, lambda: browser.press(page, **REGISTERED))


def bare_writes(served: Served, like: Booking, person: int, start: datetime) -> tuple[Cost, Cost]:
    phone = Phone(served)
    asked = cost_of(served, lambda: phone.send("/bare/request/", {"like": like.pk, "person": person, "start": start.isoformat()}))
    made = Booking.objects.get(applicant=person, starts_at=start)
    return asked, cost_of(served, lambda: phone.send("/bare/confirm/", {"like": like.pk, "booking": made.pk}))


def cost_of(served: Served, press: Callable[[], int]) -> Cost:
    before = served.spent()
    assert press() == 302
    return served.spent() - before


def load_of(served: Served) -> FirstLoad:
    """As bytes travel: compressed where the server does that."""
    phone = Phone(served)

    def size(address: str) -> int:
        answer = phone.session.get(served.address + address, stream=True, timeout=60)
        return len(answer.raw.read(decode_content=False))

    return first_load("/slots/", lambda address: phone.get(address).content, size)
