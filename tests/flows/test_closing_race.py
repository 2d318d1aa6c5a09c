"""A booking that slips in while its day is being closed is never lost under the closure; with the guard off, it is (A5)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from booking.models import Booking, Closure
from booking.operations import applications, giving_way, sessions
from booking.operations.corrections import correct
from booking.operations.giving_way import Order, Unforeseen
from booking.rules.slots import Reason, SlotRefused
from tests.cast import MORNING, SESSION, THURSDAY, Office, application
from tests.flows.test_waiting import while_another_waits
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.accounts.models import Person

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
LATER, NOON = MORNING + timedelta(hours=2), MORNING + timedelta(hours=3)


@pytest.fixture
def close(office: Office) -> Callable[[], object]:
    """Close the session's day, decided when nothing lay there."""
    nothing = Order(office.staff, {}, frozenset(), "")
    return lambda: giving_way.close_day(THURSDAY, "停電", nothing, now=NOON, wall=NOON)


@pytest.fixture
def ask(office: Office, person: Person) -> Callable[[], Booking]:
    return lambda: applications.request(person, application(office.version, SESSION), now=MORNING, wall=MORNING)


def test_request_that_comes_while_the_day_is_being_closed_is_refused(close: Callable[[], object], ask: Callable[[], Booking]) -> None:
    with while_another_waits(ask) as asking:
        close()
    refusal = asking.exception()
    assert isinstance(refusal, SlotRefused)
    assert (refusal.reasons, Booking.objects.count(), Closure.objects.count()) == ((Reason.CLOSED_DAY,), 0, 1)


def test_closing_that_comes_while_a_request_is_being_made_is_asked_again(close: Callable[[], object], ask: Callable[[], Booking]) -> None:
    with while_another_waits(close) as closing:
        ask()
    assert isinstance(closing.exception(), Unforeseen)
    assert (Booking.objects.count(), Closure.objects.count()) == (1, 0)


def test_correction_that_comes_while_the_day_is_being_closed_is_refused(
    office: Office, confirmed: Booking, close: Callable[[], object]
) -> None:
    """A session that was cancelled by mistake comes back to no closed day (0023)."""
    sessions.cancel_by_office(confirmed.pk, reason="取り違え", by=office.staff, now=LATER, wall=LATER)
    with while_another_waits(lambda: correct(confirmed.pk, "confirmed", reason="訂正", by=office.staff, now=NOON, wall=NOON)) as correcting:
        close()
    refusal = correcting.exception()
    assert isinstance(refusal, SlotRefused)
    confirmed.refresh_from_db()
    assert (refusal.reasons, confirmed.state, confirmed.holds.count()) == ((Reason.CLOSED_DAY,), "cancelled_by_office", 0)


def test_without_the_guard_the_booking_is_lost_under_the_closure(
    close: Callable[[], object], ask: Callable[[], Booking], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: no locks and no second look – and both come through."""
    from concurrent.futures import ThreadPoolExecutor

    monkeypatch.setattr(giving_way, "_frozen", lambda gap, _order, now: giving_way.concerned(gap, now=now))

    def elsewhere() -> None:
        try:
            close()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads, transaction.atomic():
        ask()
        threads.submit(elsewhere).result(timeout=PATIENCE_SECONDS)
    assert (Booking.objects.count(), Closure.objects.count()) == (1, 1)
