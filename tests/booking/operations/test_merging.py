"""Merging two rows of one person: what moves, what stays, what is refused, and that nobody books past it (issue point 8, A16)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection

from booking.models import Booking
from booking.operations import applications, bookings
from booking.operations.applications import OpenBookingExists
from booking.operations.merging import LoserHasBooking, merge
from booking.queries import open_booking_of
from tests.cast import MORNING, SESSION, THURSDAY, Office, application, at, make_person
from tests.surroundings import PATIENCE_SECONDS
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import MergedAlready, MergeReasonMissing, NotMergeable, merge_people, person_of_mailbox, verify_person
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
WHY = "窓口で本人に確認"


@pytest.fixture
def other(office: Office) -> Person:
    """A second row of the same person, entered by staff without an address."""
    return Person.objects.create(full_name="豊岡 花子", stated_phone="+819012345678", created_at=MORNING)


def join(loser: Person, survivor: Person, office: Office, reason: str = WHY) -> Person:
    merge(loser.pk, survivor.pk, by=office.staff, now=MORNING, reason=reason)
    loser.refresh_from_db()
    survivor.refresh_from_db()
    return survivor


def test_loser_leads_to_the_survivor_and_the_audit_says_why(office: Office, person: Person, other: Person) -> None:
    join(other, person, office)
    entry = AuditEntry.objects.get()
    assert (other.merged_into, entry.what, entry.reason, entry.by) == (person, "利用者を統合する", WHY, office.staff)
    assert (entry.subject_pk, entry.person_pk) == (str(other.pk), person.pk)


def test_blanks_of_the_survivor_are_filled_and_nothing_is_overwritten(office: Office, person: Person, other: Person) -> None:
    Person.objects.filter(pk=other.pk).update(stated_phone="")
    survivor = join(person, other, office)
    kept = (survivor.stated_phone, survivor.job_seeker_number, survivor.email, survivor.email_proven_at)
    assert kept == ("+819012345678", "28090-1234567", "hanako@example.jp", MORNING)
    shown = AuditEntry.objects.get().changes
    assert (shown["求職番号"], shown["メールアドレス"]) == (["", "28***-****567"], ["", "h***@example.jp"])


def test_checked_phone_goes_along_with_who_checked_it(office: Office, person: Person, other: Person) -> None:
    Person.objects.filter(pk=person.pk).update(registered_phone="+819099999999", verified_at=MORNING, verified_by=office.staff)
    survivor = join(person, other, office)
    assert (survivor.registered_phone, survivor.verified_by) == ("+819099999999", office.staff)


def test_check_of_another_number_does_not_go_along(office: Office, person: Person, other: Person) -> None:
    Person.objects.filter(pk=person.pk).update(registered_phone="+819099999999", verified_at=MORNING, verified_by=office.staff)
    Person.objects.filter(pk=other.pk).update(job_seeker_number="28090-7")
    assert join(person, other, office).is_verified is False


def test_proven_mailbox_of_the_loser_leads_to_the_survivor(office: Office, person: Person) -> None:
    second = make_person(email="second@example.jp")
    join(second, person, office)
    assert person_of_mailbox("second@example.jp", now=MORNING) == person
    assert Person.objects.count() == 2


def test_unproven_mailbox_never_leads_to_the_survivor(office: Office, person: Person, other: Person) -> None:
    Person.objects.filter(pk=other.pk).update(email="typed@example.jp")
    join(other, person, office)
    stranger = person_of_mailbox("typed@example.jp", now=MORNING)
    assert (other.email, stranger in (person, other)) == ("", False)


def test_proven_mailbox_takes_the_place_of_a_typed_one(office: Office, person: Person, other: Person) -> None:
    Person.objects.filter(pk=other.pk).update(email="typed@example.jp")
    survivor = join(person, other, office)
    assert (survivor.email, survivor.email_proven_at, person.email) == ("hanako@example.jp", MORNING, "")


def test_pressed_twice_is_one_merge(office: Office, person: Person, other: Person) -> None:
    join(other, person, office)
    join(other, person, office)
    assert AuditEntry.objects.count() == 1


def test_no_chains_and_no_circles(office: Office, person: Person, other: Person) -> None:
    third = make_person(email="third@example.jp")
    join(other, third, office)
    join(third, person, office)
    other.refresh_from_db()
    assert other.merged_into == person
    for loser, survivor in ((person, third), (third, other), (person, other)):
        with pytest.raises(MergedAlready):
            join(loser, survivor, office)


def test_neither_oneself_nor_an_employer_nor_without_a_reason(office: Office, person: Person, other: Person) -> None:
    with pytest.raises(NotMergeable):
        join(person, person, office)
    with pytest.raises(MergeReasonMissing):
        join(other, person, office, reason=" ")
    Person.objects.filter(pk=other.pk).update(role="employer_contact")
    with pytest.raises(NotMergeable):
        join(other, person, office)
    assert AuditEntry.objects.count() == 0


def test_row_with_a_living_booking_has_to_stay(office: Office, requested: Booking, other: Person) -> None:
    with pytest.raises(LoserHasBooking) as refusal:
        join(requested.applicant, other, office)
    assert refusal.value.booking == requested
    join(other, requested.applicant, office)
    assert open_booking_of(requested.applicant_id, now=MORNING) == requested


def test_row_with_an_interview_to_come_has_to_stay(office: Office, interview: Booking, other: Person) -> None:
    """A18: the job seeker of an interview is told of it at their own row's mailbox."""
    seeker = interview.participants.get(role="job_seeker").person
    with pytest.raises(LoserHasBooking) as refusal:
        join(seeker, other, office)
    assert refusal.value.booking == interview


