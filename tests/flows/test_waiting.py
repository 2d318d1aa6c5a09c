"""Two at the same moment: the second waits for the first and then sees what it did (C6-1-4b, A5, A7, A16, A17)."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection, transaction

from booking.models import Booking, Closure, Seminar
from booking.models.bookings import Source
from booking.operations import applications, bookings, calendar, moving, no_contact, sessions, transitions
from booking.operations.applications import Details, Entry, Newcomer
from booking.operations.giving_way import Unforeseen
from booking.operations.moving import Change
from booking.operations.seminars import giving
from booking.operations.sessions import JoinOver
from booking.rules.slots import Reason, SlotRefused
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import MORNING, SESSION, THURSDAY, Office, application, at, away, closed, make_person
from tests.seminars import drawn_up, press, published, terms
from tests.surroundings import PATIENCE_SECONDS, wait_until
from toyooka_hw.accounts.models import Person

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]


@contextmanager
def while_another_waits(work: Callable[[], object]) -> Iterator[Future[object]]:
    """A transaction of ours that ends only once ``work``, on a connection of its own, waits for it."""

    def elsewhere() -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            waiting: Future[object] = Future()
            yield waiting
            other = threads.submit(elsewhere)
            wait_until(somebody_waits, what="the second to wait for the first")
        failed = other.exception(timeout=PATIENCE_SECONDS)
        waiting.set_exception(failed) if failed else waiting.set_result(other.result())


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # or who came after the first look is never seen in this transaction
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        row: tuple[int] = cursor.fetchone()
    return row[0] > 0


def another(office: Office) -> Person:
    two = make_person("城崎 太郎", "two@example.jp", "+819012340000")
    agree(two, Shown(office.version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    return two


def test_join_while_the_session_is_being_closed_leaves_no_stamp_on_a_closed_session(office: Office, confirmed: Booking) -> None:
    late = SESSION.replace(minute=10)
    with while_another_waits(lambda: sessions.join(confirmed.pk, confirmed.applicant_id, now=late)) as joining:
        no_contact.cancel_no_contact(confirmed.pk, by=office.staff, now=late, wall=late)
    assert isinstance(joining.exception(), JoinOver)
    assert confirmed.participants.get().first_joined_at is None


def test_request_while_its_day_is_being_closed_is_refused(office: Office, person: Person) -> None:
    with while_another_waits(lambda: applications.request(person, application(office.version), now=MORNING, wall=MORNING)) as asking:
        closed(office, THURSDAY)
    refusal = asking.exception()
    assert isinstance(refusal, SlotRefused)
    assert (refusal.reasons, Booking.objects.count()) == ((Reason.CLOSED_DAY,), 0)


def test_day_on_which_a_request_is_just_being_made_is_not_closed(office: Office, person: Person) -> None:
    with while_another_waits(lambda: closed(office, THURSDAY)) as closing:
        applications.request(person, application(office.version), now=MORNING, wall=MORNING)
    assert isinstance(closing.exception(), Unforeseen)
    assert Closure.objects.count() == 0


def test_cap_of_first_timers_counts_over_all_starts_of_the_day(office: Office, person: Person) -> None:
    """Other starts, other counsellors: only the day's own lock stands between the two."""
    calendar.set_policy("first_timers_per_day", "1", by=office.staff, reason="試験", now=MORNING)
    away(office, office.sato, at(THURSDAY, 11), at(THURSDAY, 12))
    two = another(office)
    eleven = application(office.version, at(THURSDAY, 11), phone="")
    with while_another_waits(lambda: applications.request(two, eleven, now=MORNING, wall=MORNING)) as asking:
        applications.request(person, application(office.version), now=MORNING, wall=MORNING)
    refusal = asking.exception()
    assert isinstance(refusal, SlotRefused)
    assert (refusal.reasons, Booking.objects.count()) == ((Reason.FIRST_TIMERS_FULL,), 1)


def test_seminar_for_a_proposed_time_waits_while_the_person_accepts_another(office: Office, requested: Booking) -> None:
    """Both want 田中's row: whoever answers takes it first, or the two would wait for each other, and the person meet an error page."""
    away(office, office.sato, at(THURSDAY, 11), at(THURSDAY, 12))
    starts = [at(THURSDAY, 11), at(THURSDAY, 11, 30)]
    bookings.propose(requested.pk, starts, eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)
    terms()
    seminar = drawn_up(office, counsellor=office.tanaka, host=office.tanaka.default_host, starts_at=starts[1], closes_at=starts[0])
    with while_another_waits(lambda: giving.publish(seminar.pk, press(office))) as publishing:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '10ms'")  # of two who wait for each other it is this one that ends
        bookings.accept(requested.pk, starts[0], now=MORNING, wall=MORNING)
    requested.refresh_from_db()
    publishing.result()
    assert (requested.state, requested.counsellor, Seminar.objects.get().state) == ("confirmed", office.tanaka, "published")


def test_booking_that_is_handed_over_meanwhile_is_found_with_its_new_counsellor(office: Office, confirmed: Booking) -> None:
    def look() -> object:
        with transaction.atomic():
            return transitions.locked(confirmed.pk).counsellor

    with while_another_waits(look) as looking:
        moving.reassign(confirmed.pk, Change(office.staff, "担当者の都合", counsellor=office.tanaka.pk), now=MORNING, wall=MORNING)
    assert looking.result() == office.tanaka


def test_seminar_that_two_change_at_once_is_changed_by_both(office: Office) -> None:
    """The first gives it to 田中; the second, who waited for that, takes it off again."""
    seminar = published(office)
    seminar.counsellor = office.tanaka
    with while_another_waits(lambda: giving.cancel(seminar.pk, press(office), reason="講師の都合")) as cancelling:
        giving.change(seminar, press(office))
    cancelling.result()
    assert [(line.event, line.to_state) for line in seminar.events.order_by("pk")][-2:] == [
        ("change", "published"),
        ("cancel", "cancelled"),
    ]


def test_entry_pressed_twice_at_once_is_one_booking_of_one_person(office: Office) -> None:
    shown = Shown(office.version.pk, "口頭で説明", MORNING)
    entry = Entry(SESSION, Details("但馬 太郎", no_number_yet=True), Source.PHONE, shown)

    def press() -> Booking:
        wish = replace(entry, key=UUID(int=7))
        return applications.enter(Newcomer("但馬 太郎"), wish, by=office.staff, now=MORNING, wall=MORNING)

    with while_another_waits(press) as second:
        first = press()
    assert (second.result(), Booking.objects.count(), Person.objects.count()) == (first, 1, 1)
