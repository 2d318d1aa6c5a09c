"""Merging people who registered for seminars: places stay, whoever reads of them is the survivor, and nobody has two places in one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from booking.models import Registration
from booking.operations.merging import RegisteredTwice, merge
from booking.operations.reminders import remind_of_seminars
from booking.operations.seminars import giving, people, seats
from booking.operations.seminars.seats import AlreadyRegistered, RemovedBefore
from booking.queries import open_registration_of, unreached
from tests.cast import MORNING, Office
from tests.employers import make_contact
from tests.seminars import STARTS, drawn_up, guest, press, published, register, seats_of, terms
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
WHY = "窓口で本人に確認"
HOUR = timedelta(hours=1)


def join(loser: Person, survivor: Person, office: Office) -> Person:
    merge(loser.pk, survivor.pk, by=office.staff, now=MORNING, reason=WHY)
    survivor.refresh_from_db()
    return survivor


def typed_by_staff(number: int, email: str = "", phone: str = "+819011112222") -> Person:
    """A row whose mailbox nobody has proven."""
    return Person.objects.create(full_name=f"参加 {number}", email=email, stated_phone=phone, created_at=MORNING)


def told_to(address: str) -> list[str]:
    """What was written to this mailbox, without the office's name."""
    mails = OutgoingMail.objects.filter(to=address).order_by("pk")
    return [mail.subject.partition("】")[2].partition("（")[0] for mail in mails]


def test_place_stays_with_its_number_and_the_survivor_is_told_from_then_on(office: Office) -> None:
    """The loser's own mailbox, which nobody has proven, is dropped by the merge: no mail about the place may fall with it."""
    seminar = published(office)
    loser, survivor = typed_by_staff(1, "typed@example.jp"), guest(2)
    row = register(seminar, loser)
    join(loser, survivor, office)
    assert open_registration_of(survivor.pk, seminar.pk) == row
    giving.suspend(seminar.pk, press(office), reason="停電のため")
    giving.resume(seminar.pk, press(office))
    remind_of_seminars(now=STARTS - HOUR, wall=STARTS - HOUR)
    assert told_to("guest2@example.jp") == ["一時中止のお知らせ", "再開のお知らせ", "まもなく開始します"]
    assert told_to("typed@example.jp") == ["参加が確定しました"]
    assert "参加 2 様" in OutgoingMail.objects.latest("pk").body


def test_waiting_person_who_was_merged_is_offered_the_seat(office: Office) -> None:
    seminar = published(office, capacity=1)
    first, loser, survivor = guest(1), typed_by_staff(2, "typed@example.jp"), guest(3)
    seated, _waiting = register(seminar, first), register(seminar, loser)
    join(loser, survivor, office)
    seats.withdraw(seated.pk, now=MORNING, wall=MORNING)
    assert (seats_of(seminar), told_to("guest3@example.jp")) == (["withdrawn", "offered"], ["席が空きました。お返事ください"])


def test_survivor_without_an_address_is_phoned_at_their_own_number(office: Office) -> None:
    seminar = published(office)
    loser, survivor = guest(1, phone="+819033334444"), typed_by_staff(2)
    register(seminar, loser)
    Person.objects.filter(pk=loser.pk).update(email_proven_at=None)
    join(loser, survivor, office)
    Person.objects.filter(pk=survivor.pk).update(email="")
    assert [person.phone for _number, person in unreached(seminar, now=MORNING)] == ["+819011112222"]


@pytest.mark.parametrize("seat", ["seated", "waiting"])
def test_two_places_in_one_seminar_stand_in_the_way(office: Office, seat: str) -> None:
    """A merge must not leave one person with two seats; staff give one back, and then it goes."""
    seminar = published(office, capacity=2 if seat == "seated" else 1)
    one, other = guest(1), guest(2)
    register(seminar, one)
    second = register(seminar, other)
    assert second.seat == seat
    with pytest.raises(RegisteredTwice) as caught:
        join(other, one, office)
    assert (caught.value.registration, Person.objects.filter(merged_into=None).count()) == (second, 2)
    seats.withdraw(second.pk, now=MORNING, wall=MORNING, by=office.staff)
    join(other, one, office)
    assert Person.objects.get(pk=other.pk).merged_into == one


def test_places_in_two_seminars_both_stay(office: Office) -> None:
    one, other = guest(1), guest(2)
    kept = register(published(office), one)
    moved = register(published(office, starts_at=STARTS + HOUR, ends_at=STARTS + 2 * HOUR), other)
    join(other, one, office)
    assert [open_registration_of(one.pk, row.seminar_id) for row in (kept, moved)] == [kept, moved]


def test_seminar_that_is_over_keeps_nobody_apart(office: Office) -> None:
    seminar = published(office)
    one, other = guest(1), guest(2)
    for person in (one, other):
        register(seminar, person)
    giving.cancel(seminar.pk, press(office), reason="講師の都合により")
    join(other, one, office)
    assert Person.objects.get(pk=other.pk).merged_into == one


def test_third_row_merged_before_counts_as_well(office: Office) -> None:
    """A place of a row that was merged into the loser is the loser's."""
    seminar = published(office)
    first, loser, survivor = guest(1), guest(2), guest(3)
    register(seminar, first)
    register(seminar, survivor)
    join(first, loser, office)
    with pytest.raises(RegisteredTwice):
        join(loser, survivor, office)


def test_whoever_was_shut_out_stays_so_after_the_merge(office: Office) -> None:
    """S8-2: another row is no way back in."""
    seminar = published(office)
    one, other = guest(1), guest(2)
    row = register(seminar, other)
    people.remove(row.pk, clause=4, reason="勧誘", by=office.staff, now=MORNING, wall=MORNING)
    join(other, one, office)
    with pytest.raises(RemovedBefore):
        register(seminar, one)


def test_survivor_does_not_register_beside_the_losers_place(office: Office) -> None:
    seminar = published(office)
    one, other = guest(1), guest(2)
    row = register(seminar, other)
    join(other, one, office)
    with pytest.raises(AlreadyRegistered) as caught:
        register(seminar, one)
    assert (caught.value.registration, seats_of(seminar)) == (row, ["seated"])


def test_contact_of_a_tour_who_was_merged_reads_once_at_the_mailbox_that_stayed(office: Office) -> None:
    terms()
    seminar = drawn_up(office, kind="company_tour")
    loser, survivor = make_contact(office), make_contact(office, email="second@example.jp")
    for contact in (loser, survivor):
        people.add_partner(seminar.pk, contact, by=office.staff, now=MORNING, wall=MORNING)
    join(loser, survivor, office)
    giving.publish(seminar.pk, press(office))
    assert (told_to("second@example.jp"), told_to(loser.email)) == (["催しのご案内"], [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(4))
def test_registering_and_merging_at_once_leave_one_place(office: Office, round_: int) -> None:
    """Whichever is first: the other is refused, or finds the place that there is."""
    seminar = published(office)
    one, other = guest(1), guest(2)
    register(seminar, other)
    gate = Barrier(2)

    def at_once(act: Callable[[], object]) -> str:
        gate.wait(timeout=PATIENCE_SECONDS)
        try:
            act()
        except (RegisteredTwice, AlreadyRegistered) as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(at_once, (lambda: register(seminar, one), lambda: join(other, one, office))))
    merged = Person.objects.filter(merged_into=one).exists()
    places = Registration.objects.filter(seminar=seminar, seat="seated").count()
    assert (merged, places, told) in [(True, 1, ["AlreadyRegistered", "done"]), (False, 2, ["done", "RegisteredTwice"])]