def test_number_changed_today_stays_so_when_it_passes_to_the_survivor(office: Office, other: Person) -> None:
    """C6-2-3c: nobody is called back today at a number that was replaced today, whichever row has it now."""
    loser = make_person("豊岡 花子", "hanako2@example.jp")
    for number in ("+819011110000", "+819011112222"):
        verify_person(loser, registered_phone=number, by=office.staff, now=MORNING)
    join(loser, other, office)
    other.refresh_from_db()
    assert (other.registered_phone, other.phone_changed_at) == ("+819011112222", MORNING)


def test_bookings_of_the_loser_stay_and_count_for_the_survivor(office: Office, requested: Booking, other: Person) -> None:
    loser = requested.applicant
    bookings.decline(requested.pk, reason="満員", by=office.staff, now=MORNING, wall=MORNING)
    join(loser, other, office)
    requested.refresh_from_db()
    Booking.objects.filter(pk=requested.pk).update(state="requested")
    assert (requested.applicant, open_booking_of(other.pk, now=MORNING)) == (loser, requested)


def test_whoever_still_applies_as_the_loser_applies_for_the_survivor(office: Office, person: Person, other: Person) -> None:
    join(person, other, office)
    booking = applications.request(person, application(office.version), now=MORNING, wall=MORNING)
    assert booking.applicant == other
    with pytest.raises(OpenBookingExists):
        applications.request(other, application(office.version, at(THURSDAY, 13)), now=MORNING, wall=MORNING)


def test_expired_booking_of_the_loser_does_not_come_back_beside_another(office: Office, requested: Booking, other: Person) -> None:
    loser, late = requested.applicant, at(THURSDAY, 9)
    bookings.expire_unconfirmed(now=late, wall=late)
    join(loser, other, office)
    applications.request(other, application(office.version, at(THURSDAY, 13)), now=MORNING, wall=MORNING)
    with pytest.raises(OpenBookingExists):
        bookings.reinstate(requested.pk, bookings.Decision("registered", office.staff, reason="来所"), now=MORNING, wall=MORNING)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_booking_and_merging_at_once_leave_one_open_booking(office_at_work: Office, guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the guard the losing row never ends with a living booking; without it (the control) the race is there to be lost."""
    person = make_person()
    second = make_person(email="second@example.jp")
    from consent.operations import Shown, agree
    from consent.queries import COUNSELLING

    agree(person, Shown(office_at_work.version.pk, "同意", MORNING), document=COUNSELLING, now=MORNING)
    barrier = Barrier(2)
    look = "booking.operations.merging.living_booking"
    from booking.operations import merging

    real = merging.living_booking

    def waiting(person_id: int) -> Any:
        """Between looking and merging, the other one books."""
        found = real(person_id)
        barrier.wait(timeout=PATIENCE_SECONDS)
        if not guarded:
            booked.wait(timeout=PATIENCE_SECONDS)
        return found

    from threading import Event

    booked = Event()
    monkeypatch.setattr(look, waiting)
    if not guarded:
        monkeypatch.setattr(merging, "locked_pair", lambda *_ids: None)

    def apply() -> str:
        barrier.wait(timeout=PATIENCE_SECONDS)
        try:
            return str(applications.request(person, application(office_at_work.version, SESSION), now=MORNING, wall=MORNING).applicant_id)
        finally:
            booked.set()
            connection.close()

    def unite() -> str:
        try:
            return str(merge(person.pk, second.pk, by=office_at_work.staff, now=MORNING, reason=WHY).pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        booking, merged = threads.submit(apply), threads.submit(unite)
        told = (booking.result(timeout=PATIENCE_SECONDS), merged.result(timeout=PATIENCE_SECONDS))
    assert told == ((str(second.pk), str(second.pk)) if guarded else (str(person.pk), str(second.pk)))


def test_database_refuses_a_row_merged_into_itself(person: Person) -> None:
    with pytest.raises(IntegrityError):
        Person.objects.filter(pk=person.pk).update(merged_into=person.pk)


def test_accounts_alone_merge_nothing_twice(office: Office, person: Person, other: Person) -> None:
    merge_people(other.pk, person.pk, by=office.staff, now=MORNING, reason=WHY)
    merge_people(other.pk, person.pk, by=office.staff, now=MORNING, reason=WHY)
    assert AuditEntry.objects.count() == 1
